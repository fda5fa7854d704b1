/**
 * The loops of `rows.ts`: each writes a stretch of one column, or of a few, `count` rows from `first` on.
 *
 * Functions of their own, so that each is compiled for one kind of array and one loop. Events are rows
 * of `words` words; `from` is where the first of the words that are read stands.
 */

const IMMEDIATE = 256;
const MODULUS = 0x7fffffff;

export function gatherPcs(
  to: Int32Array,
  count: number,
  events: Int32Array,
  from: number,
  words: number,
): void {
  for (let i = 0, at = from; i < count; i++, at += words) to[i] = events[at]!;
}

export function gather(
  to: Int32Array | Uint32Array,
  first: number,
  count: number,
  source: Uint32Array,
  pcs: Int32Array,
): void {
  for (let i = 0; i < count; i++) to[first + i] = source[pcs[i]!]!;
}

export function copyWords(
  to: Uint32Array,
  first: number,
  count: number,
  events: Int32Array,
  from: number,
  words: number,
): void {
  for (let i = 0, at = from; i < count; i++, at += words) to[first + i] = events[at]!;
}

export function splitLanes(
  low: Uint32Array,
  high: Uint32Array,
  first: number,
  count: number,
  events: Int32Array,
  from: number,
  words: number,
): void {
  for (let i = 0, at = from; i < count; i++, at += words) {
    const lane = events[at]!;
    low[first + i] = lane & 0xffff;
    high[first + i] = lane >>> 16;
  }
}

export function splitBytes(
  a: Uint32Array,
  b: Uint32Array,
  c: Uint32Array,
  d: Uint32Array,
  first: number,
  count: number,
  events: Int32Array,
  from: number,
  words: number,
): void {
  for (let i = 0, at = from; i < count; i++, at += words) {
    const lane = events[at]!;
    a[first + i] = lane & 255;
    b[first + i] = (lane >>> 8) & 255;
    c[first + i] = (lane >>> 16) & 255;
    d[first + i] = lane >>> 24;
  }
}

export function goOn(
  to: Uint32Array,
  goes: Uint32Array,
  distance: Uint32Array,
  first: number,
  count: number,
  pcs: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const pc = pcs[i]!;
    const target = pc + distance[first + i]!;
    const there = target >= MODULUS ? target - MODULUS : target;
    to[first + i] = goes[first + i] === 0 ? pc + 1 : there;
  }
}

export function upperBytes(
  to: Uint32Array,
  limbs: Uint32Array,
  first: number,
  count: number,
): void {
  for (let i = first; i < first + count; i++) to[i] = limbs[i]! >>> 8;
}

export function splitImmediates(
  low: Uint32Array,
  high: Uint32Array,
  first: number,
  count: number,
  operations: Int32Array,
  limbs: Uint32Array,
  pcs: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    if (operations[i]! < IMMEDIATE) continue;
    const limb = limbs[pcs[i]!]!;
    low[first + i] = limb & 255;
    high[first + i] = limb >>> 8;
  }
}

export function markImmediates(
  to: Uint32Array,
  first: number,
  count: number,
  operations: Int32Array,
): void {
  for (let i = 0; i < count; i++) to[first + i] = operations[i]! >> 8;
}

export function lookUp(
  to: Uint32Array,
  first: number,
  count: number,
  operations: Int32Array,
  values: Uint8Array,
): void {
  for (let i = 0; i < count; i++) to[first + i] = values[operations[i]! & 255]!;
}

export function takeImmediate(
  to: Uint32Array,
  source: Uint32Array,
  first: number,
  count: number,
  operations: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    if (operations[i]! >= IMMEDIATE) to[first + i] = source[first + i]!;
  }
}

export function clearImmediate(
  to: Uint32Array,
  first: number,
  count: number,
  operations: Int32Array,
): void {
  for (let i = 0; i < count; i++) if (operations[i]! >= IMMEDIATE) to[first + i] = 0;
}

export function clearWhere(
  to: Uint32Array,
  where: Uint32Array,
  first: number,
  count: number,
): void {
  for (let i = first; i < first + count; i++) if (where[i] !== 0) to[i] = 0;
}
