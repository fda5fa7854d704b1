/** Products of words: low half, and the upper half signed and unsigned. */

import { upperProduct } from './lanes.ts';

export function mul(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const x = left[a];
  const y = right[b];
  out[d + 1] = Math.imul(left[a + 1], y) + Math.imul(x, right[b + 1]) + upperProduct(x, y);
  out[d] = Math.imul(x, y);
}

export function mul32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = Math.imul(left[a], right[b]);
  out[d + 1] = 0;
}

export function mulhu(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeUpper(out, d, left[a], left[a + 1], right[b], right[b + 1], 0, 0);
}

/** The signed upper half is the unsigned one, less the other factor for each negative factor. */
export function mulh(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const leftSign = left[a + 1] >> 31;
  const rightSign = right[b + 1] >> 31;
  writeUpper(out, d, left[a], left[a + 1], right[b], right[b + 1], leftSign, rightSign);
}

/** Upper 64 bits of the product; with the signs (0 or -1) those of the signed product. */
function writeUpper(
  out: Int32Array,
  d: number,
  leftLow: number,
  leftHigh: number,
  rightLow: number,
  rightHigh: number,
  leftSign: number,
  rightSign: number,
): void {
  // Sums of at most four unsigned lanes and a carry: exact as doubles.
  const first =
    (upperProduct(leftLow, rightLow) >>> 0) +
    (Math.imul(leftLow, rightHigh) >>> 0) +
    (Math.imul(leftHigh, rightLow) >>> 0);
  const firstCarry = Math.floor(first / 2 ** 32);
  const second =
    (upperProduct(leftLow, rightHigh) >>> 0) +
    (upperProduct(leftHigh, rightLow) >>> 0) +
    (Math.imul(leftHigh, rightHigh) >>> 0) +
    firstCarry -
    ((rightLow & leftSign) >>> 0) -
    ((leftLow & rightSign) >>> 0);
  out[d] = second;
  out[d + 1] =
    Math.floor(second / 2 ** 32) +
    upperProduct(leftHigh, rightHigh) -
    (rightHigh & leftSign) -
    (leftHigh & rightSign);
}
