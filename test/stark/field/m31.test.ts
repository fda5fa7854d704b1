import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as m31 from '../../../src/stark/field/m31.ts';

const p = BigInt(m31.MODULUS);
const edges = [
  0, 1, 2, 3, 0xffff, 0x10000, 0x3fffffff, 0x40000000, 0x7ffffffc, 0x7ffffffd, 0x7ffffffe,
];
const element = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: m31.MODULUS - 1 }));

describe('M31 against BigInt', () => {
  const cases: [string, (a: number, b: number) => number, (a: bigint, b: bigint) => bigint][] = [
    ['add', m31.add, (a, b) => (a + b) % p],
    ['sub', m31.sub, (a, b) => (((a - b) % p) + p) % p],
    ['mul', m31.mul, (a, b) => (a * b) % p],
  ];
  it.each(cases)('%s agrees on all pairs of edge values', (_name, fast, model) => {
    for (const a of edges) {
      for (const b of edges) expect(fast(a, b)).toBe(Number(model(BigInt(a), BigInt(b))));
    }
  });
  it.each(cases)('%s agrees on random values', (_name, fast, model) => {
    fc.assert(
      fc.property(element, element, (a, b) => fast(a, b) === Number(model(BigInt(a), BigInt(b)))),
      { seed: 1, numRuns: 20000 },
    );
  });
  it('negates, and zero stays zero', () => {
    for (const a of edges) expect(m31.add(a, m31.neg(a))).toBe(0);
    expect(Object.is(m31.neg(0), 0)).toBe(true);
  });
  it('inverts every nonzero element it is given', () => {
    fc.assert(
      fc.property(element, (a) => a === 0 || m31.mul(a, m31.inverse(a)) === 1),
      { seed: 2 },
    );
    expect(() => m31.inverse(0)).toThrow(RangeError);
  });
  it('reduces split sums, negative ones too, up to their bounds', () => {
    const high = fc.oneof(
      fc.constantFrom(0, 1, -1, 2 ** 51 - 1, 1 - 2 ** 51, 2 ** 31 - 1, 1 - 2 ** 31),
      fc.integer({ min: 1 - 2 ** 51, max: 2 ** 51 - 1 }),
    );
    const low = fc.oneof(
      fc.constantFrom(0, 1, -1, 3 * 2 ** 50 - 1, 1 - 3 * 2 ** 50, 2 ** 31 - 1, 1 - 2 ** 31),
      fc.integer({ min: 1 - 3 * 2 ** 50, max: 3 * 2 ** 50 - 1 }),
    );
    fc.assert(
      fc.property(high, low, (h, l) => {
        const expected = (((BigInt(h) * 65536n + BigInt(l)) % p) + p) % p;
        return m31.reduceSplit(h, l) === Number(expected);
      }),
      { seed: 7, numRuns: 20000 },
    );
  });
  it('takes powers', () => {
    expect(m31.power(0, 0)).toBe(1);
    expect(m31.power(3, 5)).toBe(243);
    expect(m31.power(7, m31.MODULUS - 1)).toBe(1);
  });
  it('inverts in a batch, and refuses a zero among them', () => {
    const values = Uint32Array.from(edges.slice(1));
    expect([...m31.batchInverse(values)]).toEqual(edges.slice(1).map(m31.inverse));
    expect(m31.batchInverse(new Uint32Array(0)).length).toBe(0);
    expect(() => m31.batchInverse(Uint32Array.of(3, 0))).toThrow(RangeError);
  });
  it('knows the one encoding of an element', () => {
    expect([0, 1, m31.MODULUS - 1].every(m31.isCanonical)).toBe(true);
    expect([m31.MODULUS, 2 ** 32, -1, 0.5, Number.NaN].some(m31.isCanonical)).toBe(false);
  });
});
