/**
 * Quotients and remainders of words. Total, as in RISC-V (unprivileged specification, extension M): by
 * zero the quotient is all ones and the remainder the dividend; an overflowing signed quotient is the
 * dividend, its remainder 0.
 *
 * Long division in doubles: either steps whose operands are exact, or an estimate from below and at most
 * two corrections. No allocation.
 */

import { upperProduct } from './lanes.ts';

const TWO_32 = 2 ** 32;

/** What `divideUnsigned` leaves behind: quotient low, high, remainder low, high. */
const divided = new Int32Array(4);

function isBelow(leftLow: number, leftHigh: number, rightLow: number, rightHigh: number): boolean {
  const x = leftHigh >>> 0;
  const y = rightHigh >>> 0;
  return x < y || (x === y && leftLow >>> 0 < rightLow >>> 0);
}

/** 64 by 64 bits, unsigned, into `divided`. The divisor is not 0. */
function divideUnsigned(low: number, high: number, divisorLow: number, divisorHigh: number): void {
  if (divisorHigh === 0) {
    const divisor = divisorLow >>> 0;
    const upper = high >>> 0;
    const upperQuotient = Math.floor(upper / divisor);
    const carried = upper - upperQuotient * divisor;
    // Two steps of 16 bits: each dividend is below 2^48, each quotient below 2^17, so rounding the
    // double quotient down is exact.
    const first = carried * 65536 + (low >>> 16);
    const firstQuotient = Math.floor(first / divisor);
    const second = (first - firstQuotient * divisor) * 65536 + (low & 0xffff);
    const secondQuotient = Math.floor(second / divisor);
    divided[0] = firstQuotient * 65536 + secondQuotient;
    divided[1] = upperQuotient;
    divided[2] = second - secondQuotient * divisor;
    divided[3] = 0;
    return;
  }
  // The quotient is below 2^32, the error of the doubles' quotient far below 1; one less is at most two short.
  const dividend = (high >>> 0) * TWO_32 + (low >>> 0);
  const divisor = (divisorHigh >>> 0) * TWO_32 + (divisorLow >>> 0);
  let quotient = Math.max(0, Math.floor(dividend / divisor) - 1) | 0;
  const productLow = Math.imul(quotient, divisorLow);
  const productHigh = (Math.imul(quotient, divisorHigh) + upperProduct(quotient, divisorLow)) | 0;
  let restHigh = (high - productHigh - (low >>> 0 < productLow >>> 0 ? 1 : 0)) | 0;
  let restLow = (low - productLow) | 0;
  while (!isBelow(restLow, restHigh, divisorLow, divisorHigh)) {
    quotient = (quotient + 1) | 0;
    restHigh = (restHigh - divisorHigh - (restLow >>> 0 < divisorLow >>> 0 ? 1 : 0)) | 0;
    restLow = (restLow - divisorLow) | 0;
  }
  divided[0] = quotient;
  divided[1] = 0;
  divided[2] = restLow;
  divided[3] = restHigh;
}

/** `divided` for the absolute values of two signed words; the divisor is not 0. */
function divideAbsolute(low: number, high: number, divisorLow: number, divisorHigh: number): void {
  const sign = high >> 31;
  const divisorSign = divisorHigh >> 31;
  divideUnsigned(
    negateLow(low, sign),
    negateHigh(low, high, sign),
    negateLow(divisorLow, divisorSign),
    negateHigh(divisorLow, divisorHigh, divisorSign),
  );
}

/** The low lane of the word, or of its negative where `sign` is -1. */
function negateLow(low: number, sign: number): number {
  return ((low ^ sign) - sign) | 0;
}

/** The high lane of the word, or of its negative where `sign` is -1: a carry comes only out of a low 0. */
function negateHigh(low: number, high: number, sign: number): number {
  return ((high ^ sign) + (low === 0 ? -sign : 0)) | 0;
}

export function divu(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  if ((right[b] | right[b + 1]) === 0) {
    out[d] = -1;
    out[d + 1] = -1;
    return;
  }
  divideUnsigned(left[a], left[a + 1], right[b], right[b + 1]);
  out[d] = divided[0];
  out[d + 1] = divided[1];
}

export function remu(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  if ((right[b] | right[b + 1]) === 0) {
    out[d] = left[a];
    out[d + 1] = left[a + 1];
    return;
  }
  divideUnsigned(left[a], left[a + 1], right[b], right[b + 1]);
  out[d] = divided[2];
  out[d + 1] = divided[3];
}

/** The overflowing quotient comes out right by itself: 2^63 / 1, of which the sign is taken twice. */
export function div(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  if ((right[b] | right[b + 1]) === 0) {
    out[d] = -1;
    out[d + 1] = -1;
    return;
  }
  const sign = (left[a + 1] ^ right[b + 1]) >> 31;
  divideAbsolute(left[a], left[a + 1], right[b], right[b + 1]);
  out[d] = negateLow(divided[0], sign);
  out[d + 1] = negateHigh(divided[0], divided[1], sign);
}

export function rem(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  if ((right[b] | right[b + 1]) === 0) {
    out[d] = left[a];
    out[d + 1] = left[a + 1];
    return;
  }
  const sign = left[a + 1] >> 31;
  divideAbsolute(left[a], left[a + 1], right[b], right[b + 1]);
  out[d] = negateLow(divided[2], sign);
  out[d + 1] = negateHigh(divided[2], divided[3], sign);
}

export function divu32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = right[b] === 0 ? -1 : (left[a] >>> 0) / (right[b] >>> 0);
  out[d + 1] = 0;
}

export function remu32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = right[b] === 0 ? left[a] : (left[a] >>> 0) % (right[b] >>> 0);
  out[d + 1] = 0;
}

/** -2^31 / -1 is 2^31, which the lane wraps to -2^31. */
export function div32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = right[b] === 0 ? -1 : left[a] / right[b];
  out[d + 1] = 0;
}

export function rem32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = right[b] === 0 ? left[a] : left[a] % right[b];
  out[d + 1] = 0;
}
