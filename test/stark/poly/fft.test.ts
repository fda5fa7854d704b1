import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { add, MODULUS, mul, sub } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import * as coefficientVectors from '../../../src/stark/poly/coefficients.ts';
import * as domain from '../../../src/stark/poly/domain.ts';
import * as fft from '../../../src/stark/poly/fft.ts';
import { evaluateWithWeights, lagrangeAt } from '../../../src/stark/poly/lagrange.ts';

const logSizes = [1, 2, 3, 4, 5, 8];

function randomColumn(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
}

/** Naive reference: the basis function of a coefficient position at a base point. */
function basisValue(logSize: number, position: number, point: domain.CirclePoint): number {
  let value = position >> (logSize - 1) === 1 ? point.y : 1;
  let x = point.x;
  for (let bit = 0; bit < logSize - 1; bit++) {
    if ((position >> bit) & 1) value = mul(value, x);
    x = sub(mul(2, mul(x, x)), 1);
  }
  return value;
}

function evaluateNaively(coefficients: Uint32Array, logSize: number): number[] {
  const log = Math.log2(coefficients.length);
  return Array.from({ length: 2 ** logSize }, (_, index) => {
    const point = domain.indexPoint(logSize, index);
    return coefficients.reduce((sum, c, j) => add(sum, mul(c, basisValue(log, j, point))), 0);
  });
}

describe.each(logSizes)('the circle FFT on 2^%i points', (logSize) => {
  const size = 2 ** logSize;
  const columns = [
    new Uint32Array(size),
    new Uint32Array(size).fill(MODULUS - 1),
    randomColumn(size, 1),
    Uint32Array.from({ length: size }, (_, index) => (index === size - 1 ? MODULUS - 1 : 0)),
  ];

  it('evaluates as the naive sum over the basis does', () => {
    for (const coefficients of columns) {
      const values = coefficients.slice();
      fft.evaluateInPlace(values);
      expect([...values]).toEqual(evaluateNaively(coefficients, logSize));
    }
  });

  it('interpolates back', () => {
    for (const column of columns) {
      const values = column.slice();
      fft.interpolateInPlace(values);
      fft.evaluateInPlace(values);
      expect(values).toEqual(column);
    }
  });

  it('evaluates on larger domains', () => {
    for (let more = 0; more <= 3; more++) {
      const coefficients = columns[2];
      const values = fft.evaluateOn(coefficients, logSize + more);
      expect([...values]).toEqual(evaluateNaively(coefficients, logSize + more));
      const padded = coefficientVectors.padCoefficients(coefficients, logSize + more);
      fft.evaluateInPlace(padded);
      expect(padded).toEqual(values);
    }
  });

  it('interpolates a column in row order', () => {
    const column = columns[2];
    const coefficients = fft.interpolateRows(column, logSize);
    const onRows = domain.toRowOrder(fft.evaluateOn(coefficients, logSize), logSize);
    expect(onRows).toEqual(column);
  });

  it('lifts: f(pi^k(P)) repeats each value of the small domain 2^k times', () => {
    const coefficients = columns[2];
    const values = fft.evaluateOn(coefficients, logSize);
    for (let k = 0; k <= 3; k++) {
      const lifted = fft.evaluateOn(
        coefficientVectors.liftCoefficients(coefficients, k),
        logSize + k,
      );
      expect(lifted.every((value, index) => value === values[index >> k])).toBe(true);
    }
  });

  it('splits into halves that recombine with pi^{n-2}(x)', () => {
    if (logSize < 2) return;
    const { left, right } = coefficientVectors.splitCoefficients(columns[2]);
    const whole = fft.evaluateOn(columns[2], logSize);
    const leftValues = fft.evaluateOn(left, logSize);
    const rightValues = fft.evaluateOn(right, logSize);
    for (let index = 0; index < size; index++) {
      const factor = domain.vanishing(logSize - 1, domain.indexPoint(logSize, index).x);
      expect(add(leftValues[index], mul(factor, rightValues[index]))).toBe(whole[index]);
    }
  });
});

describe('shapes the FFT refuses', () => {
  it('throws on lengths that are no power of two, on one value, and on a smaller domain', () => {
    expect(() => fft.interpolateInPlace(new Uint32Array(6))).toThrow(RangeError);
    expect(() => fft.evaluateInPlace(new Uint32Array(1))).toThrow(RangeError);
    expect(() => fft.evaluateOn(new Uint32Array(8), 2)).toThrow(RangeError);
    expect(() => fft.interpolateRows(new Uint32Array(8), 2)).toThrow(RangeError);
  });
});

describe.each([qm31, degree6])('evaluation at points over $name', (field) => {
  const t = field.neg(field.basis(field.degree - 1));
  t[0] = 99;
  const zeta = domain.pointFromChallenge(field, t)!;

  it('opens a base point to the value there', () => {
    const coefficients = randomColumn(32, 7);
    const values = fft.evaluateOn(coefficients, 6);
    for (const index of [0, 1, 31, 32, 63]) {
      const point = domain.toExtPoint(field, domain.indexPoint(6, index));
      expect(coefficientVectors.evaluateAt(field, coefficients, point)).toEqual(
        field.fromBase(values[index]),
      );
    }
  });

  it.each(logSizes)(
    'agrees with Lagrange weights over 2^%i rows, at zeta and zeta + g',
    (logSize) => {
      for (const column of [
        randomColumn(2 ** logSize, 11),
        Uint32Array.from({ length: 2 ** logSize }, (_, row) => (row === 1 ? 1 : 0)),
      ]) {
        const coefficients = fft.interpolateRows(column, logSize);
        for (const point of [zeta, domain.nextExtPoint(field, zeta, logSize)]) {
          const weights = lagrangeAt(field, point, logSize)!;
          expect(evaluateWithWeights(field, weights, column)).toEqual(
            coefficientVectors.evaluateAt(field, coefficients, point),
          );
        }
      }
    },
  );

  it('gives Lagrange weights that sum to one, and pads short columns with zeros', () => {
    const weights = lagrangeAt(field, zeta, 5)!;
    const ones = new Uint32Array(32).fill(1);
    expect(evaluateWithWeights(field, weights, ones)).toEqual(field.one());
    const short = ones.subarray(0, 9);
    const padded = Uint32Array.from({ length: 32 }, (_, row) => (row < 9 ? 1 : 0));
    expect(evaluateWithWeights(field, weights, short)).toEqual(
      evaluateWithWeights(field, weights, padded),
    );
    expect(() => evaluateWithWeights(field, weights, new Uint32Array(33))).toThrow(RangeError);
  });

  it('has no Lagrange weights on the domain', () => {
    const point = domain.toExtPoint(field, domain.rowPoint(5, 3));
    expect(lagrangeAt(field, point, 5)).toBeUndefined();
  });

  it('commutes with conjugation: f(conj zeta) = conj f(zeta)', () => {
    const coefficients = randomColumn(16, 3);
    const there = coefficientVectors.evaluateAt(field, coefficients, zeta);
    const conjugate = domain.conjugateExtPoint(field, zeta);
    expect(coefficientVectors.evaluateAt(field, coefficients, conjugate)).toEqual(
      field.conjugate(there),
    );
  });

  it('opens a lift at zeta as the small polynomial at pi^k(zeta)', () => {
    const coefficients = randomColumn(16, 5);
    const lifted = coefficientVectors.liftCoefficients(coefficients, 3);
    expect(coefficientVectors.evaluateAt(field, lifted, zeta)).toEqual(
      coefficientVectors.evaluateAt(field, coefficients, domain.doubleExtPoint(field, zeta, 3)),
    );
  });
});
