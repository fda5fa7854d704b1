/**
 * The search for nonces by the BLAKE3 kernel, four at a time: `findNonce` of `hash/transcript.ts` is its meaning.
 */
import type { Digest } from '../hash/blake3.ts';
import { blockFlags } from '../hash/blake3.ts';
import { type FindNonce, GRIND_KEY } from '../hash/transcript.ts';
import { ModuleBuilder } from './assembler.ts';
import { emitCompression, loadKey, stateLocals } from './blake3-lanes.ts';
import { i32, i32x4, type V128, v128 } from './operations.ts';

/** Offsets in bytes. */
const KEY = 0;
const SEED = 32;
const NONCES = 64;

/** Nonces of one call: some milliseconds. */
const NONCES_AT_ONCE = 2 ** 16;

/** Plain hash flags of one block that is all there is. */
const FLAGS = blockFlags.keyedHash | blockFlags.chunkStart | blockFlags.chunkEnd | blockFlags.root;

type Search = (low: number, high: number, mask: number, groups: number) => number;

/**
 * `search(low, high, mask, groups)`: hashes groups of four nonces, the first of them low + 2^32 high, until a hash has no
 * bit of the mask; gives the lanes that have none as bits, 0 if there were none, and leaves the group's low words.
 */
export function assembleSearch(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ initial: 1, maximum: 1 });
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  module.define(
    'search',
    params,
    (code) => {
      const [low, high, mask, groups] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
      const zero = code.hold(i32x4.splat(i32.const(0)));
      const highs = code.hold(i32x4.splat(high));
      const masks = code.hold(i32x4.splat(mask));
      const nonces = code.hold(i32x4.add(i32x4.splat(low), i32x4.const([0, 1, 2, 3])));
      const hits = code.local('i32');
      const state = stateLocals(code);
      const message = (k: number): V128 => {
        if (k < 8) return v128.loadSplat(i32.const(SEED), 4 * k);
        if (k === 8) return nonces;
        return k === 9 ? highs : zero;
      };
      code.block((found) => {
        code.countDown(groups, 1, () => {
          loadKey(code, state, i32.const(KEY));
          emitCompression(code, state, {
            counter: zero,
            byteLength: i32x4.splat(i32.const(64)),
            flags: i32x4.splat(i32.const(FLAGS)),
            message,
          });
          code.set(hits, i32x4.bitmask(i32x4.equal(v128.and(state[0], masks), zero)));
          code.branchIf(hits, found);
          code.set(nonces, i32x4.add(nonces, i32x4.splat(i32.const(4))));
        });
      });
      code.store(i32.const(NONCES), nonces);
      code.leave(hits);
    },
    'i32',
  );
  return module.assemble();
}

/** Compiles the kernel. */
export async function createFindNonce(): Promise<FindNonce> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(assembleSearch(), { kernel: { memory, scratch: 0 } });
  // The only export of the module assembled above.
  const search = instance.exports.search as Search;
  const words = new Uint32Array(memory.buffer);
  return (seed: Digest, bits: number): number => {
    if (bits === 0) return 0;
    words.set(GRIND_KEY, KEY / 4);
    words.set(seed, SEED / 4);
    for (let nonce = 0; ; nonce += NONCES_AT_ONCE) {
      const high = Math.floor(nonce / 2 ** 32);
      const hits = search(nonce | 0, high, 2 ** bits - 1, NONCES_AT_ONCE / 4);
      if (hits === 0) continue;
      // The lowest lane that passes is the least nonce.
      const lane = 31 - Math.clz32(hits & -hits);
      return high * 2 ** 32 + words[NONCES / 4 + lane];
    }
  };
}
