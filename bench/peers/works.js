/**
 * The works that every prover is asked to do, and what must come out: plain BigInt, nothing of any prover.
 *
 * A prover states the result as public; the harness compares it with what stands here.
 */

/** @typedef {'generator' | 'product' | 'home'} WorkName */

/** @type {Readonly<Record<WorkName, string>>} */
export const titles = {
  generator: 'LCG: x = x * 1664525 + 1013904223 mod 2^32, sum = sum xor x',
  product: 'products modulo the prime of secp256k1, (x, y) -> (y, x * y)',
  home: "products modulo the peer's own prime, (x, y) -> (y, x * y)",
};

export const MULTIPLIER = 1664525n;
export const INCREMENT = 1013904223n;
export const SEED = 1n;

/** The prime of the field below secp256k1. */
export const SECP256K1 = 2n ** 256n - 2n ** 32n - 977n;

/** Two numbers of 256 bits to start from: the coordinates of the generator of secp256k1. */
const STARTS = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
];

/**
 * @param {bigint} modulus
 * @returns {readonly [bigint, bigint]}
 */
export const startsOf = (modulus) => [STARTS[0] % modulus, STARTS[1] % modulus];

/**
 * The exclusive or of the first `count` numbers of the generator.
 *
 * @param {number} count
 */
export function generatorResult(count) {
  let x = SEED;
  let sum = 0n;
  for (let i = 0; i < count; i++) {
    x = (x * MULTIPLIER + INCREMENT) & 0xffffffffn;
    sum ^= x;
  }
  return sum;
}

/**
 * Quotient and remainder of each product of the chain; the last remainder is the result.
 *
 * @param {number} count
 * @param {bigint} modulus
 */
export function productSteps(count, modulus) {
  let [x, y] = startsOf(modulus);
  return Array.from({ length: count }, () => {
    const product = x * y;
    const step = { quotient: product / modulus, remainder: product % modulus };
    [x, y] = [y, step.remainder];
    return step;
  });
}

/**
 * @param {WorkName} work
 * @param {number} count
 * @param {bigint} modulus
 * @returns {bigint}
 */
export function resultOf(work, count, modulus) {
  return work === 'generator'
    ? generatorResult(count)
    : productSteps(count, modulus)[count - 1].remainder;
}

/**
 * The limbs of a number, the least significant first.
 *
 * @param {bigint} value
 * @param {number} limbs
 * @param {number} bits
 */
export function limbsOf(value, limbs, bits) {
  const mask = (1n << BigInt(bits)) - 1n;
  return Array.from({ length: limbs }, (_, i) => (value >> BigInt(i * bits)) & mask);
}
