/**
 * Whether an expression differs from zero, by its inverse.
 *
 * Proves: the flag is 0 where the expression is 0 modulo p and 1 elsewhere, hence a bit. The
 * expression has degree 1; a sum of limbs serves for "any limb is not zero" while it stays below p.
 */

import type { ChipBuilder } from '../air/chip.ts';
import { type Column, type Expr, mul, not, sub } from '../air/expr.ts';
import { inverse } from '../field/m31.ts';

export interface IsNonzero {
  readonly flag: Column;
  readonly inverse: Column;
  /** Cell values for a canonical value of the expression. */
  fill(set: (column: Column, value: number) => void, value: number): void;
}

export function isNonzero(chip: ChipBuilder, name: string, value: Expr): IsNonzero {
  const flag = chip.column(name, `${name}: 1 if not zero`);
  const reciprocal = chip.column(`${name}Inverse`, `inverse for ${name}, 0 of 0`);
  // value * inverse = flag, value * (1 - flag) = 0
  chip.zero(`${name} is 0 for zero`, sub(mul(value, reciprocal), flag));
  chip.zero(`${name} is 1 for others`, mul(value, not(flag)));
  return {
    flag,
    inverse: reciprocal,
    fill(set, canonical) {
      set(flag, canonical === 0 ? 0 : 1);
      set(reciprocal, canonical === 0 ? 0 : inverse(canonical));
    },
  };
}
