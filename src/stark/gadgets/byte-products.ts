/**
 * Products of numbers in bytes, gathered at the weights of 16-bit limbs.
 *
 * Assumes: bytes below 2^8, and at most 32 of them in one of the factors: then limb k is at most
 * 32 * 255^2 * (1 + 2^8) = 534,765,600 < 2^29, so that sums of three such stay below p.
 */

import { add, type Column, type Expr, type ExprLike, mul } from '../air/expr.ts';
import type { CellBlock } from './cells.ts';

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

/**
 * Fills the carries of `products_k + carry_(k-1) = limb_k + 2^16 carry_k` from the bytes of both factors,
 * which are filled. As many limbs as the factors have, an even number.
 */
export function fillProductCarries(
  cells: CellBlock,
  left: readonly Column[],
  right: readonly Column[],
  carries: readonly Column[],
): void {
  const { first, count } = cells;
  const lefts = left.map((column) => cells.column(column));
  const rights = right.map((column) => cells.column(column));
  const out = carries.map((column) => cells.column(column));
  const bytes = new Int32Array(left.length);
  // twoBytes[m + 1] = right_m + 2^8 right_(m+1), as above
  const twoBytes = new Int32Array(right.length + 1);
  for (let row = first; row < first + count; row++) {
    let before = 0;
    for (let i = 0; i < rights.length; i++) {
      bytes[i] = lefts[i]![row]!;
      const byte = rights[i]![row]!;
      twoBytes[i] = before | (byte << 8);
      before = byte;
    }
    let carry = 0;
    // Two limbs at once, which share the bytes of the left factor; all sums are below 2^30, see above.
    for (let k = 0; k < out.length; k += 2) {
      const top = 2 * k + 1;
      let lower = 0;
      let upper = 0;
      for (let i = 0; i <= top; i++) {
        const byte = bytes[i]!;
        lower = (lower + Math.imul(byte, twoBytes[top - i]!)) | 0;
        upper = (upper + Math.imul(byte, twoBytes[top + 2 - i]!)) | 0;
      }
      upper = (upper + Math.imul(bytes[top + 1]!, twoBytes[1]!)) | 0;
      upper = (upper + Math.imul(bytes[top + 2]!, twoBytes[0]!)) | 0;
      carry = (lower + carry) >>> 16;
      out[k]![row] = carry;
      carry = (upper + carry) >>> 16;
      out[k + 1]![row] = carry;
    }
  }
}
