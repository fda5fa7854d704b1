/**
 * The circle group and its domains. spec/7-proof-system.md, "Domains".
 *
 * A canonic coset H_n has 2^n points, the odd multiples of Q = g_{n+1}. *Row order*: row i is (2i + 1)Q, the next row
 * is P + g_n. *Index order*: the conjugate bit on top, the half coset's index bit-reversed below; in it the map pi^k
 * (k doublings, H_n to H_{n-k}) takes index i to exactly i >> k, neighbours (2j, 2j + 1) are antipodes, and (j, j +
 * 2^{n-1}) are conjugates. One shift serves Merkle injection, FRI and lifting.
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import { add, mul, neg, sub } from '../field/m31.ts';

/** Largest n of a canonic coset. */
export const MAX_LOG_SIZE = 30;

/** log2 of the order of the circle group, p + 1. */
const LOG_ORDER = 31;

/** A point over the base field: x^2 + y^2 = 1. */
export interface CirclePoint {
  readonly x: number;
  readonly y: number;
}

/** A point over an extension. */
export interface ExtPoint {
  readonly x: Ext;
  readonly y: Ext;
}

/** Generator of the whole group, of order 2^31. */
export const GENERATOR: CirclePoint = { x: 2, y: 1268011823 };

/** left + right in the circle group: (x, y) + (x', y') = (xx' - yy', xy' + yx'). */
export function addPoints(left: CirclePoint, right: CirclePoint): CirclePoint {
  return {
    x: sub(mul(left.x, right.x), mul(left.y, right.y)),
    y: add(mul(left.x, right.y), mul(left.y, right.x)),
  };
}

/** Doublings of the generator: entry k has order 2^{31-k}. */
const doublings: readonly CirclePoint[] = (() => {
  const points = [GENERATOR];
  while (points.length <= LOG_ORDER) {
    const last = points[points.length - 1];
    points.push(addPoints(last, last));
  }
  return points;
})();

/** GENERATOR times a whole `exponent` in [0, 2^31). */
export function generatorMultiple(exponent: number): CirclePoint {
  let point: CirclePoint = { x: 1, y: 0 };
  for (let k = 0; k < LOG_ORDER; k++) {
    if ((exponent >>> k) & 1) point = addPoints(point, doublings[k]);
  }
  return point;
}

/** g_n: the generator of the subgroup of order 2^n, n in [0, 31]. */
export function subgroupGenerator(logOrder: number): CirclePoint {
  return doublings[LOG_ORDER - logOrder];
}

/** Row i of H_n, n in [0, 30]: the multiple (2i + 1) 2^{30-n} of the generator. */
export function rowPoint(logSize: number, row: number): CirclePoint {
  checkLogSize(logSize, 0);
  return generatorMultiple((2 * row + 1) * 2 ** (MAX_LOG_SIZE - logSize));
}

/** The point at an index of H_n. */
export function indexPoint(logSize: number, index: number): CirclePoint {
  return rowPoint(logSize, indexToRow(logSize, index));
}

/** The lowest `bits` bits of `value` in reverse order, bits in [0, 32]. */
export function reverseBits(value: number, bits: number): number {
  let rest = value;
  let reversed = 0;
  for (let k = 0; k < bits; k++) {
    reversed = (reversed << 1) | (rest & 1);
    rest >>>= 1;
  }
  return reversed >>> 0;
}

/** Index of a row: an even row 2j is point j of the half coset, an odd row the conjugate of row N - 1 - row. */
export function rowToIndex(logSize: number, row: number): number {
  if (logSize === 0) return 0;
  const size = 2 ** logSize;
  const isConjugate = row % 2 === 1;
  const halfCosetIndex = isConjugate ? (size - 1 - row) / 2 : row / 2;
  return reverseBits(halfCosetIndex, logSize - 1) + (isConjugate ? size / 2 : 0);
}

/** Row of an index, the inverse of `rowToIndex`. */
export function indexToRow(logSize: number, index: number): number {
  if (logSize === 0) return 0;
  const half = 2 ** (logSize - 1);
  const row = 2 * reverseBits(index % half, logSize - 1);
  return index < half ? row : 2 * half - 1 - row;
}

const rowTables = new Map<number, Uint32Array>();

/** rowToIndex for all rows: table[row] = index. Cached: do not write. */
export function rowToIndexTable(logSize: number): Uint32Array {
  checkLogSize(logSize, 0);
  let table = rowTables.get(logSize);
  if (table === undefined) {
    const size = 2 ** logSize;
    table = new Uint32Array(size);
    const half = size / 2;
    // Incrementing a bit-reversed counter: carries run from the top bit down.
    let reversed = 0;
    for (let j = 0; j < half; j++) {
      table[2 * j] = reversed;
      table[size - 1 - 2 * j] = half + reversed;
      let bit = half >> 1;
      while (reversed & bit) {
        reversed ^= bit;
        bit >>= 1;
      }
      reversed |= bit;
    }
    rowTables.set(logSize, table);
  }
  return table;
}

/** A fresh copy of a row-order column in index order. */
export function toIndexOrder(column: Uint32Array, logSize: number): Uint32Array {
  const table = rowToIndexTable(logSize);
  const reordered = new Uint32Array(column.length);
  for (let row = 0; row < column.length; row++) reordered[table[row]] = column[row];
  return reordered;
}

