/**
 * The memory that all kernels and threads work in: what stays, then what a proof takes and gives back.
 *
 * One idea: columns are ordinary typed arrays that happen to lie here, so that plain code reads them and
 * kernels take their addresses. What stays (room for calls, scratch of threads, twiddles) grows only between
 * proofs; a proof's arrays are cut from the rest, and all of it is free again at its end.
 * spec/11-kernels.md, "Memory".
 */
import { PAGE_BYTES } from './assembler.ts';

/** 4 GiB: addresses have 32 bits. */
export const MAX_PAGES = 65536;

/** Arrays start at whole cache lines. */
const LINE_BYTES = 64;

/**
 * Between two arrays, in bytes: an odd number of cache lines, so that equal places of columns, whose lengths are powers
 * of two, fall into different sets of a cache.
 */
const GAP_BYTES = 17 * LINE_BYTES;

/** Bytes that an array of `words` takes. */
export function bytesTaken(words: number): number {
  return Math.ceil((4 * words) / LINE_BYTES) * LINE_BYTES + GAP_BYTES;
}

interface Free {
  readonly start: number;
  readonly end: number;
}

export class KernelMemory {
  readonly wasm: WebAssembly.Memory;
  readonly isShared: boolean;
  /** All buffers that the memory has had: growing makes a new one, and views of a shared one stay good. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** End of what stays. */
  #kept = LINE_BYTES;
  /** Free parts above it, in order. */
  #free: Free[] = [];
  #taken = 0;
  #peak = 0;

  constructor() {
    this.isShared = typeof SharedArrayBuffer === 'function';
    this.wasm = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: this.isShared });
    this.#buffers.add(this.wasm.buffer);
  }

  /** Greatest number of bytes that one proof's arrays have taken since `begin`. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** Bytes for good, only while no proof is under way; the address. */
  keep(bytes: number): number {
    if (this.#taken > 0) throw new Error('keep: a proof is under way');
    const address = this.#kept;
    this.#kept = Math.ceil((address + bytes) / LINE_BYTES) * LINE_BYTES;
    this.#growTo(this.#kept);
    return address;
  }

  /**
   * Starts a proof: room for `bytes` of arrays.
   *
   * @throws RangeError if the memory cannot grow so far; nothing is changed then.
   */
  begin(bytes: number): void {
    if (this.#taken > 0) throw new Error('begin: a proof is under way');
    const end = this.#kept + bytes;
    this.#growTo(end);
    this.#free = [{ start: this.#kept, end: this.wasm.buffer.byteLength }];
    this.#peak = 0;
  }

  /** Bytes that a proof may take at most. */
  get capacity(): number {
    return MAX_PAGES * PAGE_BYTES - this.#kept;
  }

  /** Ends a proof: its arrays must not be used any more. */
  end(): void {
    this.#free = [];
    this.#taken = 0;
  }

  /** An array of zeros. @throws RangeError if `begin` was told too little and the memory cannot grow. */
  allocate(length: number): Uint32Array {
    const array = this.allocateRaw(length);
    array.fill(0);
    return array;
  }

  /** An array of whatever was there. */
  allocateRaw(length: number): Uint32Array {
    const bytes = bytesTaken(length);
    let index = this.#free.findIndex(({ start, end }) => end - start >= bytes);
    if (index < 0) {
      this.#extend(bytes);
      index = this.#free.length - 1;
    }
    const { start, end } = this.#free[index]!;
    const rest = { start: start + bytes, end };
    this.#free.splice(index, 1, ...(rest.start < rest.end ? [rest] : []));
    this.#taken += bytes;
    this.#peak = Math.max(this.#peak, this.#taken);
    return this.view(start, length);
  }

  /**
   * Makes the last free part that long. Free parts may be enough together and each too short; a shared memory can grow
   * then, since its views stay good.
   */
  #extend(bytes: number): void {
    if (!this.isShared) {
      throw new RangeError(`memory: expected ${bytes} free bytes in one piece, planned too little`);
    }
    const end = this.wasm.buffer.byteLength;
    const last = this.#free.at(-1);
    const start = last?.end === end ? last.start : end;
    this.#growTo(start + bytes);
    if (start < end) this.#free.pop();
    this.#free.push({ start, end: this.wasm.buffer.byteLength });
  }

  /** Gives back arrays of `allocate`. */
  free(arrays: readonly Uint32Array[]): void {
    for (const array of arrays) {
      const start = this.addressOf(array);
      const bytes = bytesTaken(array.length);
      this.#taken -= bytes;
      this.#release({ start, end: start + bytes });
    }
  }

  #release(part: Free): void {
    let index = this.#free.findIndex(({ start }) => start > part.start);
    if (index < 0) index = this.#free.length;
    let { start, end } = part;
    let [from, count] = [index, 0];
    const before = this.#free[index - 1];
    const after = this.#free[index];
    if (before?.end === start) {
      start = before.start;
      from--;
      count++;
    }
    if (after?.start === end) {
      end = after.end;
      count++;
    }
    this.#free.splice(from, count, { start, end });
  }

  /** `length` words at an address. */
  view(address: number, length: number): Uint32Array {
    return new Uint32Array(this.wasm.buffer, address, length);
  }

  /** Where an array lies. @throws Error if it lies elsewhere. */
  addressOf(array: Uint32Array | Int32Array): number {
    if (!this.#buffers.has(array.buffer)) throw new Error('memory: the array lies elsewhere');
    return array.byteOffset;
  }

  /** Copies an array's first word behind its last, where kernels look for the row after the last. */
  wrap(array: Uint32Array): void {
    this.view(this.addressOf(array), array.length + 1)[array.length] = array[0]!;
  }

  holds(array: Uint32Array): boolean {
    return this.#buffers.has(array.buffer);
  }

  #growTo(end: number): void {
    const missing = Math.ceil(end / PAGE_BYTES) - this.wasm.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    this.wasm.grow(missing);
    this.#buffers.add(this.wasm.buffer);
  }
}
