/**
 * An exact multiset of messages of one width, with signed counts: open addressing over typed arrays.
 *
 * Counts are kept as integers, where multiplicities above p/2 stand for negative ones, and modulo p.
 * Each message remembers who put it there first, so that an imbalance can be named.
 */

const P = 0x7fffffff;

export class Multiset {
  readonly #width: number;
  #slots: Int32Array;
  #messages: Int32Array;
  #hashes: Int32Array;
  #counts: Float64Array;
  #residues: Int32Array;
  #origins: Int32Array;
  #rows: Int32Array;
  size = 0;

  constructor(width: number) {
    this.#width = width;
    const capacity = 1024;
    this.#slots = new Int32Array(2 * capacity).fill(-1);
    this.#messages = new Int32Array(capacity * width);
    this.#hashes = new Int32Array(capacity);
    this.#counts = new Float64Array(capacity);
    this.#residues = new Int32Array(capacity);
    this.#origins = new Int32Array(capacity);
    this.#rows = new Int32Array(capacity);
  }

  /** Adds the message at row `i` of the columns. `sign` is 1 or -1, `multiplicity` canonical. */
  put(
    columns: readonly Int32Array[],
    offsets: Int32Array,
    i: number,
    multiplicity: number,
    sign: number,
    origin: number,
    row: number,
  ): void {
    const width = this.#width;
    let hash = 0;
    for (let k = 0; k < width; k++) {
      hash = Math.imul(hash ^ columns[k]![offsets[k]! + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    let entry = slots[slot]!;
    while (entry >= 0) {
      if (this.#hashes[entry] === hash && this.#equals(entry, columns, offsets, i)) break;
      slot = (slot + 1) & mask;
      entry = slots[slot]!;
    }
    if (entry < 0) {
      if (this.size === this.#hashes.length) {
        this.#grow();
        this.put(columns, offsets, i, multiplicity, sign, origin, row);
        return;
      }
      entry = this.size++;
      slots[slot] = entry;
      this.#hashes[entry] = hash;
      for (let k = 0; k < width; k++) {
        this.#messages[entry * width + k] = columns[k]![offsets[k]! + i]!;
      }
      this.#origins[entry] = origin;
      this.#rows[entry] = row;
    }
    const value = multiplicity > P / 2 ? multiplicity - P : multiplicity;
    this.#counts[entry] = this.#counts[entry]! + sign * value;
    const residue = this.#residues[entry]! + (sign > 0 ? multiplicity : P - multiplicity);
    this.#residues[entry] = residue >= P ? residue - P : residue;
  }

  /** Calls `visit` for each message whose count is not 0, as integer or modulo p, in order of arrival. */
  forEachUnbalanced(
    visit: (message: number[], count: number, residue: number, origin: number, row: number) => void,
  ): void {
    for (let entry = 0; entry < this.size; entry++) {
      const count = this.#counts[entry]!;
      const residue = this.#residues[entry]!;
      if (count === 0 && residue === 0) continue;
      const from = entry * this.#width;
      const message = Array.from(this.#messages.subarray(from, from + this.#width));
      visit(message, count, residue, this.#origins[entry]!, this.#rows[entry]!);
    }
  }

  #equals(entry: number, columns: readonly Int32Array[], offsets: Int32Array, i: number): boolean {
    const from = entry * this.#width;
    for (let k = 0; k < this.#width; k++) {
      if (this.#messages[from + k] !== columns[k]![offsets[k]! + i]) return false;
    }
    return true;
  }

  #grow(): void {
    const capacity = 2 * this.#hashes.length;
    const wider = <T extends Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#messages = wider(new Int32Array(capacity * this.#width), this.#messages);
    this.#hashes = wider(new Int32Array(capacity), this.#hashes);
    this.#counts = wider(new Float64Array(capacity), this.#counts);
    this.#residues = wider(new Int32Array(capacity), this.#residues);
    this.#origins = wider(new Int32Array(capacity), this.#origins);
    this.#rows = wider(new Int32Array(capacity), this.#rows);
    const slots = new Int32Array(2 * capacity).fill(-1);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.size; entry++) {
      let slot = this.#hashes[entry]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }
}
