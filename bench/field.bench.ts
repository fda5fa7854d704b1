/** The unit in which other figures are told: one multiplication and addition in the base field, in plain TypeScript. */

import { add, mul } from '../src/stark/field/m31.ts';
import { type Figure, measure } from './measure.ts';

const LENGTH = 2 ** 14;

/** Residues of a fixed sequence. */
function residues(seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: LENGTH }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 1;
    return state % 0x7fffffff;
  });
}

export async function fieldBench(): Promise<Figure[]> {
  const [left, right, sum] = [residues(1), residues(2), residues(3)];
  const work = (): void => {
    for (let i = 0; i < LENGTH; i++) sum[i] = add(sum[i]!, mul(left[i]!, right[i]!));
  };
  return measure('field', [{ name: 'multiply-add', unit: 'operations', amount: LENGTH, work }]);
}
