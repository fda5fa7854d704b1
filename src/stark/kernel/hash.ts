/**
 * Digests of rows of resident columns by the BLAKE3 kernel, and of whole subtrees of a Merkle tree: `hashRows` in
 * `hash/merkle.ts` is the meaning.
 *
 * Rows are taken in tiles whose chaining values stay in the cache; of a tile one block of 64 bytes, sixteen
 * columns, at a time is compressed for all its rows, straight from where it lies. The driver is emitted as
 * well, so a subtree is one call. spec/11-kernels.md, "Hash".
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
import { defineCompression, definePairs, defineTranspositions } from './blake3-lanes.ts';
import { type I32, i32, i32x4, v128 } from './operations.ts';

/** Rows of a tile: shorter reads of a column are slower (36 ns for 64 rows, 30 for 256), longer ones hardly faster. */
const TILE_ROWS = 1024;

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

/** Offsets in the scratch: addresses of the words of a block, and four rows of it. */
const WORDS = 0;
const STAGED = 64;
/** A tile of zeros, for words that a block lacks. */
const ZEROS = STAGED + 4 * BLOCK_BYTES;
/** Children of a tile, word by word. */
const CHILDREN = ZEROS + 4 * TILE_ROWS;
/** The key as the chaining values of four rows. */
const KEY = CHILDREN + BLOCK_WORDS * STRIDE;
/**
 * The levels of the tree over the chunks of a row: 17, more than rows that fit into the memory can have, fill 0.6 MiB.
 */
const LEVELS = KEY + LEVEL_BYTES;

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

/**
 * `aim(from)`: the words of the block are those from `from` on, a stride from one to the next.
 */
function defineAim(module: ModuleBuilder): Callable {
  return module.define('aim', ['i32'], (code) => {
    const [from] = params(code, 1);
    const words = code.hold(scratch);
    for (let k = 0; k < BLOCK_WORDS; k++) {
      code.storeWord(words, i32.add(from, i32.const(k * STRIDE)), WORDS + 4 * k);
    }
  });
}

/**
 * `aimAtColumns(columns, count, offset, rows)`: the words of the block are those of `count` columns, whose addresses lie
 * at `columns`, from `offset` bytes on, and zeros.
 */
function defineAimAtColumns(module: ModuleBuilder): Callable {
  return module.define('aimAtColumns', operands(4), (code) => {
    const [columns, count, offset, rows] = params(code, 4);
    const words = code.hold(scratch);
    const end = code.hold(i32.add(words, i32.const(WORDS + 4 * BLOCK_WORDS)));
    const from = code.local('i32');
    code.when(count, () => {
      code.countDown(count, 1, () => {
        code.storeWord(words, i32.add(i32.load(columns), offset), WORDS);
        code.advance(columns, 4);
        code.advance(words, 4);
      });
    });
    code.when(i32.notEqual(words, end), () => {
      code.set(from, i32.add(scratch, i32.const(ZEROS)));
      code.loop((again) => {
        code.storeWord(words, from, WORDS);
        code.advance(words, 4);
        code.branchIf(i32.notEqual(words, end), again);
      });
      code.countDown(rows, 4, () => {
        code.store(from, i32x4.splat(i32.const(0)));
        code.advance(from, 16);
      });
    });
  });
}

/**
 * `hashTile(columns, width, children, key, digests, offset, rows)`: digests of up to a tile of rows. Columns start
 * `offset` bytes further, `children` (0: none) and `digests` at the first row.
 */
function defineTile(module: ModuleBuilder): Callable {
  const compress = defineCompression(module, STRIDE);
  const { gather, scatter } = defineTranspositions(module, STRIDE);
  const aim = defineAim(module);
  const aimAtColumns = defineAimAtColumns(module);
  return module.define('hashTile', operands(7), (code) => {
    const [columns, width, children, key, digests, offset, rows] = params(code, 7);
    const words = code.hold(i32.add(scratch, i32.const(WORDS)));
    const staged = code.hold(i32.add(scratch, i32.const(STAGED)));
    const inner = code.hold(i32.add(scratch, i32.const(CHILDREN)));
    const keyed = code.hold(i32.add(scratch, i32.const(KEY)));
    const first = code.hold(i32.add(scratch, i32.const(LEVELS)));
    const level = code.hold(first);
    /** Words of the row that are not hashed yet. */
    const left = code.hold(width);
    const [count, blockInChunk, chunk] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const [flags, complete] = [code.local('i32'), code.local('i32')];
    const addFlag = (condition: I32, flag: number): void =>
      code.when(condition, () => code.set(flags, i32.or(flags, i32.const(flag))));
    const compressFrom = (from: I32, step: number, byteLength: I32, counter: I32): void => {
      const places = [from, i32.const(step), words, staged, level];
      code.call(compress, ...places, rows, byteLength, flags, counter);
    };
    /** The parent of the chaining values at `level` and the next, which lie like a block, once that is made. */
    const join = (): void => {
      code.set(level, i32.subtract(level, i32.const(LEVEL_BYTES)));
      code.set(flags, i32.const(blockFlags.keyedHash | blockFlags.parent));
      const isLast = i32.and(i32.isZero(left), i32.equal(level, first));
      addFlag(isLast, blockFlags.root);
      code.call(aim, level);
      const [byteLength, counter] = [i32.const(BLOCK_BYTES), i32.const(0)];
      compressFrom(keyed, 0, byteLength, counter);
    };

    for (let k = 0; k < 8; k++) code.store(keyed, v128.loadSplat(key, 4 * k), k * STRIDE);
    code.when(children, () => code.advance(left, BLOCK_WORDS));
    code.block((done) => {
      code.loop((again) => {
        code.set(count, i32.const(BLOCK_WORDS));
        code.when(i32.lessThan(left, count), () => code.set(count, left));
        code.when(
          children,
          () => {
            code.call(gather, children, inner, rows);
            code.call(aim, inner);
            code.set(children, i32.const(0));
          },
          () => {
            code.call(aimAtColumns, columns, count, offset, rows);
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
          () => compressFrom(level, 16, byteLength, chunk),
          () => compressFrom(keyed, 0, byteLength, chunk),
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
  const hashPairs = definePairs(module);
  return module.define('hashLayer', operands(7), (code) => {
    const [columns, width, children, key, digests, start, rows] = params(code, 7);
    const size = code.local('i32');
    code.when(children, () => code.set(children, addressOfRow(children, start, BLOCK_BYTES)));
    code.set(digests, addressOfRow(digests, start, DIGEST_BYTES));
    const arePairs = i32.and(i32.isZero(width), i32.notEqual(children, i32.const(0)));
    const hashTiles = (): void => {
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
    };
    const staged = i32.add(scratch, i32.const(STAGED));
    code.when(
      arePairs,
      () => code.call(hashPairs, children, key, staged, digests, rows),
      hashTiles,
    );
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
