import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import type { Ext } from '../../../src/stark/field/extension.ts';
import * as columns from '../../../src/stark/field/extension-column.ts';
import { MODULUS } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';

const p = BigInt(MODULUS);

/** Schoolbook products from a multiplication table of basis elements: basis a * basis b = sum of [coefficient, basis]. */
type Table = (a: number, b: number) => [bigint, number][];

const qm31Table: Table = (a, b) => {
  // Basis k is i^(k & 1) u^(k >> 1).
  const i = (a & 1) + (b & 1);
  const u = (a >> 1) + (b >> 1);
  const sign = i === 2 ? -1n : 1n;
  const at = i % 2;
  if (u < 2) return [[sign, at + 2 * u]];
  // u^2 = 2 + i
  return at === 0
    ? [
        [2n * sign, 0],
        [sign, 1],
      ]
    : [
        [2n * sign, 1],
        [-sign, 0],
      ];
};

const degree6Table: Table = (a, b) => {
  const x = (a % 3) + (b % 3);
  const i = Math.floor(a / 3) + Math.floor(b / 3);
  return [[(x >= 3 ? 5n : 1n) * (i === 2 ? -1n : 1n), (x % 3) + 3 * (i % 2)]];
};

function schoolbook(table: Table, left: Ext, right: Ext): number[] {
  const sums = Array.from(left, () => 0n);
  left.forEach((l, a) => {
    right.forEach((r, b) => {
      for (const [coefficient, k] of table(a, b)) sums[k] += BigInt(l) * BigInt(r) * coefficient;
    });
  });
  return sums.map((sum) => Number(((sum % p) + p) % p));
}

const base = fc.oneof(
  fc.constantFrom(0, 1, 2, MODULUS - 1, MODULUS - 2),
  fc.integer({ min: 0, max: MODULUS - 1 }),
);

describe.each([
  { field: qm31, table: qm31Table },
  { field: degree6, table: degree6Table },
])('$field.name', ({ field, table }) => {
  const { degree } = field;
  const element = fc
    .array(base, { minLength: degree, maxLength: degree })
    .map((values) => Uint32Array.from(values));
  const settings = { seed: 3, numRuns: 500 };

  it('multiplies as the schoolbook does', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect([...field.mul(a, b)]).toEqual(schoolbook(table, a, b));
      }),
      settings,
    );
  });

  it('multiplies the greatest elements', () => {
    const top = new Uint32Array(degree).fill(MODULUS - 1);
    expect([...field.mul(top, top)]).toEqual(schoolbook(table, top, top));
  });

  it('multiplies in place, whichever input is overwritten', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        const expected = field.mul(a, b);
        const first = a.slice();
        field.mulAt(first, 0, first, 0, b, 0);
        const second = b.slice();
        field.mulAt(second, 0, a, 0, second, 0);
        const both = a.slice();
        field.mulAt(both, 0, both, 0, both, 0);
        expect(first).toEqual(expected);
        expect(second).toEqual(expected);
        expect(both).toEqual(field.square(a));
      }),
      settings,
    );
  });

  it('inverts, and refuses zero', () => {
    fc.assert(
      fc.property(element, (a) => {
        if (!field.isZero(a)) expect(field.mul(a, field.inverse(a))).toEqual(field.one());
      }),
      settings,
    );
    for (let k = 0; k < degree; k++) {
      expect(field.mul(field.basis(k), field.inverse(field.basis(k)))).toEqual(field.one());
    }
    expect(() => field.inverse(field.zero())).toThrow(RangeError);
  });

  it('inverts in a batch', () => {
    const values = Uint32Array.from({ length: 7 * degree }, (_, k) => (k * 7919 + 1) % MODULUS);
    const inverses = field.batchInverse(values);
    for (let offset = 0; offset < values.length; offset += degree) {
      expect(field.at(inverses, offset)).toEqual(field.inverse(field.at(values, offset)));
    }
    expect(field.batchInverse(new Uint32Array(0))).toHaveLength(0);
    values.fill(0, degree, 2 * degree);
    expect(() => field.batchInverse(values)).toThrow(RangeError);
  });

  it('conjugates: an automorphism of order 2 that fixes half of the basis', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        const { conjugate, mul, add } = field;
        expect(conjugate(conjugate(a))).toEqual(a);
        expect(conjugate(mul(a, b))).toEqual(mul(conjugate(a), conjugate(b)));
        expect(conjugate(add(a, b))).toEqual(add(conjugate(a), conjugate(b)));
      }),
      settings,
    );
    for (let k = 0; k < degree; k++) {
      const fixed = field.equal(field.conjugate(field.basis(k)), field.basis(k));
      expect(fixed).toBe(k < degree / 2);
    }
  });

  it('is a field: Frobenius of order `degree` and no less moves the basis', () => {
    const frobenius = (a: Ext) => field.pow(a, MODULUS);
    const generic = field.basis(degree - 1);
    generic[1] = 3;
    let image = frobenius(generic);
    for (let times = 1; times < degree; times++) {
      expect(field.equal(image, generic)).toBe(false);
      image = frobenius(image);
    }
    expect(image).toEqual(generic);
  });

  it('adds, subtracts, scales and takes powers', () => {
    fc.assert(
      fc.property(element, element, base, (a, b, scalar) => {
        expect(field.sub(field.add(a, b), b)).toEqual(a);
        expect(field.add(a, field.neg(a))).toEqual(field.zero());
        expect(field.mulBase(a, scalar)).toEqual(field.mul(a, field.fromBase(scalar)));
        const accumulated = b.slice();
        field.mulBaseAddAt(accumulated, 0, a, 0, scalar);
        expect(accumulated).toEqual(field.add(b, field.mulBase(a, scalar)));
        expect(field.pow(a, 5)).toEqual(field.mul(a, field.square(field.square(a))));
      }),
      settings,
    );
    expect(field.pow(field.zero(), 0)).toEqual(field.one());
  });

  it('does on columns what it does on elements', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(element, element, base), { minLength: 1, maxLength: 5 }),
        (rows) => {
          const make = () => columns.createExtColumn(field, rows.length);
          const left = make();
          const right = make();
          rows.forEach(([a, b], i) => {
            columns.setElement(left, i, a);
            columns.setElement(right, i, b);
          });
          const scalars = Uint32Array.from(rows, (row) => row[2]);
          const sum = make();
          columns.addColumns(sum, left, right);
          const difference = make();
          columns.subColumns(difference, left, right);
          const product = make();
          field.mulColumns(product, left, right);
          const scaled = make();
          columns.mulBaseColumn(scaled, left, scalars);
          const accumulated = right.map((coordinate) => coordinate.slice());
          columns.mulAccumulate(accumulated, scalars, rows[0][0]);
          rows.forEach(([a, b, scalar], i) => {
            expect(columns.elementOf(sum, i)).toEqual(field.add(a, b));
            expect(columns.elementOf(difference, i)).toEqual(field.sub(a, b));
            expect(columns.elementOf(product, i)).toEqual(field.mul(a, b));
            expect(columns.elementOf(scaled, i)).toEqual(field.mulBase(a, scalar));
            expect(columns.elementOf(accumulated, i)).toEqual(
              field.add(b, field.mulBase(rows[0][0], scalar)),
            );
          });
          if (rows.every(([a]) => !field.isZero(a))) {
            columns.invertColumn(field, left);
            rows.forEach(([a], i) => {
              expect(columns.elementOf(left, i)).toEqual(field.inverse(a));
            });
          }
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });
});
