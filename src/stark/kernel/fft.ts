/**
 * The circle FFT by kernel: `poly/fft.ts` is its meaning, its oracle, and takes what is too small or too large.
 *
 * A column is copied into the kernel's memory, transformed in place and copied out, so that the memory
 * is bounded by the largest column and nothing is to be released. Steps of small strides are done block
 * by block while a block is in the cache. spec/11-kernels.md, "Circle FFT".
 */
import { batchInverse } from '../field/m31.ts';
import { halfCosetPoints } from '../poly/domain.ts';
import type { CircleFft } from '../poly/fft.ts';
import { ModuleBuilder, PAGE_BYTES } from './assembler.ts';
import { definePasses, defineToIndexOrder, LOG_BASE } from './fft-passes.ts';

/** Columns of at least 2^5 values, of which half are one block of the least strides; 2^24 take 320 MiB. */
const LEAST_LOG_SIZE = LOG_BASE + 1;
const GREATEST_LOG_SIZE = 24;

/** Values of a block that is brought to an end before the next: 64 KiB, at home in the second cache. */
const LOG_BLOCK = 14;

const GREATEST_PAIR = GREATEST_LOG_SIZE - 3;

/** Twiddles of H_n lie before those of H_{n+1}: 1.5 * 2^n words for each n. */
const twiddleStart = (logSize: number): number => 3 * 2 ** (logSize - 1);

/** Memory for columns up to 2^logSize: twiddles, one column, and its rows. */
const pagesFor = (logSize: number): number =>
  Math.ceil((4 * (twiddleStart(logSize + 1) + 2 * 2 ** logSize)) / PAGE_BYTES);

/** Where the twiddles of H_n are, in bytes: the steps in x, then the step in y; inverses after them. */
interface TwiddlePlaces {
  readonly xs: number;
  readonly inverseXs: number;
  readonly ys: number;
  readonly inverseYs: number;
}

export function assembleFft(): Uint8Array<ArrayBuffer> {
  const limits = { initial: 1, maximum: pagesFor(GREATEST_LOG_SIZE) };
  const module = new ModuleBuilder(limits);
  definePasses(module, GREATEST_PAIR);
  defineToIndexOrder(module);
  return module.assemble();
}

/** Compiles the kernel. */
export async function createFft(otherwise: CircleFft): Promise<CircleFft> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: pagesFor(GREATEST_LOG_SIZE) });
  const { instance } = await WebAssembly.instantiate(assembleFft(), { kernel: { memory, scratch: 0 } });
  return new KernelFft(instance.exports, memory, otherwise);
}

type Pass = (...places: number[]) => void;

class KernelFft implements CircleFft {
  readonly #kernel: Readonly<Record<string, Pass>>;
  readonly #memory: WebAssembly.Memory;
  readonly #otherwise: CircleFft;
  readonly #twiddles = new Map<number, TwiddlePlaces>();
  #words: Uint32Array;
  /** Where a column starts, in words. */
  #column = 0;

  constructor(exports: WebAssembly.Exports, memory: WebAssembly.Memory, otherwise: CircleFft) {
    // Every export of the module is a pass.
    this.#kernel = exports as Readonly<Record<string, Pass>>;
    this.#memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    this.#otherwise = otherwise;
  }

  interpolateInPlace(values: Uint32Array): void {
    const logSize = Math.log2(values.length);
    if (!isTaken(logSize)) {
      this.#otherwise.interpolateInPlace(values);
      return;
    }
    this.#reserve(logSize);
    this.#words.set(values, this.#column);
    this.#interpolate(logSize);
    values.set(this.#words.subarray(this.#column, this.#column + values.length));
  }

  interpolateRows(column: Uint32Array, logRows: number): Uint32Array {
    if (!isTaken(logRows) || column.length !== 2 ** logRows) {
      return this.#otherwise.interpolateRows(column, logRows);
    }
    this.#reserve(logRows);
    const [start, end] = [this.#column, this.#column + column.length];
    this.#words.set(column, end);
    const half = column.length / 2;
    this.#kernel.toIndexOrder(4 * end, 4 * start, 4 * (start + half), half);
    this.#interpolate(logRows);
    return this.#words.slice(start, end);
  }

  evaluateOn(coefficients: Uint32Array, logSize: number): Uint32Array {
    const logCoefficients = Math.log2(coefficients.length);
    if (!isTaken(logCoefficients) || !isTaken(logSize) || logCoefficients > logSize) {
      return this.#otherwise.evaluateOn(coefficients, logSize);
    }
    this.#reserve(logSize);
    // The steps over the padding are copies.
    const half = coefficients.length / 2;
    for (let part = 0; part < 2; part++) {
      const source = coefficients.subarray(part * half, (part + 1) * half);
      const start = this.#column + (part * 2 ** logSize) / 2;
      for (let at = 0; at < 2 ** logSize / 2; at += half) this.#words.set(source, start + at);
    }
    this.#evaluate(logSize, logCoefficients - 1);
    return this.#words.slice(this.#column, this.#column + 2 ** logSize);
  }

  /** Memory and twiddles for columns of 2^logSize. */
  #reserve(logSize: number): void {
    const missing = pagesFor(logSize) - this.#memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) {
      this.#memory.grow(missing);
      this.#words = new Uint32Array(this.#memory.buffer);
    }
    this.#column = Math.max(this.#column, twiddleStart(logSize + 1));
    for (let log = logSize; log >= 2 && !this.#twiddles.has(log); log--) {
      this.#twiddles.set(log, this.#writeTwiddles(log));
    }
  }

