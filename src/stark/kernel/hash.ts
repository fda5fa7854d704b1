/**
 * Digests of rows of columns by the BLAKE3 kernel: the same as the plain twin in `hash/merkle.ts`, which is its oracle.
 *
 * Rows are taken in tiles whose message blocks and chaining values stay in the second cache; of a tile
 * one block of 64 bytes at a time is copied in and compressed for all its rows. Memory does not depend
 * on what is hashed. spec/11-kernels.md, "Hash".
 */
import { blockFlags } from '../hash/blake3.ts';
import type { HashRows } from '../hash/merkle.ts';
import { ModuleBuilder, PAGE_BYTES } from './assembler.ts';
import { defineCompression, defineTranspositions } from './blake3-lanes.ts';

/** Rows of a tile: a block takes 32 KiB, a level of chaining values 16 KiB. */
const TILE_ROWS = 512;

const BLOCK_WORDS = 16;
const BLOCK_BYTES = 64;
const CHUNK_BLOCKS = 16;

/** Levels of the tree over the chunks of a row: rows of up to 2^16 KiB. */
const LEVELS = 17;

/**
 * From one word of a row to the next, in words: a cache line more than the tile, since sixteen words at
 * distances of a power of two would fall into one set of the first cache.
 */
const STRIDE = TILE_ROWS + 16;

/** Offsets of the parts of the memory, in words. */
const LEVEL_WORDS = 8 * STRIDE;
const KEY = 0;
const BLOCK = 16;
const CHAINING = BLOCK + BLOCK_WORDS * STRIDE;
/** Rows as they lie in a tree: sixteen words of children, or eight of digests. */
const TREE_ROWS = CHAINING + LEVELS * LEVEL_WORDS;
const TOTAL_WORDS = TREE_ROWS + 16 * TILE_ROWS;

type Compress = (
  from: number,
  block: number,
  out: number,
  rows: number,
  byteLength: number,
  flags: number,
  counter: number,
) => void;
type Transpose = (from: number, to: number, rows: number) => void;

interface HashExports {
  readonly compress: Compress;
  readonly compressKeyed: Compress;
  readonly gather: Transpose;
  readonly scatter: Transpose;
}

/** Pages of memory that the kernel takes. */
export const hashPages = Math.ceil((4 * TOTAL_WORDS) / PAGE_BYTES);

export function assembleHash(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ initial: hashPages, maximum: hashPages });
  defineCompression(module, 4 * STRIDE);
  defineTranspositions(module, 4 * STRIDE);
  return module.assemble();
}

/** Compiles the kernel; `otherwise` takes what it does not: fewer than four rows, rows of more than 2^16 KiB. */
export async function createHashRows(otherwise: HashRows): Promise<HashRows> {
  const memory = new WebAssembly.Memory({ initial: hashPages, maximum: hashPages });
  const { instance } = await WebAssembly.instantiate(assembleHash(), { kernel: { memory, scratch: 0 } });
  // The names and types are those of the module assembled above.
  const kernel = instance.exports as unknown as HashExports;
  const words = new Uint32Array(memory.buffer);

  /** The parent of the chaining values at `level` and `level + 1`, which lie like a block. */
  function joinLevels(rows: number, level: number, flags: number): void {
    const at = 4 * (CHAINING + level * LEVEL_WORDS);
    kernel.compressKeyed(4 * KEY, at, at, rows, BLOCK_BYTES, flags | blockFlags.parent, 0);
  }

  /** Digests of the rows from `start` on into level 0. */
  function hashTile(
    children: Uint32Array | undefined,
    columns: readonly Uint32Array[],
    start: number,
    rows: number,
  ): void {
    const head = children === undefined ? 0 : BLOCK_WORDS;
    const width = head + columns.length;
    const blocks = Math.max(1, Math.ceil(width / BLOCK_WORDS));
    const lastChunk = Math.ceil(blocks / CHUNK_BLOCKS) - 1;
    let depth = 0;
    for (let block = 0; block < blocks; block++) {
      const first = block * BLOCK_WORDS;
      const count = Math.min(BLOCK_WORDS, width - first);
      if (first < head) {
        words.set(children!.subarray(16 * start, 16 * (start + rows)), TREE_ROWS);
        kernel.gather(4 * TREE_ROWS, 4 * BLOCK, rows);
      } else {
        for (let k = 0; k < count; k++) {
          const column = columns[first - head + k];
          words.set(column.subarray(start, start + rows), BLOCK + k * STRIDE);
        }
        words.fill(0, BLOCK + count * STRIDE, CHAINING);
      }
      const chunk = Math.floor(block / CHUNK_BLOCKS);
      const isFirst = block % CHUNK_BLOCKS === 0;
      const isLast = block % CHUNK_BLOCKS === CHUNK_BLOCKS - 1 || block === blocks - 1;
      const isRoot = isLast && chunk === 0 && lastChunk === 0;
      const flags =
        blockFlags.keyedHash |
        (isFirst ? blockFlags.chunkStart : 0) |
        (isLast ? blockFlags.chunkEnd : 0) |
        (isRoot ? blockFlags.root : 0);
      const out = 4 * (CHAINING + depth * LEVEL_WORDS);
      const compress = isFirst ? kernel.compressKeyed : kernel.compress;
      compress(isFirst ? 4 * KEY : out, 4 * BLOCK, out, rows, 4 * count, flags, chunk);
      if (!isLast) continue;
      if (chunk < lastChunk) {
        // A subtree is complete for each trailing zero of the count of chunks.
        for (let complete = chunk + 1; complete % 2 === 0; complete /= 2) {
          joinLevels(rows, --depth, blockFlags.keyedHash);
        }
        depth++;
      }
    }
    while (depth > 0) {
      depth--;
      joinLevels(rows, depth, blockFlags.keyedHash | (depth === 0 ? blockFlags.root : 0));
    }
  }

  return (key, children, columns, count) => {
    const width = columns.length + (children === undefined ? 0 : 16);
    if (count % 4 !== 0 || width > 256 * 2 ** (LEVELS - 1)) {
      return otherwise(key, children, columns, count);
    }
    const digests = new Uint32Array(8 * count);
    words.set(key, KEY);
    for (let start = 0; start < count; start += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, count - start);
      hashTile(children, columns, start, rows);
      kernel.scatter(4 * CHAINING, 4 * TREE_ROWS, rows);
      digests.set(words.subarray(TREE_ROWS, TREE_ROWS + 8 * rows), 8 * start);
    }
    return digests;
  };
}
