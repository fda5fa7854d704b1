/**
 * The circle FFT on plain typed arrays: interpolation, evaluation and low degree extension. Prover only.
 *
 * One step in y splits f(x, y) = f0(x) + y f1(x) over conjugates, then steps in x split f(x) = f0(2x^2 - 1) + x f1(2x^2
 * - 1) over antipodes: spec/7-proof-system.md, "Circle FFT". In index order conjugates lie half the array apart and the
 * antipodes of step s lie 2^s apart, so that no step moves anything. The arithmetic of m31.ts is written out: calls
 * that are not inlined would cost more than the butterfly.
 */
import { batchInverse, MODULUS, mul, power } from '../field/m31.ts';
import { halfCosetPoints, toIndexOrder } from './domain.ts';

/** 2^-31, exact in a double. */
const TWO_TO_MINUS_31 = 1 / 0x80000000;

/** Twiddles of one domain H_n; those of its x-steps after the first belong to H_{n-1} and so on. */
interface Twiddles {
  /** y at indices 0 to 2^{n-1} - 1, and inverses. */
  readonly ys: Int32Array;
  readonly inverseYs: Int32Array;
  /** x at the even ones of these indices (the odd ones are their negatives), and inverses; empty for n = 1. */
  readonly xs: Int32Array;
  readonly inverseXs: Int32Array;
}

const twiddleCache = new Map<number, Twiddles>();

function twiddlesOf(logSize: number): Twiddles {
  let twiddles = twiddleCache.get(logSize);
  if (twiddles === undefined) {
    const { xs, ys } = halfCosetPoints(logSize);
    const evenXs = xs.filter((_, index) => index % 2 === 0).subarray(0, xs.length >> 1);
    twiddles = {
      ys: Int32Array.from(ys),
      inverseYs: Int32Array.from(batchInverse(ys)),
      xs: Int32Array.from(evenXs),
      inverseXs: Int32Array.from(batchInverse(evenXs)),
    };
    twiddleCache.set(logSize, twiddles);
  }
  return twiddles;
}

