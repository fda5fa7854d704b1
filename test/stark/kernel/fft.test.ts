import { describe, expect, it } from 'vitest';
import { MODULUS } from '../../../src/stark/field/m31.ts';
import { createFft } from '../../../src/stark/kernel/fft.ts';
import { type CircleFft, plainFft } from '../../../src/stark/poly/fft.ts';

function randomColumn(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
}

function refused(): never {
  throw new Error('left to the plain twin');
}

/** A twin that must not be asked. */
const refuse: CircleFft = {
  interpolateInPlace: refused,
  interpolateRows: refused,
  evaluateOn: refused,
};

// One fft for all: a column of another size must not change what comes after it.
const kernel = await createFft(refuse);

describe.each([16, 5, 6, 7, 8, 9, 12, 15, 16, 17])('the FFT kernel on 2^%i values', (logSize) => {
  const size = 2 ** logSize;
  const columns = [
    randomColumn(size, logSize),
    new Uint32Array(size),
    new Uint32Array(size).fill(MODULUS - 1),
    Uint32Array.from({ length: size }, (_, index) => (index === size - 1 ? MODULUS - 1 : 0)),
    Uint32Array.from({ length: size }, (_, index) => (index % 3 === 0 ? MODULUS - 1 : index % 2)),
  ];

  it('interpolates as the plain twin', () => {
    for (const column of columns) {
      expect(
        same(kernel.interpolateRows(column, logSize), plainFft.interpolateRows(column, logSize)),
      ).toBe(true);
      const [left, right] = [column.slice(), column.slice()];
      kernel.interpolateInPlace(left);
      plainFft.interpolateInPlace(right);
      expect(same(left, right)).toBe(true);
    }
  });

  it.each([0, 1, 2, 3])('evaluates on 2^%i times as many points as the plain twin', (logBlowup) => {
    for (const column of columns) {
      const [before, log] = [column.slice(), logSize + logBlowup];
      expect(same(kernel.evaluateOn(column, log), plainFft.evaluateOn(column, log))).toBe(true);
      expect(same(column, before)).toBe(true);
    }
  });
});

describe('the FFT kernel', () => {
  it('leaves small columns and wrong lengths to its twin', async () => {
    const fft = await createFft(plainFft);
    for (const logSize of [1, 2, 3, 4]) {
      const column = randomColumn(2 ** logSize, 3);
      expect(fft.interpolateRows(column, logSize)).toEqual(
        plainFft.interpolateRows(column, logSize),
      );
      expect(fft.evaluateOn(column, 6)).toEqual(plainFft.evaluateOn(column, 6));
      const [left, right] = [column.slice(), column.slice()];
      fft.interpolateInPlace(left);
      plainFft.interpolateInPlace(right);
      expect(left).toEqual(right);
    }
    expect(() => fft.interpolateRows(new Uint32Array(48), 5)).toThrow(RangeError);
    expect(() => fft.interpolateInPlace(new Uint32Array(48))).toThrow(RangeError);
    expect(() => fft.evaluateOn(new Uint32Array(64), 5)).toThrow(RangeError);
  });
});

/** Compared without a matcher, which would take longer than the transforms. */
function same(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
