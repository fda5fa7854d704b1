/**
 * The machine's memory as the host keeps it: registers, globals, windows, records and segments.
 *
 * Everything is int32 lanes. Registers of one kind are one growing array; constants of the program stand
 * before them in the same array, so that an operand is one lane offset whether it is a register or a
 * constant. Segments are pages of 64 KiB, made when they are first written. What is not written is zero
 * (spec/5-memory.md). Growth counts against the host's limit.
 */

/** The host's limit was reached: no outcome of the guest, and nothing that can be proven. */
export class MemoryLimitError extends Error {
  constructor(limit: number) {
    super(`memory: the run needs more than ${limit} bytes`);
    this.name = 'MemoryLimitError';
  }
}

/** Bytes that a run holds, against the most it may. */
export class MemoryBudget {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Throws a MemoryLimitError where the limit would be passed. */
  reserve(bytes: number): void {
    if (this.used + bytes > this.limit) throw new MemoryLimitError(this.limit);
    this.used += bytes;
  }
}

const PAGE_SHIFT = 16;
const PAGE_BYTES = 2 ** PAGE_SHIFT;
const PAGE_MASK = PAGE_BYTES - 1;
/** Cells of a page, as a shift. */
export const PAGE_CELL_SHIFT = PAGE_SHIFT - 3;
export const PAGE_CELL_MASK = 2 ** PAGE_CELL_SHIFT - 1;
/** Two lanes more, never written: unaligned loads read a lane or two ahead and shift them out. */
const PAGE_LANES = PAGE_BYTES / 4 + 2;

/** Stands for every page that was not written. Never written itself. */
const zeroPage = new Int32Array(PAGE_LANES);

/** One segment: 2^32 bytes, of which addresses below `cover` may be accessed. */
export class Segment {
  readonly number: number;
  readonly #budget: MemoryBudget;
  readonly #pages: Int32Array[] = [];
  /** Times of the last accesses by page, kept by the recorder; one for each cell. */
  readonly times: (Int32Array | undefined)[] = [];

  constructor(number: number, budget: MemoryBudget) {
    this.number = number;
    this.#budget = budget;
  }

  /** Makes addresses below `byteLength` accessible. */
  cover(byteLength: number): void {
    const count = Math.ceil(byteLength / PAGE_BYTES);
    const missing = count - this.#pages.length;
    if (missing <= 0) return;
    this.#budget.reserve(missing * 8);
    for (let i = 0; i < missing; i++) this.#pages.push(zeroPage);
  }

  /** A byte, 0 to 255. */
  load8(address: number): number {
    const lane = this.#pages[address >>> PAGE_SHIFT][(address & PAGE_MASK) >>> 2];
    return (lane >>> ((address & 3) << 3)) & 0xff;
  }

  /** Two bytes, little endian, 0 to 65535. */
  load16(address: number): number {
    if ((address & PAGE_MASK) === PAGE_MASK) {
      return this.load8(address) | (this.load8(address + 1) << 8);
    }
    const page = this.#pages[address >>> PAGE_SHIFT];
    const at = (address & PAGE_MASK) >>> 2;
    const shift = (address & 3) << 3;
    if (shift !== 24) return (page[at] >>> shift) & 0xffff;
    return (page[at] >>> 24) | ((page[at + 1] & 0xff) << 8);
  }

  /** Four bytes, little endian, as a lane. */
  load32(address: number): number {
    if ((address & PAGE_MASK) > PAGE_BYTES - 4) {
      return this.load16(address) | (this.load16(address + 2) << 16);
    }
    const page = this.#pages[address >>> PAGE_SHIFT];
    const at = (address & PAGE_MASK) >>> 2;
    const shift = (address & 3) << 3;
    if (shift === 0) return page[at];
    return (page[at] >>> shift) | (page[at + 1] << (32 - shift));
  }

  store8(address: number, value: number): void {
    const page = this.#writablePage(address >>> PAGE_SHIFT);
    const at = (address & PAGE_MASK) >>> 2;
    const shift = (address & 3) << 3;
    page[at] = (page[at] & ~(0xff << shift)) | ((value & 0xff) << shift);
  }

  store16(address: number, value: number): void {
    if ((address & 3) === 3) {
      this.store8(address, value);
      this.store8(address + 1, value >>> 8);
      return;
    }
    const page = this.#writablePage(address >>> PAGE_SHIFT);
    const at = (address & PAGE_MASK) >>> 2;
    const shift = (address & 3) << 3;
    page[at] = (page[at] & ~(0xffff << shift)) | ((value & 0xffff) << shift);
  }

  store32(address: number, value: number): void {
    if ((address & PAGE_MASK) > PAGE_BYTES - 4) {
      this.store16(address, value);
      this.store16(address + 2, value >>> 16);
      return;
    }
    const page = this.#writablePage(address >>> PAGE_SHIFT);
    const at = (address & PAGE_MASK) >>> 2;
    const shift = (address & 3) << 3;
    if (shift === 0) {
      page[at] = value;
      return;
    }
    const kept = -1 << shift;
    page[at] = (page[at] & ~kept) | (value << shift);
    page[at + 1] = (page[at + 1] & kept) | (value >>> (32 - shift));
  }

