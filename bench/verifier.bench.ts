/** Proofs verified a second, lowering apart. */

import { prove } from '../src/proving.ts';
import { verify } from '../src/verifier.ts';
import { type Case, type Figure, measure } from './measure.ts';
import { generator, requestOf } from './programs.ts';

export async function verifierBench(): Promise<Figure[]> {
  const cases: Case[] = [];
  for (const profile of ['P100', 'P128'] as const) {
    const { proof } = await prove(generator, requestOf(2 ** 14).request, { profile });
    cases.push({
      name: `2^14 steps, ${profile}, ${proof.length} bytes`,
      unit: 'proofs',
      amount: 1,
      isAsync: true,
      work: async () => {
        const verdict = await verify(proof, { program: generator });
        if (!verdict.ok) throw new Error(`refused: ${JSON.stringify(verdict.rejection)}`);
      },
      options: { minSamples: 8, maxTime: 4 },
    });
  }
  return measure('verifier', cases);
}
