/**
 * The kernels in units, on one thread, with their plain twins beside them, and what must not be slower than it was.
 *
 * Each figure is the time of the processor and a median; the unit is measured in the same run.
 */

import { qm31 } from '../src/stark/field/qm31.ts';
import { commitTables, hashRows } from '../src/stark/hash/merkle.ts';
import { LEAF_KEY } from '../src/stark/hash/merkle-verify.ts';
import { findNonce, GRIND_KEY } from '../src/stark/hash/transcript.ts';
import { createColumnTransforms } from '../src/stark/kernel/fft.ts';
import { createNonceSearch } from '../src/stark/kernel/grind.ts';
import { KernelMemory } from '../src/stark/kernel/memory.ts';
import { createCommitTables } from '../src/stark/kernel/merkle.ts';
import { createOpenings } from '../src/stark/kernel/openings.ts';
import { Crew } from '../src/stark/kernel/threads.ts';
import type { Layout } from '../src/stark/layout.ts';
import { openColumns } from '../src/stark/plain/openings.ts';
import { pointFromChallenge } from '../src/stark/poly/domain.ts';
import { evaluateOn, interpolateRows } from '../src/stark/poly/fft.ts';
import { type Case, type Figure, measure } from './measure.ts';
import { residues, UNIT, unitFigure } from './unit.ts';

/** Units for each butterfly, compression and opened cell: above it something has become slower. */
export const thresholds: Readonly<Record<string, number>> = {
  butterflies: 1.4,
  compressions: 75,
  cells: 3.3,
};

const noPause = async (): Promise<void> => {};

export async function kernelBench(): Promise<Figure[]> {
  const unit = await unitFigure();
  const memory = new KernelMemory();
  const crew = new Crew(memory, 1);
  const transforms = await createColumnTransforms(memory, crew);
  const commit = await createCommitTables(memory, crew);
  const open = await createOpenings(memory, crew);
  const search = await createNonceSearch(memory, crew);
  transforms.prepare(20);
  memory.begin(2 ** 29);
  const resident = (values: Uint32Array): Uint32Array => {
    const array = memory.allocateRaw(values.length);
    array.set(values);
    return array;
  };
  const cases: Case[] = [];
  for (const logSize of [12, 16, 20]) {
    const count = 2 ** Math.max(0, 19 - logSize);
    const amount = count * logSize * 2 ** (logSize - 1);
    const columns = Array.from({ length: count }, (_, k) => resident(residues(2 ** logSize, k)));
    const results = columns.map((column) => memory.allocateRaw(column.length));
    const add = (name: string, work: () => Promise<void>): void => {
      cases.push({ name, unit: 'butterflies', amount, isAsync: true, work });
    };
    add(`evaluate on 2^${logSize}, kernel`, () => {
      const jobs = columns.map((coefficients, k) => ({ coefficients, values: results[k]! }));
      return transforms.evaluateOn(jobs, noPause);
    });
    add(`interpolate 2^${logSize}, kernel`, () => transforms.interpolateInPlace(results, noPause));
    add(`interpolate 2^${logSize} rows, order included, kernel`, () => {
      const jobs = columns.map((rows, k) => ({ rows, column: results[k]! }));
      return transforms.interpolateRows(jobs, noPause);
    });
    if (logSize > 16) continue;
    add(`evaluate on 2^${logSize}, plain`, async () => {
      for (const column of columns) evaluateOn(column, logSize);
    });
    add(`interpolate 2^${logSize} rows, plain`, async () => {
      for (const column of columns) interpolateRows(column, logSize);
    });
  }

  const logHeight = 14;
  const width = 96;
  const hashed = Array.from({ length: width }, (_, k) => resident(residues(2 ** logHeight, k)));
  const table = { logHeight, columns: hashed };
  // Six blocks a leaf, one a node.
  const compressions = (width / 16) * 2 ** logHeight + 2 ** logHeight - 1;
  cases.push({
    name: `tree over ${width} columns, kernel`,
    unit: 'compressions',
    amount: compressions,
    isAsync: true,
    work: async () => {
      memory.free((await commit([table], noPause)).layers);
    },
  });
  cases.push({
    name: `leaves of ${width} words, plain`,
    unit: 'compressions',
    amount: (width / 16) * 2 ** logHeight,
    work: () => {
      hashRows(LEAF_KEY, undefined, hashed, 2 ** logHeight);
    },
  });
  // A seed of which the search is long; its length is counted first.
  const tried = findNonce(GRIND_KEY, 16) + 1;
  for (const [kind, find] of [
    ['kernel', search.findNonce],
    ['plain', findNonce],
  ] as const) {
    cases.push({
      name: `search for a nonce, ${kind}`,
      unit: 'compressions',
      amount: tried,
      work: () => find(GRIND_KEY, 16),
    });
  }

  const openings = hashed.map((_, column) => ({
    tree: 'main' as const,
    table: 0,
    column,
    point: 0 as const,
  }));
  // What an opening reads of a layout.
  const layout = { logRows: logHeight, openings } as unknown as Layout;
  const point = pointFromChallenge(qm31, Uint32Array.of(1, 2, 3, 4))!;
  for (const [kind, openAll] of [
    ['kernel', open],
    ['plain', openColumns],
  ] as const) {
    cases.push({
      name: `openings over qm31, ${kind}`,
      unit: 'cells',
      amount: width * 2 ** logHeight,
      isAsync: true,
      work: async () => {
        await openAll(qm31, layout, [point, point], ({ column }) => hashed[column]!, noPause);
      },
    });
  }
  // Comparing also says that both did the same.
  const [byKernel, plain] = [await commit([table], noPause), commitTables([table])];
  if (byKernel.root.some((word, k) => word !== plain.root[k])) throw new Error('not the twin');
  // The engine compiles a kernel once more, better, after some use, on another thread.
  for (const { work } of cases) for (let i = 0; i < 5; i++) await work();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const figures = [unit, ...(await measure('kernel', cases))];
  crew.close();
  printUnits(figures);
  return figures;
}

/** The same figures, in units. */
export function unitsOf(figures: readonly Figure[]): Record<string, number> {
  const unit = figures.find(({ name }) => name === UNIT)!.perCpuSecond;
  return Object.fromEntries(
    figures
      .filter(({ suite, name }) => suite === 'kernel' && name !== UNIT)
      .map(({ name, perCpuSecond }) => [name, unit / perCpuSecond]),
  );
}

function printUnits(figures: readonly Figure[]): void {
  const { perCpuSecond } = figures.find(({ name }) => name === UNIT)!;
  console.log(`  the unit: ${(1e9 / perCpuSecond).toFixed(3)} ns`);
  for (const [name, units] of Object.entries(unitsOf(figures))) {
    const { unit } = figures.find((figure) => figure.name === name)!;
    const isKernel = name.endsWith(', kernel') && !name.includes('order included');
    const most = isKernel ? thresholds[unit]! : Number.POSITIVE_INFINITY;
    const verdict = units <= most ? '' : `, MORE THAN ${most}`;
    console.log(`  ${name}: ${units.toFixed(2)} units for each of the ${unit}${verdict}`);
  }
}
