/**
 * A power of two with an exponent of 0 to 15, from the bits of the exponent.
 *
 * Proves: where `real` is 1, `power = 2^exponent`; `exponent` is an integer from 0 to 15.
 */

import { type ChipBuilder, compose } from '../air/chip.ts';
import { add, type Column, type Expr, mul } from '../air/expr.ts';
import type { CellWriter } from './cells.ts';

export interface PowerOfTwo {
  /** Degree 1. */
  readonly exponent: Expr;
  /** Least significant first. */
  readonly bits: readonly Column[];
  readonly power: Column;
  fill(cells: CellWriter, exponent: number): void;
}

/** `real` is a bit of degree 1; where it is 0 the power may be 0, as in padding. */
export function powerOfTwo(chip: ChipBuilder, name: string, real: Expr): PowerOfTwo {
  const bits = Array.from({ length: 4 }, (_, i) =>
    chip.bit(`${name}Bit${i}`, `bit ${i} of the exponent of ${name}`),
  );
  const low = chip.column(`${name}Low`, `2 to the low two bits of the exponent of ${name}`);
  const power = chip.column(name, 'a power of two');
  // 2^(bit 2^i) = 1 + (2^(2^i) - 1) bit
  const factor = (i: number): Expr => add(i === 0 ? real : 1, mul(2 ** (2 ** i) - 1, bits[i]!));
  chip.equal(`${name} of the low bits`, low, mul(factor(0), factor(1)));
  chip.equal(`${name} of all bits`, power, mul(low, factor(2), factor(3)));
  return {
    exponent: compose(bits, 1),
    bits,
    power,
    fill(cells, exponent) {
      for (let i = 0; i < 4; i++) cells.set(bits[i]!, (exponent >> i) & 1);
      cells.set(low, 1 << (exponent & 3));
      cells.set(power, 1 << exponent);
    },
  };
}
