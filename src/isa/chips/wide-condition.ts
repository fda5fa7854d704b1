/**
 * Whether a relation holds between two wide words: the core of the compare and branch chips.
 *
 * The order is that of the most significant differing limb, whose difference d is negative exactly if
 * left < right: d + 2^16 less - greater lies in 16 bits for one choice of `less` and `greater` only,
 * and for none where d = 0. Signed words differ in their last limb only: less 2^16 of a negative one.
 *
 * Assumes: limbs are below 2^16; `equal`, `less`, `greater` are bits of which at most one is 1, in real
 * rows one; `signed` is a bit, 0 where `equal`; `holds` is a bit.
 * Proves: `holds` says whether left = right, left < right, left > right, as the flags ask.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, type ExprLike, mul, not, sub } from '../../stark/air/expr.ts';
import { leadingDifference } from '../../stark/gadgets/leading-difference.ts';
import { range } from '../../stark/tables/range.ts';
import type { Row } from './row.ts';

export interface ConditionTerms {
  readonly left: readonly Expr[];
  readonly right: readonly Expr[];
  readonly flags: ConditionFlags;
  /** Degree at most 2. */
  readonly holds: ExprLike;
}

/** Columns that say which relation is asked. */
export interface ConditionFlags {
  readonly equal: Column;
  readonly less: Column;
  readonly greater: Column;
  readonly signed: Column;
}

/** Declares the columns of the relation, with the rules that the assumptions above name. */
export function conditionFlags(chip: ChipBuilder): ConditionFlags & { readonly real: Expr } {
  const equal = chip.bit('equal', 'asks whether left = right');
  const less = chip.bit('less', 'asks whether left < right');
  const greater = chip.bit('greater', 'asks whether left > right');
  const signed = chip.bit('signed', 'the order is that of signed words');
  const real = add(equal, less, greater);
  chip.isBit('at most one relation', real);
  // signed * (1 - less - greater) = 0
  chip.zero('only an order is signed', mul(signed, not(add(less, greater))));
  return { equal, less, greater, signed, real };
}

export interface Condition {
  /** Fills the columns of the core but those of `holds`; returns whether the relation holds. */
  fill(row: Row, left: ArrayLike<number>, right: ArrayLike<number>): boolean;
}

export function wideCondition(chip: ChipBuilder, terms: ConditionTerms): Condition {
  const { left, right, flags, holds } = terms;
  const { equal, less, greater, signed } = flags;
  const leftSign = chip.bit('leftSign', 'left is negative; for `equal`: left < right');
  const rightSign = chip.bit('rightSign', 'right is negative; for `equal`: as leftSign');
  // (1 - signed) * (leftSign - rightSign) = 0
  chip.zero('signs matter for signed words only', mul(not(signed), sub(leftSign, rightSign)));
  range(chip, 'sign of left', 15, sub(left[15]!, mul(2 ** 15, leftSign)), signed);
  range(chip, 'sign of right', 15, sub(right[15]!, mul(2 ** 15, rightSign)), signed);

  const differs = chip.bit('differs', 'left and right differ');
  const leading = leadingDifference(chip, {
    left,
    right,
    marked: differs,
    elseEqual: add(equal, less, greater),
    lastCorrection: mul(2 ** 16, sub(rightSign, leftSign)),
  });
  // equal * (holds + differs - 1) = 0
  chip.zero('equality', mul(equal, sub(add(holds, differs), 1)));
  // isLess = less * holds + greater * (differs - holds) + equal * leftSign
  const isLess = add(mul(less, holds), mul(greater, sub(differs, holds)), mul(equal, leftSign));
  // gap = d + 2^16 isLess - (differs - isLess)
  const gap = chip.column('gap', 'the leading difference less 1, modulo 2^16; 0 for equal words');
  chip.equal(
    'gap of the leading limbs',
    gap,
    sub(add(leading.difference, mul(2 ** 16 + 1, isLess)), differs),
  );
  range(chip, 'gap has 16 bits', 16, gap, add(equal, less, greater));

  return {
    fill(row, leftLimbs, rightLimbs) {
      const k = leading.fill(row, leftLimbs, rightLimbs);
      row.set(differs, k < 0 ? 0 : 1);
      const isSigned = row.get(signed) === 1;
      const a = leftLimbs[15]! >>> 15;
      const b = rightLimbs[15]! >>> 15;
      let difference = k < 0 ? 0 : leftLimbs[k]! - rightLimbs[k]!;
      if (isSigned && k === 15) difference += 2 ** 16 * (b - a);
      if (isSigned) {
        row.set(leftSign, a);
        row.set(rightSign, b);
      } else if (row.get(equal) === 1 && difference < 0) {
        row.set(leftSign, 1);
        row.set(rightSign, 1);
      }
      row.set(gap, difference > 0 ? difference - 1 : difference < 0 ? difference + 2 ** 16 : 0);
      if (row.get(equal) === 1) return k < 0;
      return row.get(less) === 1 ? difference < 0 : difference > 0;
    },
  };
}
