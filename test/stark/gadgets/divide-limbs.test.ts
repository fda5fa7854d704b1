import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideLimbs } from '../../../src/stark/gadgets/divide-limbs.ts';

function toLimbs(value: bigint, count: number): Uint16Array {
  return Uint16Array.from({ length: count }, (_, i) => Number((value >> BigInt(16 * i)) & 0xffffn));
}

function toBigint(limbs: Uint16Array): bigint {
  return limbs.reduceRight((sum, limb) => (sum << 16n) | BigInt(limb), 0n);
}

/** Numbers of up to `bits` bits, of any length, with runs of zeros and ones. */
function numbers(bits: number): fc.Arbitrary<bigint> {
  const power = fc.integer({ min: 0, max: bits - 1 }).map((exponent) => 1n << BigInt(exponent));
  const mask = (1n << BigInt(bits)) - 1n;
  return fc.oneof(
    fc.bigInt({ min: 0n, max: mask }),
    fc.tuple(power, fc.bigInt({ min: 0n, max: mask })).map(([p, x]) => x % p),
    fc.tuple(power, power).map(([p, q]) => (p - q) & mask),
  );
}

describe('division of limbs', () => {
  it('agrees with bigints', () => {
    fc.assert(
      fc.property(numbers(512), numbers(256), (dividend, divisor) => {
        const quotient = new Uint16Array(32);
        const remainder = new Uint16Array(16);
        divideLimbs(quotient, remainder, toLimbs(dividend, 32), toLimbs(divisor, 16));
        if (divisor === 0n) {
          expect(toBigint(quotient)).toBe(0n);
          expect(toBigint(remainder)).toBe(dividend & ((1n << 256n) - 1n));
        } else {
          expect(toBigint(quotient)).toBe(dividend / divisor);
          expect(toBigint(remainder)).toBe(dividend % divisor);
        }
      }),
      { numRuns: 3000, seed: 20261122 },
    );
  });
});
