/**
 * What is left of the gas register after a charge, for the two chips that charge.
 *
 * left + amount = before modulo 2^64, in limbs; the last carry is the borrow, which says that the
 * charge is more than there is.
 *
 * Assumes: limbs of the register and of the amount are below 2^16.
 * Proves: lacksGas = 1 exactly if before < amount; the register is written back unchanged where
 * `fault` is 1, as before - amount elsewhere.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, type ExprLike, mul, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { range } from '../../stark/tables/range.ts';
import type { Row } from './row.ts';

export interface GasLeft {
  /** A bit, degree 1; 0 in padding. */
  readonly lacksGas: Expr;
  /** Takes the register and the amount as lanes. Returns whether gas is lacking. */
  fill(
    row: Row,
    lanes: { low: number; high: number; amountLow: number; amountHigh: number },
  ): boolean;
}

export function gasLeft(
  chip: ChipBuilder,
  cells: {
    amount: readonly ExprLike[];
    before: readonly Expr[];
    after: readonly Expr[];
    fault: ExprLike;
    real: Expr;
  },
): GasLeft {
  const left: Column[] = chip.columns('left', 4, 'gas left modulo 2^64');
  const carries = carriesOf(left, cells.amount, cells.before);
  carries.forEach((carry, i) => {
    chip.isBit(`borrow ${i} of the gas left`, carry);
  });
  left.forEach((limb, i) => {
    range(chip, `gas left limb ${i}`, 16, limb, cells.real);
    // after = fault ? before : left
    const written = add(limb, mul(cells.fault, sub(cells.before[i]!, limb)));
    chip.equal(`written gas limb ${i}`, cells.after[i]!, written);
  });
  return {
    lacksGas: carries[3]!,
    fill(row, { low, high, amountLow, amountHigh }) {
      const lowLeft = (low - amountLow) >>> 0;
      const borrow = low >>> 0 < amountLow >>> 0 ? 1 : 0;
      const highLeft = (high - amountHigh - borrow) >>> 0;
      row.set(left[0]!, lowLeft & 0xffff);
      row.set(left[1]!, lowLeft >>> 16);
      row.set(left[2]!, highLeft & 0xffff);
      row.set(left[3]!, highLeft >>> 16);
      return high >>> 0 < (amountHigh >>> 0) + borrow;
    },
  };
}
