/**
 * Addition of numbers in limbs of 16 bits. Carries are no columns: each is a linear form in the limbs
 * below it, and that it is a bit is the rule.
 *
 * Assumes: all limbs are below 2^16, so that the sums stay far below p.
 * Proves, where `carries[0..i]` are bits: left + right = result + 2^(16 (i + 1)) carries[i] in the
 * limbs 0 to i.
 */

import { add, type Expr, type ExprLike, mul, sub } from '../air/expr.ts';

/** 1 / 2^16 modulo 2^31 - 1. */
const INVERSE_OF_LIMB = 2 ** 15;

/** `carries[i] = (left[i] + right[i] + carries[i-1] - result[i]) / 2^16`. */
export function carriesOf(
  left: readonly ExprLike[],
  right: readonly ExprLike[],
  result: readonly ExprLike[],
): Expr[] {
  const carries: Expr[] = [];
  for (let i = 0; i < left.length; i++) {
    const sum = add(left[i]!, right[i]!, carries[i - 1] ?? 0);
    carries.push(mul(INVERSE_OF_LIMB, sub(sum, result[i]!)));
  }
  return carries;
}
