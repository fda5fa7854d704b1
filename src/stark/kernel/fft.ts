/**
 * The circle FFT on columns in the kernel's memory: `poly/fft.ts` is its meaning, and takes what is too small.
 *
 * One idea: a column is transformed in place or from one array to another by one call, so that a list of columns
 * is a list of tasks for the threads. spec/11-kernels.md, "Circle FFT".
 */
import { batchInverse } from '../field/m31.ts';
import { halfCosetPoints, indexPoint, subgroupGenerator } from '../poly/domain.ts';
import * as plain from '../poly/fft.ts';
import { ModuleBuilder } from './assembler.ts';
import { defineTransforms, TABLE_WORDS } from './fft-drivers.ts';
import { LOG_BASE } from './fft-passes.ts';
import { defineTwiddles } from './fft-twiddles.ts';
import { type KernelMemory, MAX_PAGES } from './memory.ts';
import { Calls, type Crew, type Loaded } from './threads.ts';

/** Columns of at least 2^5 values, of which half are one block of the least strides. */
const LEAST_LOG_SIZE = LOG_BASE + 1;
/** log2 of the points of the greatest domain that has twiddles. */
export const GREATEST_LOG_SIZE = 24;

/** Values of a block that is brought to an end before the next, in each half of a column: two times 64 KiB. */
const LOG_BLOCK = 14;

/** Butterflies of a list of columns that one thread has done before others have begun. */
const FEW_BUTTERFLIES = 2 ** 18;

/** Columns that several threads may share, and into how many parts their blocks go. */
const LEAST_IN_PARTS = 18;
const BLOCK_PARTS = 8;

/**
 * Addresses of the twiddles of H_n, all doubled: 2^{n-1} words `ys`, y at indices 0 to 2^{n-1} - 1 in index order (those
 * of the upper half are the negatives), and 2^{n-2} words `xs`, x at the even ones of these indices (those at odd
 * ones are the negatives); and the inverses of both.
 */
export interface Twiddles {
  readonly xs: number;
  readonly inverseXs: number;
  readonly ys: number;
  readonly inverseYs: number;
}

/** Row order to coefficients. Both of the same length, a power of two. */
export interface RowsJob {
  readonly rows: Uint32Array;
  readonly column: Uint32Array;
}

/** Coefficients to values on the domain of as many points as `values` has room for. */
export interface EvaluationJob {
  readonly coefficients: Uint32Array;
  readonly values: Uint32Array;
}

/** Row order to coefficients, and to twice as many values. */
export interface ExtensionJob extends RowsJob {
  readonly values: Uint32Array;
}

type Pause = () => Promise<void>;

function assembleModule(isShared: boolean): { bytes: Uint8Array<ArrayBuffer>; names: string[] } {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: isShared });
  defineTransforms(module);
  defineTwiddles(module);
  return { bytes: module.assemble(), names: [...module.names] };
}

/** Compiles the kernel for all threads; only while no proof is under way. */
export async function createColumnTransforms(
  memory: KernelMemory,
  crew: Crew,
): Promise<ColumnTransforms> {
  const { bytes, names } = assembleModule(memory.isShared);
  const loaded = await crew.load(await WebAssembly.compile(bytes), names);
  return new ColumnTransforms(memory, crew, loaded);
}

export class ColumnTransforms {
  readonly #memory: KernelMemory;
  readonly #crew: Crew;
  readonly #kernel: Loaded;
  /** Address of the table that drivers find twiddles by. */
  readonly #table: number;
  /** Entry n: those of H_n, from 2. */
  readonly #twiddles: (Twiddles | undefined)[] = [undefined, undefined];

  constructor(memory: KernelMemory, crew: Crew, kernel: Loaded) {
    this.#memory = memory;
    this.#crew = crew;
    this.#kernel = kernel;
    this.#table = memory.keep(4 * TABLE_WORDS * (GREATEST_LOG_SIZE + 1));
  }

  /** Writes the twiddles of all domains up to H_logSize, 12 * 2^logSize bytes; only while no proof is under way. */
  prepare(logSize: number): void {
    if (logSize > GREATEST_LOG_SIZE) {
      throw new RangeError(`logSize: expected at most ${GREATEST_LOG_SIZE}, got ${logSize}`);
    }
    while (this.#twiddles.length <= logSize) this.#addTwiddles(this.#twiddles.length);
  }

  /** @throws RangeError for a domain that is not prepared, or has fewer than 2^2 points. */
  twiddles(logSize: number): Twiddles {
    const twiddles = this.#twiddles[logSize];
    if (twiddles === undefined) {
      throw new RangeError(
        `logSize: expected 2 to ${this.#twiddles.length - 1}, which are prepared, got ${logSize}`,
      );
    }
    return twiddles;
  }

  #addTwiddles(logSize: number): void {
    // Words of xs, inverse xs, ys and inverse ys: a quarter, a quarter, a half, a half of the points.
    const count = 2 ** (logSize - 2);
    const xs = this.#memory.keep(24 * count);
    const twiddles = {
      xs,
      inverseXs: xs + 4 * count,
      ys: xs + 8 * count,
      inverseYs: xs + 16 * count,
    };
    if (logSize <= LEAST_LOG_SIZE) this.#writePlainly(logSize, twiddles);
    else this.#write(logSize, twiddles);
    this.#twiddles.push(twiddles);
    const row = this.#memory.view(this.#table + 4 * TABLE_WORDS * logSize, TABLE_WORDS);
    row.set([twiddles.xs, twiddles.inverseXs, twiddles.ys, twiddles.inverseYs]);
  }

