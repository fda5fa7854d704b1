/**
 * Quotients and remainders of wide words, and of sums and products by a third (EVM `DIV` to `MULMOD`,
 * Yellow Paper appendix H): by zero everything is 0.
 *
 * Schoolbook division in halves of 16 bits (Knuth, The Art of Computer Programming, volume 2, 4.3.1,
 * algorithm D); a divisor of one half goes digit by digit, dividends below 2^48 in one step.
 * Neither BigInt nor allocation.
 */

import { multiplyHalves, splitHalves } from './wide-multiply.ts';

/** Dividend, up to 32 halves and one for the shift; it becomes the remainder. */
const dividend = new Int32Array(34);
const divisor = new Int32Array(17);
const quotient = new Int32Array(34);
const leftHalves = new Int32Array(16);
const rightHalves = new Int32Array(16);

/**
 * Divides the first `count` halves of `dividend` by the first `divisorCount` of `divisor`, whose last one
 * is not 0. Leaves the quotient in `quotient` and the remainder in `dividend`; both are zero above,
 * as far as 16 halves.
 */
function divideHalves(count: number, divisorCount: number): void {
  quotient.fill(0);
  let used = count;
  while (used > 0 && dividend[used - 1] === 0) used -= 1;
  if (used < divisorCount) return;
  if (used <= 3) divideSmall();
  else if (divisorCount === 1) divideByHalf(used);
  else divideLong(used, divisorCount);
}

/** Both below 2^48: the remainder of doubles is exact, and so is the quotient of what it leaves. */
function divideSmall(): void {
  const upper = dividend[0] + dividend[1] * 65536 + dividend[2] * 2 ** 32;
  const lower = divisor[0] + divisor[1] * 65536 + divisor[2] * 2 ** 32;
  const rest = upper % lower;
  writeSmall(quotient, (upper - rest) / lower);
  writeSmall(dividend, rest);
}

function writeSmall(out: Int32Array, value: number): void {
  const upper = Math.floor(value / 65536);
  out[0] = value - upper * 65536;
  out[1] = upper & 0xffff;
  out[2] = Math.floor(upper / 65536);
}

function divideByHalf(used: number): void {
  const by = divisor[0];
  let rest = 0;
  for (let i = used - 1; i >= 0; i--) {
    const digit = rest * 65536 + dividend[i];
    const value = Math.floor(digit / by);
    quotient[i] = value;
    rest = digit - value * by;
    dividend[i] = 0;
  }
  dividend[0] = rest;
}

function divideLong(used: number, n: number): void {
  // D1: shift so that the divisor's first half has its top bit.
  const shift = Math.clz32(divisor[n - 1]) - 16;
  for (let i = n - 1; i >= 0; i--) {
    const below = i > 0 ? divisor[i - 1] : 0;
    divisor[i] = ((divisor[i] << shift) | (below >>> (16 - shift))) & 0xffff;
  }
  dividend[used] = 0;
  for (let i = used; i >= 0; i--) {
    const below = i > 0 ? dividend[i - 1] : 0;
    dividend[i] = ((dividend[i] << shift) | (below >>> (16 - shift))) & 0xffff;
  }
  const first = divisor[n - 1];
  const second = divisor[n - 2];
  for (let j = used - n; j >= 0; j--) {
    // D3: estimate from two halves, correct by the third; then it is at most one too large.
    const head = dividend[j + n] * 65536 + dividend[j + n - 1];
    let digit = Math.floor(head / first);
    let rest = head - digit * first;
    while (digit >= 65536 || digit * second > rest * 65536 + dividend[j + n - 2]) {
      digit -= 1;
      rest += first;
      if (rest >= 65536) break;
    }
    // D4: multiply and subtract, in int32 throughout.
    let borrow = 0;
    for (let i = 0; i < n; i++) {
      const product = Math.imul(digit, divisor[i]);
      const value = dividend[j + i] - borrow - (product & 0xffff);
      dividend[j + i] = value & 0xffff;
      borrow = (product >>> 16) - (value >> 16);
    }
    const top = dividend[j + n] - borrow;
    dividend[j + n] = top & 0xffff;
    if (top < 0) {
      // D6: one too much; add back.
      digit -= 1;
      let carry = 0;
      for (let i = 0; i < n; i++) {
        const value = dividend[j + i] + divisor[i] + carry;
        dividend[j + i] = value & 0xffff;
        carry = value >>> 16;
      }
      dividend[j + n] = (dividend[j + n] + carry) & 0xffff;
    }
    quotient[j] = digit;
  }
  // D8: shift back.
  for (let i = 0; i < n; i++) {
    dividend[i] = ((dividend[i] >>> shift) | (dividend[i + 1] << (16 - shift))) & 0xffff;
  }
}

