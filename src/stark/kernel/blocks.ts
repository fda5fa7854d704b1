/**
 * Products of blocks of extension elements and sums of columns by kernel: `extension-blocks.ts` and `combine.ts` are
 * their meaning and oracle.
 *
 * Blocks are copied in and out, a few microseconds' work for tens of them. Sums stay in the kernel's memory
 * while one `ColumnSums` is used and move out only when another one begins. spec/11-kernels.md, "Extension".
 */
import { COMBINE_ROWS, type ColumnSums, type DotProducts, reduceSum } from '../combine.ts';
import type { MultiplyBlocks } from '../extension-blocks.ts';
import type { Ext, ExtColumn } from '../field/extension.ts';
import { ModuleBuilder, PAGE_BYTES } from './assembler.ts';
import {
  defineAccumulate,
  defineBegin,
  defineDot,
  defineFinish,
  defineMultiply,
} from './extension-lanes.ts';

/** From one column of a block to the next, in bytes: a cache line more, so that not all fall into one set. */
const STRIDE = 4 * (COMBINE_ROWS + 16);

/** Blocks of fewer rows are left to the twin. */
const LEAST_ROWS = 16;

/** Columns that one call takes. */
const COLUMNS_AT_ONCE = 16;

/** Offsets in bytes: constants, sums, then up to eighteen columns. */
const CONSTANTS = 0;
const SUMS = 4 * 6 * COLUMNS_AT_ONCE;
const COLUMNS = SUMS + 2 * 6 * STRIDE;
/** Sums of dot products: two vectors for each coordinate of each column of a batch. */
const DOTS = COLUMNS + 18 * STRIDE;
const DOT_COLUMNS = 64;
const DOT_WORDS = 8;
const TOTAL = DOTS + 4 * DOT_WORDS * 6 * DOT_COLUMNS;
const PAGES = Math.ceil(TOTAL / PAGE_BYTES);

type Kernel = Readonly<Record<string, (...values: number[]) => void>>;

export function assembleBlocks(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ initial: PAGES, maximum: PAGES });
  for (const degree of [4, 6] as const) {
    defineMultiply(module, degree, STRIDE);
    defineBegin(module, degree);
    defineAccumulate(module, degree, STRIDE);
    defineFinish(module, degree, STRIDE);
    defineDot(module, degree, STRIDE);
  }
  return module.assemble();
}

export interface BlockKernels {
  readonly multiplyBlocks: MultiplyBlocks;
  createSums(degree: number): ColumnSums;
  readonly dotProducts: DotProducts;
}

/** Compiles the kernels. */
export async function createBlocks(otherwise: BlockKernels): Promise<BlockKernels> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const { instance } = await WebAssembly.instantiate(assembleBlocks(), { kernel: { memory, scratch: 0 } });
  // Every export of the module assembled above takes and gives numbers.
  const kernel = instance.exports as Kernel;
  const arena: Arena = { kernel, words: new Uint32Array(memory.buffer), owner: undefined };

  const multiplyBlocks: MultiplyBlocks = (field, out, left, right) => {
    const length = out[0].length;
    if (length < LEAST_ROWS || length % 4 !== 0) {
      otherwise.multiplyBlocks(field, out, left, right);
      return;
    }
    const { degree } = field;
    const multiply = kernel[`multiply${degree}`];
    const { words } = arena;
    const place = (k: number): number => COLUMNS + k * STRIDE;
    for (let start = 0; start < length; start += COMBINE_ROWS) {
      const rows = Math.min(COMBINE_ROWS, length - start);
      for (let k = 0; k < degree; k++) {
        words.set(left[k].subarray(start, start + rows), place(k) / 4);
        words.set(right[k].subarray(start, start + rows), place(degree + k) / 4);
      }
      multiply(place(0), place(degree), place(2 * degree), rows);
      for (let k = 0; k < degree; k++) {
        const at = place(2 * degree + k) / 4;
        out[k].set(words.subarray(at, at + rows), start);
      }
    }
  };

  /** At most `DOT_COLUMNS` columns: block by block, so that weights are laid out once for all of them. */
  function dotBatch(columns: readonly Uint32Array[], weights: Uint32Array, degree: number): Ext[] {
    const { words } = arena;
    const dot = kernel[`dot${degree}`];
    const place = (j: number): number => DOTS + 4 * DOT_WORDS * degree * j;
    words.fill(0, DOTS / 4, place(columns.length) / 4);
    const length = weights.length / degree;
    const [values, weightsAt] = [COLUMNS, COLUMNS + STRIDE];
    for (let start = 0; start < length; start += COMBINE_ROWS) {
      const rows = Math.min(COMBINE_ROWS, length - start);
      for (let k = 0; k < degree; k++) {
        const at = (weightsAt + k * STRIDE) / 4;
        let from = start * degree + k;
        for (let i = 0; i < rows; i++, from += degree) words[at + i] = weights[from];
      }
      for (let j = 0; j < columns.length; j++) {
        words.set(columns[j].subarray(start, start + rows), values / 4);
        dot(values, weightsAt, place(j), rows);
      }
    }
    return columns.map((_, j) => {
      const result = new Uint32Array(degree);
      for (let k = 0; k < degree; k++) {
        const at = place(j) / 4 + DOT_WORDS * k;
        let sum = 0;
        // Four folded sums below 2^34 each.
        for (let lane = 0; lane < DOT_WORDS; lane += 2) {
          sum += words[at + lane] + words[at + lane + 1] * 2 ** 32;
        }
        result[k] = reduceSum(sum);
      }
      return result;
    });
  }

  const dotProducts: DotProducts = (columns, weights, degree) => {
    if (weights.length % (LEAST_ROWS * degree) !== 0) {
      return otherwise.dotProducts(columns, weights, degree);
    }
    const values: Ext[] = [];
    for (let first = 0; first < columns.length; first += DOT_COLUMNS) {
      values.push(...dotBatch(columns.slice(first, first + DOT_COLUMNS), weights, degree));
    }
    return values;
  };

  return {
    multiplyBlocks,
    createSums: (degree) => new KernelSums(arena, degree),
    dotProducts,
  };
}

