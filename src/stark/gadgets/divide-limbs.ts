/**
 * Long division of numbers in 16-bit limbs, for whoever fills a row (Knuth, TAOCP volume 2, 4.3.1 D).
 * What it yields is a hint: the rules of the chip say whether it is right.
 */

const BASE = 2 ** 16;

/**
 * `dividend = quotient * divisor + remainder` with `remainder < divisor`; for a zero divisor the
 * quotient is 0 and the remainder the low limbs of the dividend. All little endian; `quotient` is as
 * long as `dividend`, `remainder` as `divisor`. Both are overwritten.
 */
export function divideLimbs(
  quotient: Uint16Array,
  remainder: Uint16Array,
  dividend: Uint16Array,
  divisor: Uint16Array,
): void {
  quotient.fill(0);
  remainder.fill(0);
  const m = lengthOf(dividend);
  const n = lengthOf(divisor);
  if (n === 0 || m < n) {
    remainder.set(dividend.subarray(0, remainder.length));
    return;
  }
  // Normalised so that the top limb of the divisor is at least half the base: then a guessed digit is
  // too large by two at most.
  const scale = Math.floor(BASE / (divisor[n - 1]! + 1));
  const u = scaled(dividend, m, scale);
  const v = scaled(divisor, n, scale);
  const top = v[n - 1]!;
  for (let j = m - n; j >= 0; j--) {
    const head = u[j + n]! * BASE + u[j + n - 1]!;
    let digit = Math.min(Math.floor(head / top), BASE - 1);
    let borrow = 0;
    for (let i = 0; i < n; i++) {
      const difference = u[i + j]! - digit * v[i]! - borrow;
      u[i + j] = modulo(difference);
      borrow = -Math.floor(difference / BASE);
    }
    let rest = u[j + n]! - borrow;
    while (rest < 0) {
      digit--;
      let carry = 0;
      for (let i = 0; i < n; i++) {
        const sum = u[i + j]! + v[i]! + carry;
        u[i + j] = modulo(sum);
        carry = sum >= BASE ? 1 : 0;
      }
      rest += carry;
    }
    u[j + n] = 0;
    quotient[j] = digit;
  }
  let over = 0;
  for (let i = n - 1; i >= 0; i--) {
    const value = over * BASE + u[i]!;
    remainder[i] = Math.floor(value / scale);
    over = value % scale;
  }
}

function lengthOf(limbs: Uint16Array): number {
  let n = limbs.length;
  while (n > 0 && limbs[n - 1] === 0) n--;
  return n;
}

/** The first `count` limbs times `scale`, with one limb more. */
function scaled(limbs: Uint16Array, count: number, scale: number): Float64Array {
  const out = new Float64Array(count + 1);
  let carry = 0;
  for (let i = 0; i < count; i++) {
    const value = limbs[i]! * scale + carry;
    out[i] = modulo(value);
    carry = Math.floor(value / BASE);
  }
  out[count] = carry;
  return out;
}

function modulo(value: number): number {
  return value - Math.floor(value / BASE) * BASE;
}
