/**
 * Merkle tree over tables of different heights, prover side: build and open. merkle-verify.ts has the format.
 *
 * All layers are kept, 32 bytes a node; rows are gathered sixteen at a time, so that each cache line of a column is
 * read once.
 */
import { type Digest, hashPair, hashWords } from './blake3.ts';
import {
  distinctIndices,
  greatestLogHeight,
  LEAF_KEY,
  type MerkleOpening,
  NODE_KEY,
  shiftIndices,
  type TableShape,
} from './merkle-verify.ts';

/** One committed table: columns of 2^logHeight values in index order. */
export interface MerkleTable {
  readonly logHeight: number;
  readonly columns: readonly Uint32Array[];
}

export interface MerkleTree {
  readonly root: Digest;
  readonly shape: readonly TableShape[];
  /** Digests of 2^(height - k) nodes in entry k, eight words each, the root's last. */
  readonly layers: readonly Uint32Array[];
  /** Opens the rows at `indices` (of the greatest height; any order, repeats allowed). */
  open(indices: Uint32Array): MerkleOpening;
}

const ROWS_AT_ONCE = 16;

/** Hashes all layers. Keeps references to the columns: they must not change before the last `open`. */
export function commitTables(tables: readonly MerkleTable[]): MerkleTree {
  const layers: Uint32Array[] = [];
  for (const { key, columns, logHeight } of layerPlans(tables)) {
    layers.push(hashRows(key, layers.at(-1), columns, 2 ** logHeight));
  }
  return openTree(layers, tables);
}

/** What the nodes of a layer are hashed from, beside their children. */
export interface LayerPlan {
  readonly logHeight: number;
  readonly key: Digest;
  /** Those of all tables of this height, in order. */
  readonly columns: readonly Uint32Array[];
}

/** The layers from the leaves to the root. Throws a RangeError for columns of another length than their table's height. */
export function layerPlans(tables: readonly MerkleTable[]): LayerPlan[] {
  const top = greatestLogHeight(shapeOf(tables));
  for (const { logHeight, columns } of tables) {
    const wrong = columns.find((column) => column.length !== 2 ** logHeight);
    if (wrong !== undefined) {
      throw new RangeError(`columns: expected ${2 ** logHeight} values, got ${wrong.length}`);
    }
  }
  return Array.from({ length: top + 1 }, (_, k) => ({
    logHeight: top - k,
    key: k === 0 ? LEAF_KEY : NODE_KEY,
    columns: tables.flatMap((table) => (table.logHeight === top - k ? table.columns : [])),
  }));
}

function shapeOf(tables: readonly MerkleTable[]): TableShape[] {
  return tables.map(({ logHeight, columns }) => ({ logHeight, width: columns.length }));
}

/** The tree of hashed layers: layers[k] holds the digests of 2^{top - k} nodes, `layerPlans(tables)[k]` says of what. */
export function openTree(
  layers: readonly Uint32Array[],
  tables: readonly MerkleTable[],
): MerkleTree {
  const shape = shapeOf(tables);
  const top = greatestLogHeight(shape);

  function open(indices: Uint32Array): MerkleOpening {
    const distinct = distinctIndices(indices);
    const rows = tables.map(({ logHeight, columns }) => {
      const places = shiftIndices(distinct, top - logHeight);
      const values = new Uint32Array(places.length * columns.length);
      let at = 0;
      for (const place of places) {
        for (const column of columns) values[at++] = column[place];
      }
      return values;
    });
    const siblings: number[] = [];
    for (let k = 0; k < top; k++) {
      const known = shiftIndices(distinct, k);
      for (let place = 0; place < known.length; place++) {
        const sibling = known[place] ^ 1;
        if (known[place - 1] === sibling || known[place + 1] === sibling) continue;
        siblings.push(...layers[k].subarray(8 * sibling, 8 * sibling + 8));
      }
    }
    return { rows, siblings: Uint32Array.from(siblings) };
  }

  return { root: layers[top].slice(0, 8), shape, layers, open };
}

/**
 * Digests of `count` nodes, eight words each: the keyed hash of each node's two children (none for leaves) and then its
 * row of `columns`. Fresh.
 */
export function hashRows(
  key: Uint32Array,
  children: Uint32Array | undefined,
  columns: readonly Uint32Array[],
  count: number,
): Uint32Array {
  const digests = new Uint32Array(8 * count);
  if (children !== undefined && columns.length === 0) {
    for (let index = 0; index < count; index++) {
      hashPair(digests, 8 * index, key, children, 16 * index);
    }
    return digests;
  }
  const head = children === undefined ? 0 : 16;
  const stride = head + columns.length;
  const scratch = new Uint32Array(stride * ROWS_AT_ONCE);
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, count - start);
    if (children !== undefined) {
      for (let row = 0; row < rows; row++) {
        const offset = 16 * (start + row);
        scratch.set(children.subarray(offset, offset + 16), row * stride);
      }
    }
    for (let number = 0; number < columns.length; number++) {
      const column = columns[number];
      let at = head + number;
      for (let row = 0; row < rows; row++) {
        scratch[at] = column[start + row];
        at += stride;
      }
    }
    for (let row = 0; row < rows; row++) {
      hashWords(digests, 8 * (start + row), key, scratch, row * stride, stride);
    }
  }
  return digests;
}
