/**
 * The base field F_p, p = 2^31 - 1, on plain numbers in [0, p).
 *
 * One idea: 2^31 = 1 mod p, so a 62-bit product folds into its low 31 bits plus its high 31 bits. `Math.imul` gives
 * the low half exactly and a double gives the high half; no branch, no BigInt. See spec/7-proof-system.md, "Field".
 */

/** p, a Mersenne prime; also the mask of its 31 bits. */
export const MODULUS = 0x7fffffff;

/** 2^-31, exact in a double. */
const TWO_TO_MINUS_31 = 1 / 0x80000000;

/** Tells whether `value` is the one encoding of a field element: an integer in [0, p). */
export function isCanonical(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < MODULUS;
}

/** Returns left + right mod p. */
export function add(left: number, right: number): number {
  const sum = (left + right - MODULUS) | 0;
  return sum + ((sum >> 31) & MODULUS);
}

/** Returns left - right mod p. */
export function sub(left: number, right: number): number {
  const difference = (left - right) | 0;
  return difference + ((difference >> 31) & MODULUS);
}

/** Returns -value mod p; -0 is 0. */
export function neg(value: number): number {
  return sub(0, value);
}

/**
 * Returns left * right mod p.
 *
 * The double product errs by less than 2^9, so `high`, twice the upper 32 bits once the signed low half is taken off,
 * comes out exact. Then product = high * 2^31 + low, and a signed low is its 31 low bits minus 2^31 (= 1) if negative.
 */
export function mul(left: number, right: number): number {
  const low = Math.imul(left, right);
  const high = ((left * right - low) * TWO_TO_MINUS_31 + 0.5) | 0;
  const sum = (high - MODULUS + (low & MODULUS) + (low >> 31)) | 0;
  return sum + ((sum >> 31) & MODULUS);
}

/** Returns base^exponent mod p, for a whole exponent in [0, 2^53). */
export function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mul(result, square);
    square = mul(square, square);
  }
  return result;
}

/** Returns 1/value mod p. Throws a RangeError on zero: callers that may meet one check first. */
export function inverse(value: number): number {
  if (value === 0) throw new RangeError('value: expected a nonzero field element, got 0');
  return power(value, MODULUS - 2);
}

/**
 * Returns the inverses of `values`, a fresh array; one inversion and three products an element (Montgomery's trick).
 * Throws a RangeError when one of them is zero.
 */
export function batchInverse(values: Uint32Array): Uint32Array {
  const inverses = new Uint32Array(values.length);
  let product = 1;
  for (let index = 0; index < values.length; index++) {
    inverses[index] = product;
    product = mul(product, values[index]);
  }
  let suffix = inverse(product);
  for (let index = values.length - 1; index >= 0; index--) {
    inverses[index] = mul(inverses[index], suffix);
    suffix = mul(suffix, values[index]);
  }
  return inverses;
}