/** The memory, and whose sums are in it. */
interface Arena {
  readonly kernel: Kernel;
  readonly words: Uint32Array;
  owner: KernelSums | undefined;
}

class KernelSums implements ColumnSums {
  readonly #arena: Arena;
  readonly #degree: number;
  /** The sums while another one has the memory. */
  readonly #kept: Uint32Array;
  #rows = 0;
  /** Rows rounded up to whole vectors; what the last one holds beyond is never read. */
  #wholeRows = 0;

  constructor(arena: Arena, degree: number) {
    this.#arena = arena;
    this.#degree = degree;
    this.#kept = new Uint32Array(2 * degree * COMBINE_ROWS);
  }

  begin(rows: number, start?: Ext): void {
    this.#evictOther();
    this.#arena.owner = this;
    this.#rows = rows;
    this.#wholeRows = 4 * Math.ceil(rows / 4);
    const { words, kernel } = this.#arena;
    for (let k = 0; k < this.#degree; k++) words[CONSTANTS / 4 + k] = start?.[k] ?? 0;
    kernel[`begin${this.#degree}`](SUMS, CONSTANTS, this.#wholeRows);
  }

  add(
    columns: readonly Int32Array[],
    offsets: Int32Array,
    count: number,
    constants: Uint32Array,
    from: number,
  ): void {
    this.#take();
    const { words, kernel } = this.#arena;
    const degree = this.#degree;
    for (let first = 0; first < count; first += COLUMNS_AT_ONCE) {
      const taken = Math.min(COLUMNS_AT_ONCE, count - first);
      for (let j = 0; j < taken; j++) {
        const offset = offsets[first + j];
        const values = columns[first + j].subarray(offset, offset + this.#rows);
        words.set(values, (COLUMNS + j * STRIDE) / 4);
      }
      const at = (from + first) * degree;
      words.set(constants.subarray(at, at + taken * degree), CONSTANTS / 4);
      const groups = Math.ceil(taken / 4);
      // What lies in the columns that fill up a group counts zero times.
      words.fill(0, CONSTANTS / 4 + taken * degree, CONSTANTS / 4 + 4 * groups * degree);
      kernel[`accumulate${degree}`](COLUMNS, groups, CONSTANTS, SUMS, this.#wholeRows);
    }
  }

  finish(out: ExtColumn, offset: number): void {
    this.#take();
    const { words, kernel } = this.#arena;
    kernel[`finish${this.#degree}`](SUMS, COLUMNS, this.#wholeRows);
    for (let k = 0; k < this.#degree; k++) {
      const at = (COLUMNS + k * STRIDE) / 4;
      out[k].set(words.subarray(at, at + this.#rows), offset);
    }
  }

  #sumWords(): number {
    return 2 * this.#degree * this.#wholeRows;
  }

  #evictOther(): void {
    const { owner, words } = this.#arena;
    if (owner === undefined || owner === this) return;
    owner.#kept.set(words.subarray(SUMS / 4, SUMS / 4 + owner.#sumWords()));
  }

  /** Brings the sums back if they moved out. */
  #take(): void {
    if (this.#arena.owner === this) return;
    this.#evictOther();
    this.#arena.owner = this;
    this.#arena.words.set(this.#kept.subarray(0, this.#sumWords()), SUMS / 4);
  }
}