  #writeTwiddles(logSize: number): TwiddlePlaces {
    const { xs, ys } = halfCosetPoints(logSize);
    // Those at odd indices are the negatives of their neighbours.
    const evenXs = xs.filter((_, index) => index % 2 === 0);
    let end = twiddleStart(logSize);
    const write = (values: Uint32Array): number => {
      const start = end;
      for (let k = 0; k < values.length; k++) this.#words[start + k] = 2 * values[k];
      end += values.length;
      return 4 * start;
    };
    return {
      xs: write(evenXs),
      inverseXs: write(batchInverse(evenXs)),
      ys: write(ys),
      inverseYs: write(batchInverse(ys)),
    };
  }

  #interpolate(logSize: number): void {
    const half = 2 ** (logSize - 1);
    const low = 4 * this.#column;
    const high = low + 4 * half;
    const { inverseYs } = this.#twiddles.get(logSize)!;
    this.#kernel.interpolateConjugates(low, high, half, inverseYs, 31 - logSize);
    const logBlock = Math.min(LOG_BLOCK, logSize - 1);
    const twiddles = (logStride: number): number =>
      this.#twiddles.get(logSize - logStride)!.inverseXs;
    for (const start of [low, high]) {
      let logStride = LOG_BASE;
      for (let first = 0; first < half; first += 2 ** logBlock) {
        this.#base('interpolate', start, first, logBlock, twiddles);
        for (logStride = LOG_BASE; logStride + 2 <= logBlock; logStride += 2) {
          this.#pair('interpolate', start, first, logBlock, logStride, twiddles);
        }
      }
      for (; logStride + 2 <= logSize - 1; logStride += 2) {
        this.#pair('interpolate', start, 0, logSize - 1, logStride, twiddles);
      }
      if (logStride + 1 === logSize - 1) {
        const bytes = 4 * 2 ** logStride;
        this.#kernel.interpolateSingle(start, start + bytes, bytes / 4, twiddles(logStride));
      }
    }
  }

  /** The last `count` steps in x, then the one in y. */
  #evaluate(logSize: number, count: number): void {
    const half = 2 ** (logSize - 1);
    const low = 4 * this.#column;
    const high = low + 4 * half;
    const logBlock = Math.min(LOG_BLOCK, logSize - 1);
    const twiddles = (logStride: number): number => this.#twiddles.get(logSize - logStride)!.xs;
    for (const start of [low, high]) {
      let top = count;
      if ((top - LOG_BASE) % 2 === 1) {
        top--;
        const bytes = 4 * 2 ** top;
        for (let block = 0; block < half >> (top + 1); block++) {
          const at = start + block * 2 * bytes;
          this.#kernel.evaluateSingle(at, at + bytes, bytes / 4, twiddles(top) + 4 * block);
        }
      }
      for (; top > LOG_BASE && top > logBlock; top -= 2) {
        this.#pair('evaluate', start, 0, logSize - 1, top - 2, twiddles);
      }
      for (let first = 0; first < half; first += 2 ** logBlock) {
        for (let logStride = top - 2; logStride >= LOG_BASE; logStride -= 2) {
          this.#pair('evaluate', start, first, logBlock, logStride, twiddles);
        }
        this.#base('evaluate', start, first, logBlock, twiddles);
      }
    }
    this.#kernel.evaluateConjugates(low, high, half, this.#twiddles.get(logSize)!.ys, 0);
  }

  /** Strides 1 to 8 on 2^logCount values from number `first` of the half at `start` bytes. */
  #base(
    direction: 'interpolate' | 'evaluate',
    start: number,
    first: number,
    logCount: number,
    twiddles: (logStride: number) => number,
  ): void {
    const pass = this.#kernel[`${direction}Base`];
    const at = (logStride: number): number =>
      twiddles(logStride) + (4 * first) / 2 ** (logStride + 1);
    pass(start + 4 * first, 2 ** logCount, at(0), at(1), at(2), at(3));
  }

  /** Strides 2^logStride and twice that. */
  #pair(
    direction: 'interpolate' | 'evaluate',
    start: number,
    first: number,
    logCount: number,
    logStride: number,
    twiddles: (logStride: number) => number,
  ): void {
    const pass = this.#kernel[`${direction}Pair${logStride}`];
    const blocks = 2 ** (logCount - logStride - 2);
    const inner = twiddles(logStride) + (4 * first) / 2 ** (logStride + 1);
    const outer = twiddles(logStride + 1) + (4 * first) / 2 ** (logStride + 2);
    pass(start + 4 * first, blocks, inner, outer);
  }
}

function isTaken(logSize: number): boolean {
  return Number.isInteger(logSize) && logSize >= LEAST_LOG_SIZE && logSize <= GREATEST_LOG_SIZE;
}
