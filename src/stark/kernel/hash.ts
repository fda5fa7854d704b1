/**
 * Digests of rows of resident columns by the BLAKE3 kernel, and of whole subtrees of a Merkle tree: `hashRows` in
 * `hash/merkle.ts` is the meaning.
 *
 * Rows are taken in tiles whose message blocks and chaining values stay in the cache; of a tile one block of
 * 64 bytes at a time is copied in, column after column, and compressed for all its rows. The driver is
 * emitted as well, so a subtree is one call. spec/11-kernels.md, "Hash".
 */
import { blockFlags } from '../hash/blake3.ts';
import {
  type Callable,
  type FunctionBuilder,
  type Local,
  type MemoryLimits,
  ModuleBuilder,
  scratch,
} from './assembler.ts';
import { defineCompression, defineTranspositions } from './blake3-lanes.ts';
import { type I32, i32, i32x4, v128 } from './operations.ts';

/** Rows of a tile: a block takes 16 KiB, a level of chaining values 8 KiB. */
const TILE_ROWS = 256;

const BLOCK_WORDS = 16;
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const CHUNK_BLOCKS = 16;

/**
 * From one word of a row to the next, in bytes: a cache line more than the tile, since sixteen words at
 * distances of a power of two would fall into one set of the first cache.
 */
const STRIDE = 4 * TILE_ROWS + 64;

/** Of the chaining values of a tile. */
const LEVEL_BYTES = 8 * STRIDE;

/**
 * Offset in the scratch: after the block come the levels of the tree over the chunks of a row. 32 of them, more than
 * rows that fit into the memory can have, fill 0.3 MiB.
 */
const LEVELS = BLOCK_WORDS * STRIDE;

/** Words that describe a layer: addresses of its columns' addresses, width, addresses of children, key and digests. */
export const LAYER_WORDS = 5;

/** Names of the functions that others call. */
export const hashNames = ['hashLayer', 'hashLayers'] as const;

export function assembleHash(limits: MemoryLimits): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(limits);
  const hashTile = defineTile(module);
  const hashLayer = defineLayer(module, hashTile);
  defineLayers(module, hashLayer);
  return module.assemble();
}

function params(code: FunctionBuilder, count: number): Local<'i32'>[] {
  return Array.from({ length: count }, (_, k) => code.param(k, 'i32'));
}

const operands = (count: number): 'i32'[] => Array.from({ length: count }, () => 'i32');

/** Calls `body(size)` for as many rows as possible in steps of 16, then in steps of 4. `rows` becomes 0. */
function inSteps(code: FunctionBuilder, rows: Local<'i32'>, body: (size: number) => void): void {
  for (const size of [16, 4]) {
    code.loop((again) => {
      code.when(i32.lessThan(i32.const(size - 1), rows), () => {
        body(size);
        code.set(rows, i32.subtract(rows, i32.const(size)));
        code.branch(again);
      });
    });
  }
}

/**
 * `stage(columns, count, offset, to, rows)`: words of `count` columns, whose addresses lie at `columns`, from `offset`
 * bytes on come word by word to `to`; zeros for the rest of a block.
 */
function defineStage(module: ModuleBuilder): Callable {
  return module.define('stage', operands(5), (code) => {
    const [columns, count, offset, to, rows] = params(code, 5);
    const end = code.hold(i32.add(to, i32.const(BLOCK_WORDS * STRIDE)));
    const [from, into, left] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const zero = code.hold(i32x4.splat(i32.const(0)));
    const eachWord = (body: () => void): void => {
      code.set(into, to);
      code.set(left, rows);
      body();
      code.advance(to, STRIDE);
    };
    code.when(count, () => {
      code.countDown(count, 1, () => {
        code.set(from, i32.add(i32.load(columns), offset));
        code.advance(columns, 4);
        eachWord(() => {
          inSteps(code, left, (size) => {
            for (let row = 0; row < size; row += 4) {
              code.store(into, v128.load(from, 4 * row), 4 * row);
            }
            code.advance(from, 4 * size);
            code.advance(into, 4 * size);
          });
        });
      });
    });
    code.loop((again) => {
      code.when(i32.notEqual(to, end), () => {
        eachWord(() => {
          inSteps(code, left, (size) => {
            for (let row = 0; row < size; row += 4) code.store(into, zero, 4 * row);
            code.advance(into, 4 * size);
          });
        });
        code.branch(again);
      });
    });
  });
}

/**
 * `hashTile(columns, width, children, key, digests, offset, rows)`: digests of up to a tile of rows. Columns start
 * `offset` bytes further, `children` (0: none) and `digests` at the first row.
 */
