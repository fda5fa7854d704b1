/**
 * Products of numbers in bytes, gathered at the weights of 16-bit limbs.
 *
 * Assumes: bytes below 2^8, and at most 32 of them in one of the factors: then limb k is at most
 * 32 * 255^2 * (1 + 2^8) = 534,765,600 < 2^29, so that sums of three such stay below p.
 */

import { add, type Expr, type ExprLike, mul } from '../air/expr.ts';

/**
 * `limbs[k] = sum of left_i right_j over i + j = 2 k, plus 2^8 times that over i + j = 2 k + 1`, written
 * as one product for each i: left_i times the two bytes of right from 2 k - i on.
 */
export function productLimbs(
  left: readonly ExprLike[],
  right: readonly ExprLike[],
  limbCount: number,
): Expr[] {
  // twoBytes[m + 1] = right_m + 2^8 right_(m+1)
  const twoBytes = Array.from({ length: right.length + 1 }, (_, m) =>
    add(right[m - 1] ?? 0, mul(2 ** 8, right[m] ?? 0)),
  );
  return Array.from({ length: limbCount }, (_, k) =>
    add(
      ...left.flatMap((byte, i) => {
        const factor = twoBytes[2 * k - i + 1];
        return factor === undefined ? [] : [mul(byte, factor)];
      }),
    ),
  );
}

/**
 * The sum of all products that have no place in `limbCount` limbs: zero exactly if each is, since they
 * are not negative and together below 64 * 32 * 2^16 = 2^27.
 */
export function productsBeyond(
  left: readonly ExprLike[],
  right: readonly ExprLike[],
  limbCount: number,
): Expr {
  // For each i the bytes of right from 2 limbCount - i on: left_i times their sum.
  return add(
    ...left.map((byte, i) => mul(byte, add(...right.slice(Math.max(0, 2 * limbCount - i))))),
  );
}

/**
 * The values of `productLimbs` for numbers given in 16-bit limbs: `out[k]` += scale times limb k.
 * Limbs from `out.length` on are left out.
 */
export function addProductLimbs(
  out: Float64Array,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  scale: number,
): void {
  for (let i = 0; i < left.length; i++) {
    const low = left[i]! & 255;
    const high = left[i]! >>> 8;
    if (low === 0 && high === 0) continue;
    for (let j = 0; j < right.length && i + j < out.length; j++) {
      const rightLow = right[j]! & 255;
      const rightHigh = right[j]! >>> 8;
      const middle = low * rightHigh + high * rightLow;
      out[i + j] = out[i + j]! + scale * (low * rightLow + 256 * middle);
      if (i + j + 1 < out.length) out[i + j + 1] = out[i + j + 1]! + scale * high * rightHigh;
    }
  }
}
