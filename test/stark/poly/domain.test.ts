import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { MODULUS, mul, neg, sub } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import * as domain from '../../../src/stark/poly/domain.ts';

const logSizes = [1, 2, 3, 4, 6, 9];
const indicesOf = (logSize: number) => Array.from({ length: 2 ** logSize }, (_, index) => index);
const double = (point: domain.CirclePoint) => domain.addPoints(point, point);

describe('the circle group', () => {
  it('has a generator of order 2^31 exactly', () => {
    expect(domain.subgroupGenerator(31)).toEqual(domain.GENERATOR);
    expect(domain.subgroupGenerator(1)).toEqual({ x: MODULUS - 1, y: 0 });
    expect(domain.subgroupGenerator(0)).toEqual({ x: 1, y: 0 });
  });
  it('multiplies the generator as repeated addition does', () => {
    let point: domain.CirclePoint = { x: 1, y: 0 };
    for (let exponent = 0; exponent < 40; exponent++) {
      expect(domain.generatorMultiple(exponent)).toEqual(point);
      point = domain.addPoints(point, domain.GENERATOR);
    }
    expect(domain.generatorMultiple(2 ** 31 - 1)).toEqual(domain.negatePoint(domain.GENERATOR));
  });
});

describe.each(logSizes)('the canonic coset of 2^%i points', (logSize) => {
  const size = 2 ** logSize;

  it('has rows one step g apart, cyclically, all on its vanishing polynomial', () => {
    const step = domain.subgroupGenerator(logSize);
    for (let row = 0; row < size; row++) {
      const point = domain.rowPoint(logSize, row);
      expect(domain.addPoints(point, step)).toEqual(domain.rowPoint(logSize, (row + 1) % size));
      expect(domain.vanishing(logSize, point.x)).toBe(0);
    }
    expect(domain.vanishing(logSize, domain.rowPoint(logSize + 1, 0).x)).not.toBe(0);
  });

  it('maps rows to indices and back, the table as the functions', () => {
    const table = domain.rowToIndexTable(logSize);
    expect(new Set(table).size).toBe(size);
    for (const row of indicesOf(logSize)) {
      expect(domain.rowToIndex(logSize, row)).toBe(table[row]);
      expect(domain.indexToRow(logSize, table[row])).toBe(row);
    }
    const column = Uint32Array.from(indicesOf(logSize), (row) => row * row + 1);
    expect(domain.toRowOrder(domain.toIndexOrder(column, logSize), logSize)).toEqual(column);
  });

  it('takes index i to i >> k under k doublings', () => {
    for (let k = 1; k <= logSize; k++) {
      for (const index of indicesOf(logSize)) {
        let point = domain.indexPoint(logSize, index);
        for (let times = 0; times < k; times++) point = double(point);
        expect(point).toEqual(domain.indexPoint(logSize - k, index >> k));
      }
    }
  });

  it('has conjugates half the domain apart and antipodes side by side', () => {
    for (let index = 0; index < size / 2; index++) {
      const point = domain.indexPoint(logSize, index);
      expect(domain.indexPoint(logSize, index + size / 2)).toEqual(domain.negatePoint(point));
    }
    if (logSize < 2) return;
    for (let index = 0; index < size; index += 2) {
      const { x, y } = domain.indexPoint(logSize, index);
      expect(domain.indexPoint(logSize, index + 1)).toEqual({ x: neg(x), y: neg(y) });
    }
  });

  it('lists the points of its half coset', () => {
    const { xs, ys } = domain.halfCosetPoints(logSize);
    expect(xs).toHaveLength(size / 2);
    for (let index = 0; index < size / 2; index++) {
      expect({ x: xs[index], y: ys[index] }).toEqual(domain.indexPoint(logSize, index));
    }
  });
});

describe('domains at the limits', () => {
  it('refuses a coset larger than 2^30', () => {
    expect(() => domain.rowPoint(31, 0)).toThrow(RangeError);
    expect(domain.rowPoint(30, 0)).toEqual(domain.GENERATOR);
    expect(domain.indexPoint(0, 0)).toEqual(domain.subgroupGenerator(1));
  });
});

