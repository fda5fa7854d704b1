/** Committed cells a second of the whole of proving, from the run to the bytes of the proof. */

import { prepare, prove, sizeOf } from '../src/proving.ts';
import { type ProfileName, profiles } from '../src/stark/parameters.ts';
import { type Case, type Figure, measure } from './measure.ts';
import { generator, requestOf } from './programs.ts';

export const proverCaseName = (logSteps: number, profile: ProfileName): string =>
  `2^${logSteps} steps, ${profile}`;

export async function proverBench(): Promise<Figure[]> {
  const cases = [14, 16].flatMap((logSteps) => {
    const { request } = requestOf(2 ** logSteps);
    const { trace } = prepare(generator, request, {});
    return (['P100', 'P128'] as const).map(
      (profile): Case => ({
        name: proverCaseName(logSteps, profile),
        unit: 'cells',
        amount: sizeOf(trace, profiles[profile].field.degree).cells,
        isAsync: true,
        work: async () => {
          await prove(generator, request, { profile });
        },
        options: { minSamples: 3, maxTime: 0.1 },
      }),
    );
  });
  return measure('prover', cases);
}
