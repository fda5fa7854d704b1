/**
 * The unit in which speeds are told: one M31 multiply-add in SIMD, its data in the first cache, one core.
 *
 * Machines differ by a factor of three; what a kernel costs in units does so far less.
 */

import { MODULUS } from '../src/stark/field/m31.ts';
import { ModuleBuilder } from '../src/stark/kernel/assembler.ts';
import { LaneField } from '../src/stark/kernel/lanes.ts';
import { v128 } from '../src/stark/kernel/operations.ts';
import { type Case, type Figure, measure } from './measure.ts';

/** Three arrays of 8 KiB: in the first cache. */
const LENGTH = 2 ** 11;
/** A call takes milliseconds: the processor's time is told in steps of microseconds at best. */
const REPEATS = 2 ** 12;

export const UNIT = 'multiply-add, SIMD';

/** Residues of a fixed sequence. */
export function residues(length: number, seed: number): Uint32Array {
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
  const imports = { kernel: { memory, scratch: 0 } };
  const { instance } = await WebAssembly.instantiate(module.assemble(), imports);
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

/** Compiled once, so that the engine's better compilation of it stays. */
let made: Promise<Case> | undefined;

/** The unit's figure; its time in seconds is `1 / perCpuSecond`. */
export async function unitFigure(): Promise<Figure> {
  made ??= unitCase();
  const entry = await made;
  for (let i = 0; i < 20; i++) entry.work();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [figure] = await measure('kernel', [entry]);
  return figure!;
}
