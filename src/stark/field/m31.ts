/**
 * The base field F_p, p = 2^31 - 1, on plain numbers in [0, p).
 *
 * One idea: 2^31 = 1 mod p, so a 62-bit product folds into its low 31 bits plus its high 31 bits. `Math.imul` gives
 * the low bits exactly and a double the high ones; no branch, no BigInt. See spec/7-proof-system.md, "Field".
 */

/** p, a Mersenne prime; also the mask of its 31 bits. */
export const MODULUS = 0x7fffffff;

/** The same for this file: V8 folds a private constant into the code but loads an exported one at every use. */
const P = 0x7fffffff;

/** 2^-31, exact in a double. */
const TWO_TO_MINUS_31 = 1 / 0x80000000;

/** Tells whether `value` is the one encoding of a field element: an integer in [0, p). */
export function isCanonical(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < P;
}

/** Returns left + right mod p. */
export function add(left: number, right: number): number {
  const sum = (left + right - P) | 0;
  return (sum + ((sum >> 31) & P)) | 0;
}

/** Returns left - right mod p. */
export function sub(left: number, right: number): number {
  const difference = (left - right) | 0;
  return (difference + ((difference >> 31) & P)) | 0;
}

/** Returns -value mod p; -0 is 0. */
export function neg(value: number): number {
  return sub(0, value);
}

/**
 * Returns left * right mod p.
 *
 * With q = floor(left * right / 2^31) the product is q p plus (its low 31 bits + q), which is below 2p: all exact modulo
 * 2^32. The double may round the quotient up to q + 1, but only where a multiple of 2^31 is nearer than 2^-53 of it, so
 * for q >= 2^22 and low bits >= 2^31 - 2^9; then the sum comes out smaller by p and still not negative.
 */
export function mul(left: number, right: number): number {
  const quotient = (left * right * TWO_TO_MINUS_31) | 0;
  const sum = (Math.imul(left, right) - (quotient << 31) + quotient - P) | 0;
  return (sum + ((sum >> 31) & P)) | 0;
}

/**
 * Returns high * 2^16 + low mod p for whole numbers |high| < 2^51 and |low| < 3 * 2^50: sums of products of which one
 * factor was split in halves. One reduction for a whole sum is what makes the extensions quick in plain JavaScript.
 */
export function reduceSplit(high: number, low: number): number {
  const folded = high - Math.floor(high * TWO_TO_MINUS_31) * P;
  const sum = folded * 65536 + low;
  // |sum| < 2^52, so that the remainder is within 2^21 of [0, p).
  const remainder = sum - Math.floor(sum * TWO_TO_MINUS_31) * P;
  if (remainder < 0) return remainder + P;
  return remainder >= P ? remainder - P : remainder;
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
  return power(value, P - 2);
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
