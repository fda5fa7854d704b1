/**
 * The search for nonces by the BLAKE3 kernel, four at a time, on this thread or on all: `findNonce` of
 * `hash/transcript.ts` is its meaning.
 *
 * Ranges of nonces are searched in order, and the least nonce of the first range that has one wins, so
 * threads do not show in the result.
 */
import type { Digest } from '../hash/blake3.ts';
import { GRIND_KEY } from '../hash/transcript.ts';
import { type MemoryLimits, ModuleBuilder } from './assembler.ts';
import { emitCompression, loadKey, stateLocals, WHOLE } from './blake3-lanes.ts';
import { type KernelMemory, MAX_PAGES } from './memory.ts';
import { i32, i32x4, type V128, v128 } from './operations.ts';
import { Calls, type Crew } from './threads.ts';

/** Offsets in what is kept, in words; after them two words for each range: whether it has a nonce, and its low half. */
const KEY = 0;
const SEED = 8;
const RESULTS = 16;

/** Ranges of one round. */
const RANGES = 256;

/** Nonces of a range, a power of two: 0.4 ms. */
const RANGE_NONCES = 2 ** 14;

/**
 * `search(at, place, low, high, mask, groups)`: hashes groups of four nonces, the first of them low + 2^32 high, with
 * key and seed that lie at `at`, until a hash has no bit of the mask. Then leaves 1 and the low word of the least such
 * nonce in result number `place`. Does nothing if a result before that one is there.
 */
export function assembleSearch(limits: MemoryLimits): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(limits);
  module.define('search', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (code) => {
    const [at, place, low, high, mask, groups] = [0, 1, 2, 3, 4, 5].map((k) =>
      code.param(k, 'i32'),
    );
    const first = code.hold(i32.add(at, i32.const(4 * RESULTS)));
    const result = code.hold(i32.add(first, i32.shiftLeft(place, i32.const(3))));
    const zero = code.hold(i32x4.splat(i32.const(0)));
    const highs = code.hold(i32x4.splat(high));
    const masks = code.hold(i32x4.splat(mask));
    const nonces = code.hold(i32x4.add(i32x4.splat(low), i32x4.const([0, 1, 2, 3])));
    const hits = code.local('i32');
    const state = stateLocals(code);
    const message = (k: number): V128 => {
      if (k < 8) return v128.loadSplat(at, 4 * (SEED + k));
      if (k === 8) return nonces;
      return k === 9 ? highs : zero;
    };
    code.block((found) => {
      code.block((end) => {
        // Only lesser nonces may end a search, whatever the others have found: the least wins.
        code.loop((again) => {
          code.branchIf(i32.equal(first, result), end);
          code.branchIf(i32.load(first), found);
          code.advance(first, 8);
          code.branch(again);
        });
      });
      code.countDown(groups, 1, () => {
        loadKey(code, state, at);
        emitCompression(code, state, {
          counter: zero,
          byteLength: i32x4.splat(i32.const(64)),
          flags: i32x4.splat(i32.const(WHOLE)),
          message,
        });
        code.set(hits, i32x4.bitmask(i32x4.equal(v128.and(state[0], masks), zero)));
        code.branchIf(hits, found);
        code.set(nonces, i32x4.add(nonces, i32x4.splat(i32.const(4))));
        code.advance(low, 4);
      });
    });
    code.when(hits, () => {
      code.storeWord(result, i32.const(1));
      // The lowest lane that passes is the least nonce.
      code.storeWord(result, i32.add(low, i32.trailingZeros(hits)), 4);
    });
  });
  return module.assemble();
}

export interface NonceSearch {
  /** On this thread, without a pause. */
  findNonce(seed: Digest, bits: number): number;
  /** On all threads, the same nonce. */
  findNonceOnThreads(seed: Digest, bits: number, pause: () => Promise<void>): Promise<number>;
}

/** Loads the kernel; not while a proof is under way. */
export async function createNonceSearch(memory: KernelMemory, crew: Crew): Promise<NonceSearch> {
  const bytes = assembleSearch({ initial: 1, maximum: MAX_PAGES, shared: memory.isShared });
  const { search } = await crew.load(await WebAssembly.compile(bytes), ['search']);
  const keptWords = RESULTS + 2 * RANGES;
  const address = memory.keep(4 * keptWords);

  /** Operands of the search of range number `range`, its result as the `place`-th. */
  function operands(range: number, place: number, bits: number): number[] {
    const first = range * RANGE_NONCES;
    const high = Math.floor(first / 2 ** 32);
    return [address, place, first | 0, high, 2 ** bits - 1, RANGE_NONCES / 4];
  }

  function prepare(seed: Digest): Uint32Array {
    const words = memory.view(address, keptWords);
    words.set(GRIND_KEY, KEY);
    words.set(seed, SEED);
    words.fill(0, RESULTS);
    return words;
  }

  /** What the first `count` ranges from `range` on have found. */
  function foundIn(words: Uint32Array, range: number, count: number): number | undefined {
    for (let place = 0; place < count; place++) {
      const [isFound, low] = words.subarray(RESULTS + 2 * place);
      if (isFound === 0) continue;
      const first = (range + place) * RANGE_NONCES;
      return Math.floor(first / 2 ** 32) * 2 ** 32 + low;
    }
    return undefined;
  }

  function findNonce(seed: Digest, bits: number): number {
    if (bits === 0) return 0;
    const words = prepare(seed);
    for (let range = 0; ; range++) {
      crew.call(search, ...operands(range, 0, bits));
      const nonce = foundIn(words, range, 1);
      if (nonce !== undefined) return nonce;
    }
  }

  async function findNonceOnThreads(
    seed: Digest,
    bits: number,
    pause: () => Promise<void>,
  ): Promise<number> {
    // What one range probably has is not worth a round of tasks.
    if (2 ** bits <= RANGE_NONCES) return findNonce(seed, bits);
    for (let range = 0; ; range += RANGES) {
      const words = prepare(seed);
      const calls = new Calls();
      for (let place = 0; place < RANGES; place++) {
        calls.add(search, ...operands(range + place, place, bits));
      }
      await crew.run(calls, pause);
      const nonce = foundIn(words, range, RANGES);
      if (nonce !== undefined) return nonce;
    }
  }

  return { findNonce, findNonceOnThreads };
}
