/**
 * BLAKE3 compressions of four messages at a time, one in each lane, and the layouts around them.
 *
 * One idea: words of many rows lie word by word (all first words, then all second words), so that a
 * vector load takes one word of four rows and nothing is transposed before a column is hashed. Only
 * digests, which lie row by row in a tree, pass through a transposition of 4 x 4 words.
 * spec/11-kernels.md, "Hash"; the meaning is `hash/blake3.ts`.
 */
import { blockFlags } from '../hash/blake3.ts';
import type { Callable, FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';
import { transpose } from './lanes.ts';
import { type I32, i8x16, i32, i32x4, type V128, v128 } from './operations.ts';

/** The first four words of the initial value, which every compression starts with. */
const INITIAL = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a];

/** Flags of a keyed hash of one block. */
export const WHOLE =
  blockFlags.keyedHash | blockFlags.chunkStart | blockFlags.chunkEnd | blockFlags.root;

/** Section 2.2: the word that comes to each place in the next round. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** Columns, then diagonals: the four words of each quarter round. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/** Rotation to the right by whole bytes, as places for swizzle: one operation where two shifts take three. */
const rotationPlaces = (bytes: number): number[] =>
  Array.from({ length: 16 }, (_, at) => (at & ~3) + ((at + bytes) & 3));

/** What the compression is told beside its chaining value and its message, each four lanes. */
export interface CompressionInput {
  readonly counter: V128;
  readonly byteLength: V128;
  readonly flags: V128;
  /** Word k of the message. */
  readonly message: (k: number) => V128;
}

/**
 * The chaining value `state[0 .. 8)` becomes that of the compression; all sixteen are written.
 *
 * Measured, four compressions each: 24 ns with the message added before the word that the last quarter round
 * was late to give, 26 after it; 30 with shuffles and 26 with shifts for the rotations by bytes. In which order the
 * quarter rounds are emitted makes no difference, nor do more blocks of code; keeping words of the state in
 * memory by hand costs more than the compiler's spills.
 */
export function emitCompression(
  code: FunctionBuilder,
  state: readonly Local<'v128'>[],
  { counter, byteLength, flags, message }: CompressionInput,
): void {
  const by16 = code.hold(v128.const(rotationPlaces(2)));
  const by8 = code.hold(v128.const(rotationPlaces(1)));
  INITIAL.forEach((word, k) => {
    code.set(state[8 + k], i32x4.splat(i32.const(word)));
  });
  code.set(state[12], counter);
  code.set(state[13], i32x4.splat(i32.const(0)));
  code.set(state[14], byteLength);
  code.set(state[15], flags);
  const rotate = (local: Local<'v128'>, bits: number): void => {
    const right = i32x4.shiftRight(local, i32.const(bits));
    code.set(local, v128.or(right, i32x4.shiftLeft(local, i32.const(32 - bits))));
  };
  let order = Array.from({ length: 16 }, (_, k) => k);
  for (let round = 0; round < 7; round++) {
    QUARTERS.forEach(([a, b, c, d], quarter) => {
      const [va, vb, vc, vd] = [state[a], state[b], state[c], state[d]];
      code.set(va, i32x4.add(i32x4.add(va, message(order[2 * quarter])), vb));
      code.set(vd, i8x16.swizzle(v128.xor(vd, va), by16));
      code.set(vc, i32x4.add(vc, vd));
      code.set(vb, v128.xor(vb, vc));
      rotate(vb, 12);
      code.set(va, i32x4.add(i32x4.add(va, message(order[2 * quarter + 1])), vb));
      code.set(vd, i8x16.swizzle(v128.xor(vd, va), by8));
      code.set(vc, i32x4.add(vc, vd));
      code.set(vb, v128.xor(vb, vc));
      rotate(vb, 7);
    });
    order = PERMUTATION.map((place) => order[place]);
  }
  for (let k = 0; k < 8; k++) code.set(state[k], v128.xor(state[k], state[k + 8]));
}

/** Sixteen fresh locals. */
export function stateLocals(code: FunctionBuilder): readonly Local<'v128'>[] {
  return Array.from({ length: 16 }, () => code.local('v128'));
}

/** Eight words at `address`, each in all lanes, into `state[0 .. 8)`. */
export function loadKey(
  code: FunctionBuilder,
  state: readonly Local<'v128'>[],
  address: I32,
): void {
  for (let k = 0; k < 8; k++) code.set(state[k], v128.loadSplat(address, 4 * k));
}

/**
 * `compress(from, step, words, staged, out, rows, byteLength, flags, counter)` for `rows` rows, a multiple of 4: out =
 * compression of the chaining values at `from` and of the message whose sixteen words of the first row lie at the
 * addresses at `words`, those of the next rows behind them. Chaining values lie word by word, `stride` bytes from one to
 * the next; `step` is 16, or 0 if the values of four rows are those of all. out may be from, or hold words of the
 * message.
 *
 * Four messages at a time come to `staged`, 256 bytes, so that each address is read once and not in each round. Sixteen
 * columns are so read side by side, which is how processors foresee reads: 27 ns for columns that come from memory, 32
 * if a tile of them is copied first, 31 if its cache lines are touched first.
 */