  /** Eight lanes from 32 bytes, big endian: the last four bytes are the first lane. */
  loadBigEndian(out: Int32Array, d: number, address: number): void {
    for (let i = 0; i < 8; i++) out[d + 7 - i] = reverseBytes(this.load32(address + 4 * i));
  }

  storeBigEndian(address: number, source: Int32Array, a: number): void {
    for (let i = 0; i < 8; i++) this.store32(address + 4 * i, reverseBytes(source[a + 7 - i]));
  }

  /** Writes the two lanes of a cell to `out`; zeros where nothing is covered. */
  readCell(out: Int32Array, d: number, cell: number): void {
    const page = this.#pages[cell >>> PAGE_CELL_SHIFT] ?? zeroPage;
    const at = (cell & PAGE_CELL_MASK) << 1;
    out[d] = page[at];
    out[d + 1] = page[at + 1];
  }

  /** Covers the cell and sets it. */
  writeCell(cell: number, low: number, high: number): void {
    this.cover(8 * (cell + 1));
    const page = this.#writablePage(cell >>> PAGE_CELL_SHIFT);
    const at = (cell & PAGE_CELL_MASK) << 1;
    page[at] = low;
    page[at + 1] = high;
  }

  #writablePage(index: number): Int32Array {
    const page = this.#pages[index];
    if (page !== zeroPage) return page;
    this.#budget.reserve(PAGE_LANES * 4);
    const fresh = new Int32Array(PAGE_LANES);
    this.#pages[index] = fresh;
    return fresh;
  }
}

/** The four bytes of a lane in the other order. */
function reverseBytes(lane: number): number {
  return (lane << 24) | ((lane & 0xff00) << 8) | ((lane >>> 8) & 0xff00) | (lane >>> 24);
}

export const GLOBALS = 64;
export const WINDOWS = 16;
/** Words of a window: segment, byte length as int32, writable. */
export const WINDOW_WORDS = 3;
/** Words of a return record: pc, fp, sp. */
export const RECORD_WORDS = 3;

export class Memory {
  readonly budget: MemoryBudget;
  /** Constants, then from lane `wordBase` on the word registers, two lanes each. */
  words: Int32Array;
  readonly wordBase: number;
  /** Constants, then from lane `wideBase` on the wide registers, eight lanes each. */
  wides: Int32Array;
  readonly wideBase: number;
  /** Return records by fp; as many as there are word registers. */
  records: Int32Array;
  readonly globals = new Int32Array(2 * GLOBALS);
  readonly windows = new Int32Array(WINDOW_WORDS * WINDOWS);
  /** The segment of each window; of an unset one that of number 0. */
  readonly windowSegments: Segment[];
  readonly #segments = new Map<number, Segment>();

  /** The constants are copied; there are no registers before `ensureWords` and `ensureWides`. */
  constructor(limit: number, wordConstants: Int32Array, wideConstants: Int32Array) {
    this.budget = new MemoryBudget(limit);
    this.budget.reserve(4 * (wordConstants.length + wideConstants.length));
    this.words = wordConstants.slice();
    this.wordBase = wordConstants.length;
    this.wides = wideConstants.slice();
    this.wideBase = wideConstants.length;
    this.records = new Int32Array(0);
    const first = this.segment(0);
    this.windowSegments = Array.from({ length: WINDOWS }, () => first);
  }

  /** Room for word registers and records below `count`. Replaces both arrays where it grows. */
  ensureWords(count: number): void {
    const cells = (this.words.length - this.wordBase) / 2;
    if (count <= cells) return;
    const wanted = Math.max(count, 2 * cells);
    this.budget.reserve((wanted - cells) * (8 + 4 * RECORD_WORDS));
    this.words = grown(this.words, this.wordBase + 2 * wanted);
    this.records = grown(this.records, RECORD_WORDS * wanted);
  }

  /** Room for wide registers below `count`. Replaces the array where it grows. */
  ensureWides(count: number): void {
    const cells = (this.wides.length - this.wideBase) / 8;
    if (count <= cells) return;
    const wanted = Math.max(count, 2 * cells);
    this.budget.reserve((wanted - cells) * 32);
    this.wides = grown(this.wides, this.wideBase + 8 * wanted);
  }

  /** The segment of that number, made at its first use. */
  segment(number: number): Segment {
    let segment = this.#segments.get(number);
    if (segment === undefined) {
      this.budget.reserve(256);
      segment = new Segment(number, this.budget);
      this.#segments.set(number, segment);
    }
    return segment;
  }

  /** `byteLength` below 2^32. */
  setWindow(window: number, number: number, byteLength: number, writable: number): void {
    const segment = this.segment(number);
    segment.cover(byteLength);
    this.windowSegments[window] = segment;
    const at = WINDOW_WORDS * window;
    this.windows[at] = number;
    this.windows[at + 1] = byteLength;
    this.windows[at + 2] = writable;
  }
}

/** A copy of greater length, zero above. */
function grown(array: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