describe.each([qm31, degree6])('points over $name', (field) => {
  const element = fc
    .array(fc.integer({ min: 0, max: MODULUS - 1 }), {
      minLength: field.degree,
      maxLength: field.degree,
    })
    .map((values) => Uint32Array.from(values));

  it('come from challenges, on the circle, and double as they add', () => {
    fc.assert(
      fc.property(element, (t) => {
        const point = domain.pointFromChallenge(field, t);
        if (point === undefined) return;
        const { x, y } = point;
        expect(field.add(field.square(x), field.square(y))).toEqual(field.one());
        const doubled = domain.addExtPoints(field, point, point);
        expect(domain.doubleExtPoint(field, point, 1)).toEqual(doubled);
        expect(domain.doubleExtPoint(field, point, 2)).toEqual(
          domain.addExtPoints(field, doubled, doubled),
        );
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  it('refuse the two square roots of -1', () => {
    const root = field.basis(field.degree === 4 ? 1 : 3);
    expect(domain.pointFromChallenge(field, root)).toBeUndefined();
    expect(domain.pointFromChallenge(field, field.neg(root))).toBeUndefined();
  });

  it('agree with base points, and the vanishing polynomial with its base twin', () => {
    const left = domain.rowPoint(7, 3);
    const right = domain.rowPoint(9, 12);
    const sum = domain.addExtPoints(
      field,
      domain.toExtPoint(field, left),
      domain.toExtPoint(field, right),
    );
    expect(sum).toEqual(domain.toExtPoint(field, domain.addPoints(left, right)));
    expect(domain.vanishingExt(field, 5, field.fromBase(right.x))).toEqual(
      field.fromBase(domain.vanishing(5, right.x)),
    );
    const x2 = sub(mul(2, mul(right.x, right.x)), 1);
    expect(domain.vanishing(2, right.x)).toBe(x2);
  });

  it('are no out-of-domain points on a domain of any height, or on the base circle', () => {
    const t = field.basis(field.degree - 1);
    t[0] = 12345;
    const good = domain.pointFromChallenge(field, t)!;
    expect(domain.isAdmissiblePoint(field, good, 6)).toBe(true);
    for (const [logSize, index] of [
      [6, 0],
      [6, 63],
      [7, 5],
      [12, 77],
    ]) {
      const point = domain.toExtPoint(field, domain.indexPoint(logSize, index));
      expect(domain.isAdmissiblePoint(field, point, 6)).toBe(false);
    }
  });

  it('are no out-of-domain points if they or the next row equal their conjugates in y', () => {
    // t conj(t) = 1 conjugates x to -x and leaves y.
    const s = Uint32Array.from({ length: field.degree }, (_, k) => 5 * k + 3);
    const t = field.mul(s, field.inverse(field.conjugate(s)));
    const point = domain.pointFromChallenge(field, t)!;
    expect(point.y).toEqual(field.conjugate(point.y));
    expect(point.x).not.toEqual(field.conjugate(point.x));
    expect(domain.isAdmissiblePoint(field, point, 6)).toBe(false);
    const back = domain.negatePoint(domain.subgroupGenerator(6));
    const before = domain.addExtPoints(field, point, domain.toExtPoint(field, back));
    expect(before.y).not.toEqual(field.conjugate(before.y));
    expect(domain.isAdmissiblePoint(field, before, 6)).toBe(false);
    expect(domain.isAdmissiblePoint(field, before, 7)).toBe(true);
  });

  it('vanish nowhere but on the domain: v of a lower table at pi^k(zeta) is v of the tallest', () => {
    const t = field.basis(1);
    t[0] = 4;
    const point = domain.pointFromChallenge(field, t)!;
    for (let k = 0; k < 6; k++) {
      const doubled = domain.doubleExtPoint(field, point, k);
      expect(domain.vanishingExt(field, 6 - k, doubled.x)).toEqual(
        domain.vanishingExt(field, 6, point.x),
      );
    }
  });
});