/** A fresh copy of an index-order column in row order. */
export function toRowOrder(column: Uint32Array, logSize: number): Uint32Array {
  const table = rowToIndexTable(logSize);
  const reordered = new Uint32Array(column.length);
  for (let row = 0; row < column.length; row++) reordered[row] = column[table[row]];
  return reordered;
}

/** Coordinates of the half coset of H_n in index order, indices 0 to 2^{n-1} - 1; n >= 1. Fresh arrays. */
export function halfCosetPoints(logSize: number): { xs: Uint32Array; ys: Uint32Array } {
  checkLogSize(logSize, 1);
  const half = 2 ** (logSize - 1);
  const xs = new Uint32Array(half);
  const ys = new Uint32Array(half);
  const first = subgroupGenerator(logSize + 1);
  xs[0] = first.x;
  ys[0] = first.y;
  // Bit-reversed order: setting bit b of an index adds 2^{n-2-b} steps of g_{n-1}, a generator of order 2^{b+1}.
  for (let size = 1, logOrder = 1; size < half; size *= 2, logOrder++) {
    const step = subgroupGenerator(logOrder);
    for (let index = 0; index < size; index++) {
      const point = addPoints({ x: xs[index], y: ys[index] }, step);
      xs[size + index] = point.x;
      ys[size + index] = point.y;
    }
  }
  return { xs, ys };
}

/** v_n(P) = x of pi^{n-1}(P), from the x of P: zero exactly on H_n. n >= 1. */
export function vanishing(logSize: number, x: number): number {
  let value = x;
  for (let k = 1; k < logSize; k++) value = sub(mul(2, mul(value, value)), 1);
  return value;
}

/** v_n at a point over the extension. */
export function vanishingExt(field: ExtensionField, logSize: number, x: Ext): Ext {
  let value = x;
  for (let k = 1; k < logSize; k++) value = doubledX(field, value);
  return value;
}

/** x of 2P: 2x^2 - 1. */
function doubledX(field: ExtensionField, x: Ext): Ext {
  return field.sub(field.mulBase(field.square(x), 2), field.one());
}

/**
 * (1 - t^2, 2t) / (1 + t^2): all points but (-1, 0), each from one t. Undefined when t^2 = -1, of which there are two.
 */
export function pointFromChallenge(field: ExtensionField, t: Ext): ExtPoint | undefined {
  const square = field.square(t);
  const denominator = field.add(field.one(), square);
  if (field.isZero(denominator)) return undefined;
  const scale = field.inverse(denominator);
  return {
    x: field.mul(field.sub(field.one(), square), scale),
    y: field.mul(field.mulBase(t, 2), scale),
  };
}

export function toExtPoint(field: ExtensionField, point: CirclePoint): ExtPoint {
  return { x: field.fromBase(point.x), y: field.fromBase(point.y) };
}

export function addExtPoints(field: ExtensionField, left: ExtPoint, right: ExtPoint): ExtPoint {
  return {
    x: field.sub(field.mul(left.x, right.x), field.mul(left.y, right.y)),
    y: field.add(field.mul(left.x, right.y), field.mul(left.y, right.x)),
  };
}

/** pi^k(P): P doubled `times` times. */
export function doubleExtPoint(field: ExtensionField, point: ExtPoint, times: number): ExtPoint {
  let result = point;
  for (let k = 0; k < times; k++) {
    const y = field.mulBase(field.mul(result.x, result.y), 2);
    result = { x: doubledX(field, result.x), y };
  }
  return result;
}

/** Both coordinates under the automorphism of order 2 (not the circle's (x, -y)). */
export function conjugateExtPoint(field: ExtensionField, point: ExtPoint): ExtPoint {
  return { x: field.conjugate(point.x), y: field.conjugate(point.y) };
}

/** P + g_n, the next row, as an extension point. */
export function nextExtPoint(field: ExtensionField, point: ExtPoint, logRows: number): ExtPoint {
  return addExtPoints(field, point, toExtPoint(field, subgroupGenerator(logRows)));
}

/**
 * Whether zeta may serve as out-of-domain point of tables of which the tallest has 2^logRows rows: zeta and zeta + g must
 * differ in y from their conjugates, so that there is a line in y through both.
 *
 * This also keeps every pi^k zeta off every trace and evaluation domain: v of a lower table at pi^k zeta is v of the
 * tallest at zeta, whose zeros all lie over the base field, where y is its own conjugate. A random point fails with a
 * probability below 2^-60 (degree 4).
 */
export function isAdmissiblePoint(field: ExtensionField, zeta: ExtPoint, logRows: number): boolean {
  const next = nextExtPoint(field, zeta, logRows);
  return [zeta, next].every((point) => !field.equal(point.y, field.conjugate(point.y)));
}

/** The negative of a point, its conjugate on the circle: (x, -y). */
export function negatePoint(point: CirclePoint): CirclePoint {
  return { x: point.x, y: neg(point.y) };
}

function checkLogSize(logSize: number, least: number): void {
  if (!Number.isInteger(logSize) || logSize < least || logSize > MAX_LOG_SIZE) {
    throw new RangeError(`logSize: expected ${least} to ${MAX_LOG_SIZE}, got ${logSize}`);
  }
}