function defineTile(module: ModuleBuilder): Callable {
  const { compress, compressKeyed } = defineCompression(module, STRIDE);
  const { gather, scatter } = defineTranspositions(module, STRIDE);
  const stage = defineStage(module);
  return module.define('hashTile', operands(7), (code) => {
    const [columns, width, children, key, digests, offset, rows] = params(code, 7);
    const block = code.hold(scratch);
    const first = code.hold(i32.add(block, i32.const(LEVELS)));
    const level = code.hold(first);
    /** Words of the row that are not hashed yet. */
    const left = code.hold(width);
    const [count, blockInChunk, chunk] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const [flags, complete] = [code.local('i32'), code.local('i32')];
    const addFlag = (condition: I32, flag: number): void =>
      code.when(condition, () => code.set(flags, i32.or(flags, i32.const(flag))));
    /** The parent of the chaining values at `level` and the next, which lie like a block, once that is made. */
    const join = (): void => {
      code.set(level, i32.subtract(level, i32.const(LEVEL_BYTES)));
      code.set(flags, i32.const(blockFlags.keyedHash | blockFlags.parent));
      const isLast = i32.and(i32.isZero(left), i32.equal(level, first));
      addFlag(isLast, blockFlags.root);
      const zero = i32.const(0);
      code.call(compressKeyed, key, level, level, rows, i32.const(BLOCK_BYTES), flags, zero);
    };

    code.when(children, () => code.advance(left, BLOCK_WORDS));
    code.block((done) => {
      code.loop((again) => {
        code.set(count, i32.const(BLOCK_WORDS));
        code.when(i32.lessThan(left, count), () => code.set(count, left));
        code.when(
          children,
          () => {
            code.call(gather, children, block, rows);
            code.set(children, i32.const(0));
          },
          () => {
            code.call(stage, columns, count, offset, block, rows);
            code.advance(columns, 4 * BLOCK_WORDS);
          },
        );
        code.set(left, i32.subtract(left, count));

        code.set(flags, i32.const(blockFlags.keyedHash));
        addFlag(i32.isZero(blockInChunk), blockFlags.chunkStart);
        const isFull = i32.equal(blockInChunk, i32.const(CHUNK_BLOCKS - 1));
        addFlag(i32.or(isFull, i32.isZero(left)), blockFlags.chunkEnd);
        addFlag(i32.isZero(i32.or(left, chunk)), blockFlags.root);
        const byteLength = i32.shiftLeft(count, i32.const(2));
        code.when(
          blockInChunk,
          () => code.call(compress, level, block, level, rows, byteLength, flags, chunk),
          () => code.call(compressKeyed, key, block, level, rows, byteLength, flags, chunk),
        );
        code.branchIf(i32.isZero(left), done);
        code.advance(blockInChunk, 1);
        code.set(blockInChunk, i32.and(blockInChunk, i32.const(CHUNK_BLOCKS - 1)));
        code.branchIf(blockInChunk, again);

        // A subtree is complete for each trailing zero of the count of chunks.
        code.advance(chunk, 1);
        code.set(complete, chunk);
        code.loop((more) => {
          code.when(i32.isZero(i32.and(complete, i32.const(1))), () => {
            join();
            code.set(complete, i32.shiftRight(complete, i32.const(1)));
            code.branch(more);
          });
        });
        code.advance(level, LEVEL_BYTES);
        code.branch(again);
      });
    });
    code.loop((more) => {
      code.when(i32.notEqual(level, first), () => {
        join();
        code.branch(more);
      });
    });
    code.call(scatter, level, digests, rows);
  });
}

/**
 * `hashLayer(columns, width, children, key, digests, start, rows)`: digests of the rows `start .. start + rows`, a
 * multiple of four, of a layer: of `width` columns, whose addresses lie at `columns`, and before them of the sixteen
 * words of each row at `children`, unless that is 0. Addresses are those of row 0.
 */
function defineLayer(module: ModuleBuilder, hashTile: Callable): Callable {
  return module.define('hashLayer', operands(7), (code) => {
    const [columns, width, children, key, digests, start, rows] = params(code, 7);
    const size = code.local('i32');
    code.when(children, () => code.set(children, addressOfRow(children, start, BLOCK_BYTES)));
    code.set(digests, addressOfRow(digests, start, DIGEST_BYTES));
    code.loop((again) => {
      code.set(size, i32.const(TILE_ROWS));
      code.when(i32.lessThan(rows, size), () => code.set(size, rows));
      const offset = i32.shiftLeft(start, i32.const(2));
      code.call(hashTile, columns, width, children, key, digests, offset, size);
      code.when(children, () => code.set(children, addressOfRow(children, size, BLOCK_BYTES)));
      code.set(digests, addressOfRow(digests, size, DIGEST_BYTES));
      code.set(start, i32.add(start, size));
      code.set(rows, i32.subtract(rows, size));
      code.branchIf(rows, again);
    });
  });
}

function addressOfRow(address: I32, row: I32, bytes: number): I32 {
  return i32.add(address, i32.multiply(row, i32.const(bytes)));
}

/**
 * `hashLayers(layers, count, start, rows)`: the rows `start .. start + rows` of the first of `count` layers, each half
 * as high as the one before, and of the others what lies above them: a multiple of four in each.
 */
function defineLayers(module: ModuleBuilder, hashLayer: Callable): void {
  module.define('hashLayers', operands(4), (code) => {
    const [layers, count, start, rows] = params(code, 4);
    code.countDown(count, 1, () => {
      const words = Array.from({ length: LAYER_WORDS }, (_, k) => i32.load(layers, 4 * k));
      code.call(hashLayer, ...words, start, rows);
      code.advance(layers, 4 * LAYER_WORDS);
      code.set(start, i32.shiftRight(start, i32.const(1)));
      code.set(rows, i32.shiftRight(rows, i32.const(1)));
    });
  });
}
