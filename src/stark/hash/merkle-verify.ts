/**
 * Merkle trees over tables of different heights: the format, and the verifier's side. spec/7-proof-system.md,
 * "Commitments".
 *
 * Leaf i is the keyed hash (leaf key) of row i of all tallest tables, concatenated in table order. A node of the layer of
 * 2^m nodes is the keyed hash (node key) of left child, right child and row i of the tables of height 2^m. The key tells
 * leaves from nodes. Index i of the tallest height meets row i >> k of a table lower by k: index order makes that the
 * lift, and a column committed once at its own height is a lift by construction. Shapes come from the verifying key and
 * the claimed heights, never from an opening; so all lengths are known and nothing can be left over.
 */
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { isCanonical } from '../field/m31.ts';
import { accept, type Checked, refuse } from '../rejection.ts';
import { type Digest, hashWords } from './blake3.ts';
import { equalDigests, keyFromLabel } from './digest.ts';

export const LEAF_KEY = keyFromLabel('braid merkle leaf v1');
export const NODE_KEY = keyFromLabel('braid merkle node v1');

/** Height and width of a committed table. */
export interface TableShape {
  readonly logHeight: number;
  readonly width: number;
}

/** Rows and pruned paths for a set of indices; each row and each digest once. */
export interface MerkleOpening {
  /** For each table, its rows at the distinct indices, ascending, one after the other. */
  readonly rows: readonly Uint32Array[];
  /** Digests of siblings that cannot be computed, eight words each: from the leaves up, ascending in each layer. */
  readonly siblings: Uint32Array;
}

/** Verified rows. */
export interface OpenedRows {
  /** The row of table `table` met by index `index` of the tallest height, one of those opened. A view: do not write. */
  row(table: number, index: number): Uint32Array;
}

/** Ascending, without repeats. Fresh. */
export function distinctIndices(indices: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set(indices)).sort();
}

/** Ascending distinct indices >> k of ascending distinct indices. */
export function shiftIndices(indices: Uint32Array, k: number): Uint32Array {
  return Uint32Array.from(new Set(indices.map((index) => index >>> k)));
}

/** log2 of the greatest height. Throws a RangeError for no tables: a tree needs one. */
export function greatestLogHeight(shape: readonly TableShape[]): number {
  if (shape.length === 0) throw new RangeError('shape: expected at least one table, got none');
  return Math.max(...shape.map((table) => table.logHeight));
}

/** The distinct indices of each layer, from the leaves to the root. */
function indexLayers(indices: Uint32Array, logHeight: number): Uint32Array[] {
  const distinct = distinctIndices(indices);
  return Array.from({ length: logHeight + 1 }, (_, k) => shiftIndices(distinct, k));
}

/**
 * Checks an opening of the rows at `indices` (below the greatest height, at least one; repeats allowed) against a root.
 * `where` names the tree in rejections.
 */
export function verifyOpening(
  where: string,
  root: Digest,
  shape: readonly TableShape[],
  indices: Uint32Array,
  opening: MerkleOpening,
): Checked<OpenedRows> {
  const top = greatestLogHeight(shape);
  if (indices.length === 0 || indices.some((index) => index >= 2 ** top)) {
    throw new RangeError(`indices: expected at least one, all below 2^${top}`);
  }
  const layers = indexLayers(indices, top);

  if (opening.rows.length !== shape.length) {
    return refuse(wrongLength(`${where} tables`, shape.length, opening.rows.length));
  }
  for (let table = 0; table < shape.length; table++) {
    const rows = opening.rows[table];
    const expected = layers[top - shape[table].logHeight].length * shape[table].width;
    if (rows.length !== expected) {
      return refuse(wrongLength(`${where} rows of table ${table}`, expected, rows.length));
    }
    const wrong = rows.find((value) => !isCanonical(value));
    if (wrong !== undefined) {
      return refuse({
        code: 'not-canonical',
        where: `${where} rows of table ${table}`,
        got: wrong,
      });
    }
  }
  const siblingCount = countSiblings(layers);
  if (opening.siblings.length !== 8 * siblingCount) {
    const got = opening.siblings.length;
    return refuse(wrongLength(`${where} siblings`, 8 * siblingCount, got));
  }

  const computed = computeRoot(top, shape, layers, opening);
  if (!equalDigests(computed, root)) return refuse({ code: 'bad-root', where });
  return accept({
    row(table, index) {
      const { logHeight, width } = shape[table];
      const place = layers[top - logHeight].indexOf(index >>> (top - logHeight));
      if (place < 0) throw new RangeError(`index: expected one of those opened, got ${index}`);
      return opening.rows[table].subarray(place * width, (place + 1) * width);
    },
  });
}

