/**
 * The unit, and the kernels in units: one M31 multiply-add in SIMD, in cache, one core.
 *
 * Machines differ by a factor of three; what a kernel costs in units does so far less. Each figure is the
 * time of the processor and a median; the unit is measured in the same run.
 */

import { COMBINE_ROWS } from '../src/stark/combine.ts';
import { degree6 } from '../src/stark/field/degree6.ts';
import { MODULUS } from '../src/stark/field/m31.ts';
import { qm31 } from '../src/stark/field/qm31.ts';
import { hashRows } from '../src/stark/hash/merkle.ts';
import { LEAF_KEY, NODE_KEY } from '../src/stark/hash/merkle-verify.ts';
import { GRIND_KEY } from '../src/stark/hash/transcript.ts';
import { ModuleBuilder } from '../src/stark/kernel/assembler.ts';
import { chooseKernels, plainKernels } from '../src/stark/kernel/kernels.ts';
import { LaneField } from '../src/stark/kernel/lanes.ts';
import { v128 } from '../src/stark/kernel/operations.ts';
import { type Case, type Figure, measure } from './measure.ts';

/** Three arrays of 8 KiB: in the first cache. */
const LENGTH = 2 ** 11;
/** A call takes milliseconds: the processor's time is told in steps of microseconds at best. */
const REPEATS = 2 ** 12;

const UNIT = 'multiply-add, SIMD';

/** Residues of a fixed sequence. */
function residues(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
}

/** c = a * b + c for arrays of `LENGTH`. */
async function unitCase(): Promise<Case> {
  const module = new ModuleBuilder({ initial: 1, maximum: 1 });
  module.define('run', ['i32', 'i32'], (code) => {
    const [pointer, count] = [code.param(0, 'i32'), code.param(1, 'i32')];
    const field = new LaneField(code);
    const [a, b, c] = [code.local('v128'), code.local('v128'), code.local('v128')];
    code.countDown(count, 4, () => {
      code.set(a, v128.load(pointer, 0));
      code.set(b, v128.load(pointer, 4 * LENGTH));
      code.set(c, v128.load(pointer, 8 * LENGTH));
      field.multiplyDoubled(a, a, b);
      field.add(c, c, a);
      code.store(pointer, c, 8 * LENGTH);
      code.advance(pointer, 16);
    });
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(module.assemble(), { kernel: { memory, scratch: 0 } });
  const words = new Uint32Array(memory.buffer);
  words.set(residues(LENGTH, 1));
  // One factor comes doubled, as twiddles do.
  words.set(
    residues(LENGTH, 2).map((value) => 2 * value),
    LENGTH,
  );
  words.set(residues(LENGTH, 3), 2 * LENGTH);
  const run = instance.exports.run as (pointer: number, count: number) => void;
  const work = (): void => {
    for (let i = 0; i < REPEATS; i++) run(0, LENGTH);
  };
  return { name: UNIT, unit: 'operations', amount: LENGTH * REPEATS, work };
}

export async function kernelBench(): Promise<Figure[]> {
  const fast = await chooseKernels('auto');
  const cases: Case[] = [await unitCase()];
  for (const [kind, kernels] of [
    ['kernel', fast],
    ['plain', plainKernels],
  ] as const) {
    for (const logSize of [12, 16, 20]) {
      const column = residues(2 ** logSize, 4);
      const repeats = 2 ** Math.max(0, 19 - logSize);
      const amount = repeats * logSize * 2 ** (logSize - 1);
      cases.push({
        name: `evaluate on 2^${logSize}, ${kind}`,
        unit: 'butterflies',
        amount,
        work: () => {
          for (let i = 0; i < repeats; i++) kernels.fft.evaluateOn(column, logSize);
        },
      });
      cases.push({
        name: `interpolate 2^${logSize} rows, ${kind}`,
        unit: 'butterflies',
        amount,
        work: () => {
          for (let i = 0; i < repeats; i++) kernels.fft.interpolateRows(column, logSize);
        },
      });
    }
    const rows = 2 ** 13;
    const columns = Array.from({ length: 96 }, (_, k) => residues(rows, k));
    cases.push({
      name: `leaves of 96 words, ${kind}`,
      unit: 'compressions',
      amount: 6 * rows,
      work: () => kernels.hashRows(LEAF_KEY, undefined, columns, rows),
    });
    const children = residues(16 * rows, 5);
    cases.push({
      name: `nodes, ${kind}`,
      unit: 'compressions',
      amount: rows,
      work: () => kernels.hashRows(NODE_KEY, children, [], rows),
    });
    for (const field of [qm31, degree6]) {
      const [left, right, out] = [1, 2, 3].map((seed) =>
        Array.from({ length: field.degree }, (_, k) => residues(COMBINE_ROWS, 10 * k + seed)),
      );
      cases.push({
        name: `products over ${field.name}, ${kind}`,
        unit: 'products',
        amount: 16 * COMBINE_ROWS,
        work: () => {
          for (let i = 0; i < 16; i++) kernels.multiplyBlocks(field, out!, left!, right!);
        },
      });
      const count = 64;
      const summands = Array.from(
        { length: count },
        (_, k) => new Int32Array(residues(COMBINE_ROWS, k).buffer),
      );
      const constants = residues(count * field.degree, 6);
      const offsets = new Int32Array(count);
      const sums = kernels.createSums(field.degree);
      cases.push({
        name: `columns times constants over ${field.name}, ${kind}`,
        unit: 'cells',
        amount: count * COMBINE_ROWS,
        work: () => {
          sums.begin(COMBINE_ROWS);
          sums.add(summands, offsets, count, constants, 0);
          sums.finish(out!, 0);
        },
      });
      const weights = residues(COMBINE_ROWS * field.degree, 7);
      const opened = summands.map((column) => new Uint32Array(column.buffer));
      cases.push({
        name: `openings over ${field.name}, ${kind}`,
        unit: 'cells',
        amount: count * COMBINE_ROWS,
        work: () => {
          kernels.dotProducts(opened, weights, field.degree);
        },
      });
    }
    // A seed of which the search is long; its length is counted first.
    const tried = plainKernels.findNonce(GRIND_KEY, 16) + 1;
    cases.push({
      name: `search for a nonce, ${kind}`,
      unit: 'compressions',
      amount: tried,
      work: () => kernels.findNonce(GRIND_KEY, 16),
    });
  }
  // What hashRows gives must be used, or it may be dropped; comparing also says that both did the same.
  const sample = [residues(8, 1), residues(8, 2)];
  const [left, right] = [fast.hashRows, hashRows].map((hash) =>
    hash(LEAF_KEY, undefined, sample, 8),
  );
  if (left!.some((word, index) => word !== right![index])) throw new Error('kernel: not the twin');
  // The engine compiles a kernel once more, better, after some use, on another thread.
  for (const { work } of cases) for (let i = 0; i < 20; i++) work();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const figures = await measure('kernel', cases);
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
    console.log(`  ${name}: ${units.toFixed(2)} units for each of the ${unit}`);
  }
}
