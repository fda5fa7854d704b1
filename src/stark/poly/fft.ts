/**
 * The circle FFT on plain typed arrays: interpolation, evaluation and low degree extension. Prover only.
 *
 * One step in y splits f(x, y) = f0(x) + y f1(x) over conjugates, then steps in x split f(x) = f0(2x^2 - 1) + x f1(2x^2
 * - 1) over antipodes: spec/7-proof-system.md, "Circle FFT". In index order conjugates lie half the array apart and the
 * antipodes of step s lie 2^s apart, so that no step moves anything. The arithmetic of m31.ts is written out: calls
 * that are not inlined would cost more than the butterfly.
 */
import { add, batchInverse, mul, power, sub } from '../field/m31.ts';
import { halfCosetPoints, toIndexOrder } from './domain.ts';

/** p, private so that V8 folds it into the code. */
const MODULUS = 0x7fffffff;

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

/**
 * Two steps of the interpolation at once, of strides s and 2s, on the four values s apart: half the loads and stores,
 * and 5.3 ns a butterfly against 9.5 (Node 20). The three products are `mul` of m31.ts.
 */
function inverseTwoSteps(
  data: Int32Array,
  stride: number,
  inner: Int32Array,
  outer: Int32Array,
): void {
  const blocks = (data.length / (4 * stride)) | 0;
  const mask = outer.length - 1;
  for (let block = 0; block < blocks; block++) {
    const at = block & mask;
    const left = inner[2 * at];
    const right = inner[2 * at + 1];
    const both = outer[at];
    const leftScaled = left * TWO_TO_MINUS_31;
    const rightScaled = right * TWO_TO_MINUS_31;
    const bothScaled = both * TWO_TO_MINUS_31;
    const start = (block * 4 * stride) | 0;
    const end = (start + stride) | 0;
    for (let i0 = start; i0 < end; i0++) {
      const i1 = (i0 + stride) | 0;
      const i2 = (i1 + stride) | 0;
      const i3 = (i2 + stride) | 0;
      const v0 = data[i0];
      const v1 = data[i1];
      const v2 = data[i2];
      const v3 = data[i3];

      let sum = (v0 + v1 - MODULUS) | 0;
      const s0 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v0 - v1) | 0;
      const difference0 = (sum + ((sum >> 31) & MODULUS)) | 0;
      let quotient = (difference0 * leftScaled) | 0;
      sum = (Math.imul(difference0, left) - (quotient << 31) + quotient - MODULUS) | 0;
      const s1 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v2 + v3 - MODULUS) | 0;
      const s2 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v2 - v3) | 0;
      const difference1 = (sum + ((sum >> 31) & MODULUS)) | 0;
      quotient = (difference1 * rightScaled) | 0;
      sum = (Math.imul(difference1, right) - (quotient << 31) + quotient - MODULUS) | 0;
      const s3 = (sum + ((sum >> 31) & MODULUS)) | 0;

      sum = (s0 + s2 - MODULUS) | 0;
      data[i0] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s1 + s3 - MODULUS) | 0;
      data[i1] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s0 - s2) | 0;
      const difference2 = (sum + ((sum >> 31) & MODULUS)) | 0;
      quotient = (difference2 * bothScaled) | 0;
      sum = (Math.imul(difference2, both) - (quotient << 31) + quotient - MODULUS) | 0;
      data[i2] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s1 - s3) | 0;
      const difference3 = (sum + ((sum >> 31) & MODULUS)) | 0;
      quotient = (difference3 * bothScaled) | 0;
      sum = (Math.imul(difference3, both) - (quotient << 31) + quotient - MODULUS) | 0;
      data[i3] = (sum + ((sum >> 31) & MODULUS)) | 0;
    }
  }
}

/** Two steps of the evaluation at once, of strides 2s and s. */
function forwardTwoSteps(
  data: Int32Array,
  stride: number,
  inner: Int32Array,
  outer: Int32Array,
): void {
  const blocks = (data.length / (4 * stride)) | 0;
  const mask = outer.length - 1;
  for (let block = 0; block < blocks; block++) {
    const at = block & mask;
    const left = inner[2 * at];
    const right = inner[2 * at + 1];
    const both = outer[at];
    const leftScaled = left * TWO_TO_MINUS_31;
    const rightScaled = right * TWO_TO_MINUS_31;
    const bothScaled = both * TWO_TO_MINUS_31;
    const start = (block * 4 * stride) | 0;
    const end = (start + stride) | 0;
    for (let i0 = start; i0 < end; i0++) {
      const i1 = (i0 + stride) | 0;
      const i2 = (i1 + stride) | 0;
      const i3 = (i2 + stride) | 0;
      const v0 = data[i0];
      const v1 = data[i1];
      const v2 = data[i2];
      const v3 = data[i3];

      let quotient = (v2 * bothScaled) | 0;
      let sum = (Math.imul(v2, both) - (quotient << 31) + quotient - MODULUS) | 0;
      const product2 = (sum + ((sum >> 31) & MODULUS)) | 0;
      quotient = (v3 * bothScaled) | 0;
      sum = (Math.imul(v3, both) - (quotient << 31) + quotient - MODULUS) | 0;
      const product3 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v0 + product2 - MODULUS) | 0;
      const s0 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v0 - product2) | 0;
      const s2 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v1 + product3 - MODULUS) | 0;
      const s1 = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (v1 - product3) | 0;
      const s3 = (sum + ((sum >> 31) & MODULUS)) | 0;

      quotient = (s1 * leftScaled) | 0;
      sum = (Math.imul(s1, left) - (quotient << 31) + quotient - MODULUS) | 0;
      const product1 = (sum + ((sum >> 31) & MODULUS)) | 0;
      quotient = (s3 * rightScaled) | 0;
      sum = (Math.imul(s3, right) - (quotient << 31) + quotient - MODULUS) | 0;
      const productLast = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s0 + product1 - MODULUS) | 0;
      data[i0] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s0 - product1) | 0;
      data[i1] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s2 + productLast - MODULUS) | 0;
      data[i2] = (sum + ((sum >> 31) & MODULUS)) | 0;
      sum = (s2 - productLast) | 0;
      data[i3] = (sum + ((sum >> 31) & MODULUS)) | 0;
    }
  }
}