function wrongLength(where: string, expected: number, got: number) {
  return { code: 'wrong-length', where, expected, got } as const;
}

/** Digests that pruned paths must supply: for each layer but the root, the nodes whose sibling is not in it. */
function countSiblings(layers: readonly Uint32Array[]): number {
  let count = 0;
  for (let k = 0; k + 1 < layers.length; k++) {
    // Two nodes under one parent supply each other.
    count += 2 * layers[k + 1].length - layers[k].length;
  }
  return count;
}

function computeRoot(
  top: number,
  shape: readonly TableShape[],
  layers: readonly Uint32Array[],
  opening: MerkleOpening,
): Digest {
  const tablesAt = (logHeight: number) =>
    shape.flatMap((table, number) => (table.logHeight === logHeight ? [number] : []));
  const widest = shape.reduce((sum, table) => sum + table.width, 0);
  const scratch = new Uint32Array(16 + widest);
  let at = 0;

  function appendRows(tables: readonly number[], place: number): void {
    for (const table of tables) {
      const { width } = shape[table];
      scratch.set(opening.rows[table].subarray(place * width, (place + 1) * width), at);
      at += width;
    }
  }

  let digests = new Uint32Array(8 * layers[0].length);
  const leafTables = tablesAt(top);
  for (let place = 0; place < layers[0].length; place++) {
    at = 0;
    appendRows(leafTables, place);
    hashWords(digests, 8 * place, LEAF_KEY, scratch, 0, at);
  }

  let sibling = 0;
  for (let k = 1; k <= top; k++) {
    const below = layers[k - 1];
    const parents = new Uint32Array(8 * layers[k].length);
    const injected = tablesAt(top - k);
    let child = 0;
    for (let place = 0; place < layers[k].length; place++) {
      for (let side = 0; side < 2; side++) {
        const isKnown = below[child] === 2 * layers[k][place] + side;
        const source = isKnown ? digests : opening.siblings;
        const offset = isKnown ? 8 * child++ : 8 * sibling++;
        scratch.set(source.subarray(offset, offset + 8), 8 * side);
      }
      at = 16;
      appendRows(injected, place);
      hashWords(parents, 8 * place, NODE_KEY, scratch, 0, at);
    }
    digests = parents;
  }
  return digests;
}

/** Writes rows and siblings with their lengths, in words. */
export function writeOpening(writer: ByteWriter, opening: MerkleOpening): void {
  for (const rows of opening.rows) {
    writer.u32(rows.length);
    writer.field(rows);
  }
  writer.u32(opening.siblings.length);
  writer.words(opening.siblings);
}

/** Reads an opening of at most `queries` indices. The lengths are bounded here, checked exactly by `verifyOpening`. */
export function readOpening(
  reader: ByteReader,
  where: string,
  shape: readonly TableShape[],
  queries: number,
): MerkleOpening {
  const rows = shape.map((table, number) => {
    const part = `${where} rows of table ${number}`;
    return reader.field(part, reader.u32Between(part, 0, queries * table.width));
  });
  const part = `${where} siblings`;
  const greatest = 8 * queries * greatestLogHeight(shape);
  const siblings = reader.words(part, reader.u32Between(part, 0, greatest));
  return { rows, siblings };
}