export function defineCompression(module: ModuleBuilder, stride: number): Callable {
  const params = Array.from({ length: 9 }, () => 'i32' as const);
  return module.define('compress', params, (code) => {
    const [from, step, words, staged, out, rows] = [0, 1, 2, 3, 4, 5].map((k) =>
      code.param(k, 'i32'),
    );
    const [byteLength, flags, counter] = [6, 7, 8].map((k) =>
      code.hold(i32x4.splat(code.param(k, 'i32'))),
    );
    const offset = code.local('i32');
    const state = stateLocals(code);
    const message = (k: number): V128 => v128.load(staged, 16 * k);
    code.countDown(rows, 4, () => {
      for (let k = 0; k < 16; k++) {
        code.store(staged, v128.load(i32.add(i32.load(words, 4 * k), offset)), 16 * k);
      }
      for (let k = 0; k < 8; k++) code.set(state[k], v128.load(from, k * stride));
      emitCompression(code, state, { counter, byteLength, flags, message });
      for (let k = 0; k < 8; k++) code.store(out, state[k], k * stride);
      code.set(from, i32.add(from, step));
      code.advance(offset, 16);
      code.advance(out, 16);
    });
  });
}

/**
 * `hashPairs(children, key, staged, digests, rows)`: digests of nodes of nothing but two children, which lie row by row
 * as digests do. `staged`: as above. In one pass, since copies of a tile's children leave the first cache: 27 ns, not 34.
 */
export function definePairs(module: ModuleBuilder): Callable {
  return module.define('hashPairs', ['i32', 'i32', 'i32', 'i32', 'i32'], (code) => {
    const [children, key, staged, digests, rows] = [0, 1, 2, 3, 4].map((k) => code.param(k, 'i32'));
    const state = stateLocals(code);
    const square = Array.from({ length: 4 }, () => code.local('v128'));
    const [at, halves] = [code.local('i32'), code.local('i32')];
    const input: CompressionInput = {
      counter: code.hold(i32x4.splat(i32.const(0))),
      byteLength: code.hold(i32x4.splat(i32.const(64))),
      flags: code.hold(i32x4.splat(i32.const(WHOLE))),
      message: (k) => v128.load(staged, 16 * k),
    };
    code.countDown(rows, 4, () => {
      for (let first = 0; first < 16; first += 4) {
        square.forEach((local, k) => {
          code.set(local, v128.load(children, 64 * k + 4 * first));
        });
        transpose(code, square);
        square.forEach((local, k) => {
          code.store(staged, local, 16 * (first + k));
        });
      }
      loadKey(code, state, key);
      emitCompression(code, state, input);
      // In a loop of its own: next to the compression, the compiler spills a third more.
      for (let k = 0; k < 8; k++) code.store(staged, state[k], 16 * k);
      code.set(at, staged);
      code.set(halves, i32.const(2));
      code.countDown(halves, 1, () => {
        square.forEach((local, k) => {
          code.set(local, v128.load(at, 16 * k));
        });
        transpose(code, square);
        square.forEach((local, k) => {
          code.store(digests, local, 32 * k);
        });
        code.advance(at, 64);
        code.advance(digests, 16);
      });
      code.advance(children, 4 * 64);
      code.advance(digests, 3 * 32);
    });
  });
}

export interface Transpositions {
  readonly gather: Callable;
  readonly scatter: Callable;
}

/**
 * `gather(from, to, rows)`: sixteen words of each row, row by row at `from`, come word by word to `to`.
 * `scatter(from, to, rows)`: eight words of each row, word by word at `from`, come row by row to `to`.
 */
export function defineTranspositions(module: ModuleBuilder, stride: number): Transpositions {
  const define = (name: string, words: number, isGather: boolean): Callable =>
    module.define(name, ['i32', 'i32', 'i32'], (code) => {
      const [from, to, rows] = [0, 1, 2].map((k) => code.param(k, 'i32'));
      const square = Array.from({ length: 4 }, () => code.local('v128'));
      const rowBytes = 4 * words;
      code.countDown(rows, 4, () => {
        for (let first = 0; first < words; first += 4) {
          const inRow = (k: number): number => k * rowBytes + 4 * first;
          const inWord = (k: number): number => (first + k) * stride;
          const [read, write] = isGather ? [inRow, inWord] : [inWord, inRow];
          square.forEach((local, k) => {
            code.set(local, v128.load(from, read(k)));
          });
          transpose(code, square);
          square.forEach((local, k) => {
            code.store(to, local, write(k));
          });
        }
        const [rowPointer, wordPointer] = isGather ? [from, to] : [to, from];
        code.advance(rowPointer, 4 * rowBytes);
        code.advance(wordPointer, 16);
      });
    });
  return { gather: define('gather', 16, true), scatter: define('scatter', 8, false) };
}