function join(out: Int32Array, d: number, halves: Int32Array): void {
  for (let i = 0; i < 8; i++) out[d + i] = halves[2 * i] | (halves[2 * i + 1] << 16);
}

function setZero(out: Int32Array, d: number): void {
  for (let i = 0; i < 8; i++) out[d + i] = 0;
}

/** Writes the negative of what stands there. */
function negate(out: Int32Array, d: number): void {
  let carry = 1;
  for (let i = 0; i < 8; i++) {
    const lane = (~out[d + i] >>> 0) + carry;
    out[d + i] = lane;
    carry = lane >= 2 ** 32 ? 1 : 0;
  }
}

export function wdiv(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const divisorCount = splitHalves(divisor, right, b);
  if (divisorCount === 0) {
    setZero(out, d);
    return;
  }
  divideHalves(splitHalves(dividend, left, a), divisorCount);
  join(out, d, quotient);
}

export function wmod(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const divisorCount = splitHalves(divisor, right, b);
  if (divisorCount === 0) {
    setZero(out, d);
    return;
  }
  divideHalves(splitHalves(dividend, left, a), divisorCount);
  join(out, d, dividend);
}

/** Absolute values of the two operands of a signed division, one after the other. */
const absolute = new Int32Array(16);

function takeAbsolute(d: number, source: Int32Array, a: number): void {
  for (let i = 0; i < 8; i++) absolute[d + i] = source[a + i];
  if (source[a + 7] < 0) negate(absolute, d);
}

/** The overflowing quotient comes out right by itself: 2^255 / 1, of which the sign is taken twice. */
export function wsdiv(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const isNegative = (left[a + 7] ^ right[b + 7]) < 0;
  takeAbsolute(0, left, a);
  takeAbsolute(8, right, b);
  wdiv(out, d, absolute, 0, absolute, 8);
  if (isNegative) negate(out, d);
}

export function wsmod(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const isNegative = left[a + 7] < 0;
  takeAbsolute(0, left, a);
  takeAbsolute(8, right, b);
  wmod(out, d, absolute, 0, absolute, 8);
  if (isNegative) negate(out, d);
}

export function waddmod(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
  modulus: Int32Array,
  m: number,
): void {
  const divisorCount = splitHalves(divisor, modulus, m);
  if (divisorCount === 0) {
    setZero(out, d);
    return;
  }
  splitHalves(leftHalves, left, a);
  splitHalves(rightHalves, right, b);
  let carry = 0;
  for (let i = 0; i < 16; i++) {
    const sum = leftHalves[i] + rightHalves[i] + carry;
    dividend[i] = sum & 0xffff;
    carry = sum >>> 16;
  }
  dividend[16] = carry;
  divideHalves(17, divisorCount);
  join(out, d, dividend);
}

export function wmulmod(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
  modulus: Int32Array,
  m: number,
): void {
  const divisorCount = splitHalves(divisor, modulus, m);
  if (divisorCount === 0) {
    setZero(out, d);
    return;
  }
  const leftCount = splitHalves(leftHalves, left, a);
  const rightCount = splitHalves(rightHalves, right, b);
  dividend.fill(0);
  multiplyHalves(dividend, leftCount + rightCount, leftHalves, leftCount, rightHalves, rightCount);
  divideHalves(leftCount + rightCount, divisorCount);
  join(out, d, dividend);
}