/** Values below 2^31 are the same as signed numbers, and signed loads stay in integer registers. */
function signedView(values: Uint32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

function logLength(values: Uint32Array): number {
  const logSize = Math.log2(values.length);
  if (!Number.isInteger(logSize) || logSize < 1) {
    throw new RangeError(`values: expected a power of two of at least 2, got ${values.length}`);
  }
  return logSize;
}

/** (a, b) becomes (a + b, (a - b) * twiddle), `stride` apart, one twiddle for each block of 2 * stride. */
function inverseStep(data: Int32Array, stride: number, twiddles: Int32Array): void {
  const blocks = data.length / (2 * stride);
  const mask = twiddles.length - 1;
  for (let block = 0; block < blocks; block++) {
    const twiddle = twiddles[block & mask];
    const start = block * 2 * stride;
    const end = start + stride;
    for (let low = start, high = end; low < end; low++, high++) {
      const a = data[low];
      const b = data[high];
      const sum = (a + b - MODULUS) | 0;
      data[low] = sum + ((sum >> 31) & MODULUS);
      const raw = (a - b) | 0;
      const difference = raw + ((raw >> 31) & MODULUS);
      const bottom = Math.imul(difference, twiddle);
      const top = ((difference * twiddle - bottom) * TWO_TO_MINUS_31 + 0.5) | 0;
      const folded = (top - MODULUS + (bottom & MODULUS) + (bottom >> 31)) | 0;
      data[high] = folded + ((folded >> 31) & MODULUS);
    }
  }
}

/** (a, b) becomes (a + b * twiddle, a - b * twiddle), `stride` apart, one twiddle for each block of 2 * stride. */
function forwardStep(data: Int32Array, stride: number, twiddles: Int32Array): void {
  const blocks = data.length / (2 * stride);
  const mask = twiddles.length - 1;
  for (let block = 0; block < blocks; block++) {
    const twiddle = twiddles[block & mask];
    const start = block * 2 * stride;
    const end = start + stride;
    for (let low = start, high = end; low < end; low++, high++) {
      const a = data[low];
      const b = data[high];
      const bottom = Math.imul(b, twiddle);
      const top = ((b * twiddle - bottom) * TWO_TO_MINUS_31 + 0.5) | 0;
      const folded = (top - MODULUS + (bottom & MODULUS) + (bottom >> 31)) | 0;
      const product = folded + ((folded >> 31) & MODULUS);
      const sum = (a + product - MODULUS) | 0;
      data[low] = sum + ((sum >> 31) & MODULUS);
      const difference = (a - product) | 0;
      data[high] = difference + ((difference >> 31) & MODULUS);
    }
  }
}

/** The step in y of the interpolation: as `inverseStep`, with a twiddle for each pair. */
function inverseYStep(data: Int32Array, twiddles: Int32Array): void {
  const half = data.length / 2;
  for (let low = 0, high = half; low < half; low++, high++) {
    const a = data[low];
    const b = data[high];
    const twiddle = twiddles[low];
    const sum = (a + b - MODULUS) | 0;
    data[low] = sum + ((sum >> 31) & MODULUS);
    const raw = (a - b) | 0;
    const difference = raw + ((raw >> 31) & MODULUS);
    const bottom = Math.imul(difference, twiddle);
    const top = ((difference * twiddle - bottom) * TWO_TO_MINUS_31 + 0.5) | 0;
    const folded = (top - MODULUS + (bottom & MODULUS) + (bottom >> 31)) | 0;
    data[high] = folded + ((folded >> 31) & MODULUS);
  }
}

/** The step in y of the evaluation. */
function forwardYStep(data: Int32Array, twiddles: Int32Array): void {
  const half = data.length / 2;
  for (let low = 0, high = half; low < half; low++, high++) {
    const a = data[low];
    const b = data[high];
    const twiddle = twiddles[low];
    const bottom = Math.imul(b, twiddle);
    const top = ((b * twiddle - bottom) * TWO_TO_MINUS_31 + 0.5) | 0;
    const folded = (top - MODULUS + (bottom & MODULUS) + (bottom >> 31)) | 0;
    const product = folded + ((folded >> 31) & MODULUS);
    const sum = (a + product - MODULUS) | 0;
    data[low] = sum + ((sum >> 31) & MODULUS);
    const difference = (a - product) | 0;
    data[high] = difference + ((difference >> 31) & MODULUS);
  }
}

/** In place: values of H_n in index order become coefficients (coefficients.ts says in which layout). n >= 1. */
export function interpolateInPlace(values: Uint32Array): void {
  const logSize = logLength(values);
  const data = signedView(values);
  inverseYStep(data, twiddlesOf(logSize).inverseYs);
  for (let step = 0; step < logSize - 1; step++) {
    inverseStep(data, 2 ** step, twiddlesOf(logSize - step).inverseXs);
  }
  // Each step left out a division by 2.
  const scale = power(2, 31 - logSize);
  for (let index = 0; index < values.length; index++) values[index] = mul(values[index], scale);
}

/** In place: coefficients become values on H_n in index order. n >= 1. */
export function evaluateInPlace(coefficients: Uint32Array): void {
  const logSize = logLength(coefficients);
  const data = signedView(coefficients);
  for (let step = logSize - 2; step >= 0; step--) {
    forwardStep(data, 2 ** step, twiddlesOf(logSize - step).xs);
  }
  forwardYStep(data, twiddlesOf(logSize).ys);
}

/** Coefficients of a column of 2^logRows values in row order; fresh. */
export function interpolateRows(column: Uint32Array, logRows: number): Uint32Array {
  if (column.length !== 2 ** logRows) {
    throw new RangeError(`column: expected ${2 ** logRows} rows, got ${column.length}`);
  }
  const values = toIndexOrder(column, logRows);
  interpolateInPlace(values);
  return values;
}

/**
 * Values in index order on H_{logSize} of a polynomial with at most 2^logSize coefficients; fresh. The steps over the
 * padding are copies: a block whose upper half is zero becomes twice its lower half.
 */
export function evaluateOn(coefficients: Uint32Array, logSize: number): Uint32Array {
  const logCoefficients = logLength(coefficients);
  if (logCoefficients > logSize) {
    throw new RangeError(`logSize: expected at least ${logCoefficients}, got ${logSize}`);
  }
  const values = new Uint32Array(2 ** logSize);
  const half = coefficients.length / 2;
  for (let part = 0; part < 2; part++) {
    const source = coefficients.subarray(part * half, (part + 1) * half);
    const start = (part * values.length) / 2;
    for (let at = 0; at < values.length / 2; at += half) values.set(source, start + at);
  }
  const data = signedView(values);
  for (let step = logCoefficients - 2; step >= 0; step--) {
    forwardStep(data, 2 ** step, twiddlesOf(logSize - step).xs);
  }
  forwardYStep(data, twiddlesOf(logSize).ys);
  return values;
}

/** Low degree extension: row order in, 2^{logRows + logBlowup} values in index order out; fresh. */
export function extend(column: Uint32Array, logRows: number, logBlowup: number): Uint32Array {
  return evaluateOn(interpolateRows(column, logRows), logRows + logBlowup);
}