/**
 * One step of the interpolation: (a, b) becomes (a + b, (a - b) * twiddle), `stride` apart, twiddle number
 * `index >> shift` modulo their count: a twiddle a block for a step in x, one a pair for the step in y.
 */
function inverseStep(data: Int32Array, stride: number, twiddles: Int32Array, shift: number): void {
  const mask = twiddles.length - 1;
  for (let start = 0; start < data.length; start += 2 * stride) {
    for (let low = start, high = start + stride; low < start + stride; low++, high++) {
      const a = data[low];
      const b = data[high];
      data[low] = add(a, b);
      data[high] = mul(sub(a, b), twiddles[(low >> shift) & mask]);
    }
  }
}

/** One step of the evaluation: (a, b) becomes (a + b * twiddle, a - b * twiddle). */
function forwardStep(data: Int32Array, stride: number, twiddles: Int32Array, shift: number): void {
  const mask = twiddles.length - 1;
  for (let start = 0; start < data.length; start += 2 * stride) {
    for (let low = start, high = start + stride; low < start + stride; low++, high++) {
      const a = data[low];
      const product = mul(data[high], twiddles[(low >> shift) & mask]);
      data[low] = add(a, product);
      data[high] = sub(a, product);
    }
  }
}

/** The last `count` steps of the evaluation in x (those of the least strides), then the one in y, on H_{logSize}. */
function evaluateSteps(data: Int32Array, logSize: number, count: number): void {
  let step = count - 1;
  if (count % 2 === 1) {
    forwardStep(data, 1 << step, twiddlesOf(logSize - step).xs, step + 1);
    step--;
  }
  for (; step > 0; step -= 2) {
    const inner = twiddlesOf(logSize - step + 1).xs;
    forwardTwoSteps(data, 1 << (step - 1), inner, twiddlesOf(logSize - step).xs);
  }
  forwardStep(data, data.length >> 1, twiddlesOf(logSize).ys, 0);
}

/** In place: values of H_n in index order become coefficients (coefficients.ts says in which layout). n >= 1. */
export function interpolateInPlace(values: Uint32Array): void {
  const logSize = logLength(values);
  const data = signedView(values);
  inverseStep(data, values.length >> 1, twiddlesOf(logSize).inverseYs, 0);
  let step = 0;
  for (; step + 1 < logSize - 1; step += 2) {
    const inner = twiddlesOf(logSize - step).inverseXs;
    inverseTwoSteps(data, 1 << step, inner, twiddlesOf(logSize - step - 1).inverseXs);
  }
  if (step < logSize - 1) {
    inverseStep(data, 1 << step, twiddlesOf(logSize - step).inverseXs, step + 1);
  }
  // Each step left out a division by 2.
  const scale = power(2, 31 - logSize);
  for (let index = 0; index < values.length; index++) values[index] = mul(values[index], scale);
}

/** In place: coefficients become values on H_n in index order. n >= 1. */
export function evaluateInPlace(coefficients: Uint32Array): void {
  const logSize = logLength(coefficients);
  evaluateSteps(signedView(coefficients), logSize, logSize - 1);
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
  evaluateSteps(signedView(values), logSize, logCoefficients - 1);
  return values;
}

/** The transforms that a prover needs; a kernel may stand in for the plain ones. */
export interface CircleFft {
  /** {@link interpolateInPlace} */
  interpolateInPlace(values: Uint32Array): void;
  /** {@link interpolateRows} */
  interpolateRows(column: Uint32Array, logRows: number): Uint32Array;
  /** {@link evaluateOn} */
  evaluateOn(coefficients: Uint32Array, logSize: number): Uint32Array;
}

export const plainFft: CircleFft = { interpolateInPlace, interpolateRows, evaluateOn };