  #writePlainly(logSize: number, twiddles: Twiddles): void {
    const { xs, ys } = halfCosetPoints(logSize);
    const evenXs = xs.filter((_, index) => index % 2 === 0);
    const write = (address: number, values: Uint32Array): void =>
      this.#memory.view(address, values.length).set(values.map((value) => 2 * value));
    write(twiddles.xs, evenXs);
    write(twiddles.inverseXs, batchInverse(evenXs));
    write(twiddles.ys, ys);
    write(twiddles.inverseYs, batchInverse(ys));
  }

  /** By kernel, when those of the domain of half as many points are written. */
  #write(logSize: number, { xs, inverseXs, ys, inverseYs }: Twiddles): void {
    const { extendXs, invertXs, spreadYs } = this.#kernel;
    const count = 2 ** (logSize - 2);
    const first = [0, 2, 4, 6].map((index) => 2 * indexPoint(logSize, index).x);
    this.#memory.view(xs, 4).set(first);
    for (let log = 2; log < logSize - 2; log++) {
      // Bit log + 1 of an index says whether this point is added.
      const { x, y } = subgroupGenerator(log + 2);
      this.#crew.call(extendXs, xs, xs + 4 * 2 ** log, 2 ** log, x, y);
    }
    this.#crew.call(invertXs, xs, this.twiddles(logSize - 1).inverseYs, inverseXs, count);
    this.#crew.call(spreadYs, xs, ys, count);
    this.#crew.call(spreadYs, inverseXs, inverseYs, count);
  }

  /** Columns of values in row order become coefficients. `rows` stay. */
  async interpolateRows(jobs: readonly RowsJob[], pause: Pause): Promise<void> {
    const tasks = new Tasks();
    for (const { rows, column } of jobs) {
      const logSize = this.#logLength(column);
      if (rows.length !== column.length) {
        throw new RangeError(`rows: expected ${column.length}, got ${rows.length}`);
      }
      if (logSize < LEAST_LOG_SIZE) column.set(plain.interpolateRows(rows, logSize));
      else {
        const [from, to] = [this.#memory.addressOf(rows), this.#memory.addressOf(column)];
        tasks.add(this.#interpolation(logSize, to, from));
      }
    }
    await tasks.run(this.#crew, pause);
  }

  /**
   * Calls that take columns from rows to coefficients and to values on the domain of twice as many points, largest first.
   * What is too small for a call is done at once.
   */
  extensionCalls(jobs: readonly ExtensionJob[]): Calls {
    const calls = new Calls();
    const sorted = jobs.toSorted((left, right) => right.rows.length - left.rows.length);
    for (const { rows, column, values } of sorted) {
      const logSize = this.#logLength(column);
      this.#logLength(values);
      if (logSize < LEAST_LOG_SIZE) {
        column.set(plain.interpolateRows(rows, logSize));
        values.set(plain.evaluateOn(column, logSize + 1));
        continue;
      }
      const places = [rows, column, values].map((array) => this.#memory.addressOf(array));
      const logBlock = blockOf(logSize - 1);
      calls.add(this.#kernel.extendRows!, ...places, logSize, logBlock, this.#table);
    }
    return calls;
  }

  /** Columns of values in index order become coefficients. */
  async interpolateInPlace(columns: readonly Uint32Array[], pause: Pause): Promise<void> {
    const tasks = new Tasks();
    for (const column of columns) {
      const logSize = this.#logLength(column);
      if (logSize < LEAST_LOG_SIZE) plain.interpolateInPlace(column);
      else tasks.add(this.#interpolation(logSize, this.#memory.addressOf(column), undefined));
    }
    await tasks.run(this.#crew, pause);
  }

  /** Values on larger domains, or ones of the same size, in index order. `coefficients` stay. */
  async evaluateOn(jobs: readonly EvaluationJob[], pause: Pause): Promise<void> {
    const tasks = new Tasks();
    for (const { coefficients, values } of jobs) {
      const logSize = this.#logLength(values);
      const logCoefficients = this.#logLength(coefficients);
      if (logCoefficients > logSize) {
        throw new RangeError(
          `values: expected at least ${coefficients.length}, got ${values.length}`,
        );
      }
      if (logCoefficients < LEAST_LOG_SIZE) values.set(plain.evaluateOn(coefficients, logSize));
      else {
        const from = this.#memory.addressOf(coefficients);
        const to = this.#memory.addressOf(values);
        tasks.add(this.#evaluation(logCoefficients, from, logSize, to));
      }
    }
    await tasks.run(this.#crew, pause);
  }

  /** Of the column at an address, in place or from rows at another. */
  #interpolation(logSize: number, column: number, rows: number | undefined): Task {
    const { interpolateRows, interpolate, interpolateBlocks, interpolateSteps } = this.#kernel;
    const [table, logHalf, logBlock] = [this.#table, logSize - 1, blockOf(logSize - 1)];
    if (rows !== undefined) {
      const whole = [interpolateRows!, rows, column, logSize, logBlock, table];
      // Rows come by the hundred columns, so that each is for one thread.
      return { logSize, whole, parts: () => [[whole], []] };
    }
    const whole = [interpolate!, column, logSize, logBlock, table];
    const blocks = (): Call[] =>
      blockRanges(logHalf).map((range) => [
        interpolateBlocks!,
        column,
        logSize,
        logBlock,
        ...range,
        table,
      ]);
    const steps = (): Call[] =>
      [column, column + 4 * 2 ** logHalf].map((half) => [
        interpolateSteps!,
        half,
        half,
        0,
        logHalf,
        logBlock,
        logSize,
        table,
      ]);
    return { logSize, whole, parts: () => [blocks(), steps()] };
  }

  #evaluation(logCoefficients: number, from: number, logSize: number, to: number): Task {
    const { evaluate, evaluateBlocks, evaluateSteps } = this.#kernel;
    const [table, logCopy, logHalf] = [this.#table, logCoefficients - 1, logSize - 1];
    const logBlock = blockOf(logCopy);
    const whole = [evaluate!, from, logCoefficients, to, logSize, logBlock, table];
    // Copies of one block each are too small to be shared.
    if (logCopy === logBlock) return { logSize, whole, parts: () => [[whole], []] };
    const steps = (): Call[] => {
      const calls: Call[] = [];
      for (let half = 0; half < 2; half++) {
        const source = from + half * 4 * 2 ** logCopy;
        for (let copy = 0; copy < 2 ** (logHalf - logCopy); copy++) {
          const start = copy * 4 * 2 ** logCopy;
          const target = to + half * 4 * 2 ** logHalf + start;
          calls.push([evaluateSteps!, source, target, start, logCopy, logBlock, logSize, table]);
        }
      }
      return calls;
    };
    const blocks = (): Call[] =>
      blockRanges(logHalf).map((range) => [
        evaluateBlocks!,
        to,
        logSize,
        logBlock,
        ...range,
        table,
      ]);
    return { logSize, whole, parts: () => [steps(), blocks()] };
  }

  /** log2 of a length for which there are twiddles. */
  #logLength(column: Uint32Array): number {
    const logSize = Math.log2(column.length);
    if (!Number.isInteger(logSize) || logSize < 1) {
      throw new RangeError(`column: expected a power of two of at least 2, got ${column.length}`);
    }
    if (logSize > 1) this.twiddles(logSize);
    return logSize;
  }
}

/** log2 of the block for halves of 2^logHalf values: no single step is left over for the whole half. */
function blockOf(logHalf: number): number {
  return logHalf <= LOG_BLOCK + 1 ? logHalf : LOG_BLOCK;
}

/** A kernel's number and operands. */
type Call = readonly number[];

interface Task {
  readonly logSize: number;
  readonly whole: Call;
  /** The same in two lists, the second after the first. */
  readonly parts: () => readonly [readonly Call[], readonly Call[]];
}

/** Calls of columns, the largest first. */
class Tasks {
  readonly #tasks: Task[] = [];
  #butterflies = 0;

  add(task: Task): void {
    this.#tasks.push(task);
    this.#butterflies += butterflies(task.logSize);
  }

  async run(crew: Crew, pause: Pause): Promise<void> {
    if (this.#butterflies < FEW_BUTTERFLIES) {
      for (const { whole } of this.#tasks) callNow(crew, whole);
      return;
    }
    this.#tasks.sort((left, right) => right.logSize - left.logSize);
    // Where one column would keep a thread busy when the others are done, it goes to several.
    const most = this.#butterflies / (4 * crew.threads);
    const [first, second] = [new Calls(), new Calls()];
    for (const { logSize, whole, parts } of this.#tasks) {
      if (crew.threads > 1 && logSize >= LEAST_IN_PARTS && butterflies(logSize) > most) {
        const [before, after] = parts();
        for (const call of before) addCall(first, call);
        for (const call of after) addCall(second, call);
      } else addCall(first, whole);
    }
    await crew.run(first, pause);
    if (second.count > 0) await crew.run(second, pause);
  }
}

function butterflies(logSize: number): number {
  return logSize * 2 ** (logSize - 1);
}

function callNow(crew: Crew, [kernel, ...operands]: Call): void {
  crew.call(kernel!, ...operands);
}

function addCall(calls: Calls, [kernel, ...operands]: Call): void {
  calls.add(kernel!, ...operands);
}

/** Offsets in bytes where parts of the blocks of a half of 2^logHalf values start and end. */
function blockRanges(logHalf: number): (readonly [number, number])[] {
  const bytes = (4 * 2 ** logHalf) / BLOCK_PARTS;
  return Array.from({ length: BLOCK_PARTS }, (_, k) => [k * bytes, (k + 1) * bytes]);
}
