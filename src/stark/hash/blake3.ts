/**
 * BLAKE3 (github.com/BLAKE3-team/BLAKE3-specs, section 2) on 32-bit words, without allocation: plain and keyed hash of
 * any length.
 *
 * A digest is eight u32 words, little endian when written as bytes. Merkle nodes are one compression each, so the
 * compression is written out in local variables; @noble/hashes, its oracle in the tests, needs 4 to 10 microseconds for
 * a block because it allocates and checks.
 */

/** Eight u32 words. */
export type Digest = Uint32Array;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED_HASH = 16;

/** The same by name, for twins of this file. */
export const blockFlags = {
  chunkStart: CHUNK_START,
  chunkEnd: CHUNK_END,
  parent: PARENT,
  root: ROOT,
  keyedHash: KEYED_HASH,
} as const;

const BLOCK_WORDS = 16;
const CHUNK_WORDS = 256;

/** The initial chaining value of the plain hash; that of SHA-256. */
const INITIAL = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);

/** Signed copies, so that loads are signed integers. */
const block = new Int32Array(BLOCK_WORDS);
const chaining = new Int32Array(8);
/** Chaining values of finished subtrees, one for each bit of the count of chunks: 2^53 bytes at most. */
const stack = new Int32Array(8 * 54);

/**
 * chaining = compression of (chaining, block). The message is permuted by renaming between rounds (section 2.2); a loop
 * of seven rounds over one written-out round keeps the function small enough for the optimising compiler.
 */
function compress(
  counterLow: number,
  counterHigh: number,
  byteLength: number,
  flags: number,
): void {
  let m0 = block[0];
  let m1 = block[1];
  let m2 = block[2];
  let m3 = block[3];
  let m4 = block[4];
  let m5 = block[5];
  let m6 = block[6];
  let m7 = block[7];
  let m8 = block[8];
  let m9 = block[9];
  let m10 = block[10];
  let m11 = block[11];
  let m12 = block[12];
  let m13 = block[13];
  let m14 = block[14];
  let m15 = block[15];
  let v0 = chaining[0];
  let v1 = chaining[1];
  let v2 = chaining[2];
  let v3 = chaining[3];
  let v4 = chaining[4];
  let v5 = chaining[5];
  let v6 = chaining[6];
  let v7 = chaining[7];
  let v8 = 0x6a09e667;
  let v9 = 0xbb67ae85 | 0;
  let v10 = 0x3c6ef372;
  let v11 = 0xa54ff53a | 0;
  let v12 = counterLow | 0;
  let v13 = counterHigh | 0;
  let v14 = byteLength | 0;
  let v15 = flags | 0;
  for (let round = 0; ; round++) {
    v0 = (v0 + v4 + m0) | 0;
    v12 ^= v0;
    v12 = (v12 >>> 16) | (v12 << 16);
    v8 = (v8 + v12) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 12) | (v4 << 20);
    v0 = (v0 + v4 + m1) | 0;
    v12 ^= v0;
    v12 = (v12 >>> 8) | (v12 << 24);
    v8 = (v8 + v12) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 7) | (v4 << 25);
    v1 = (v1 + v5 + m2) | 0;
    v13 ^= v1;
    v13 = (v13 >>> 16) | (v13 << 16);
    v9 = (v9 + v13) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 12) | (v5 << 20);
    v1 = (v1 + v5 + m3) | 0;
    v13 ^= v1;
    v13 = (v13 >>> 8) | (v13 << 24);
    v9 = (v9 + v13) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 7) | (v5 << 25);
    v2 = (v2 + v6 + m4) | 0;
    v14 ^= v2;
    v14 = (v14 >>> 16) | (v14 << 16);
    v10 = (v10 + v14) | 0;
    v6 ^= v10;
    v6 = (v6 >>> 12) | (v6 << 20);
    v2 = (v2 + v6 + m5) | 0;
    v14 ^= v2;
    v14 = (v14 >>> 8) | (v14 << 24);
    v10 = (v10 + v14) | 0;
    v6 ^= v10;
    v6 = (v6 >>> 7) | (v6 << 25);
    v3 = (v3 + v7 + m6) | 0;
    v15 ^= v3;
    v15 = (v15 >>> 16) | (v15 << 16);
    v11 = (v11 + v15) | 0;
    v7 ^= v11;
    v7 = (v7 >>> 12) | (v7 << 20);
    v3 = (v3 + v7 + m7) | 0;
    v15 ^= v3;
    v15 = (v15 >>> 8) | (v15 << 24);
    v11 = (v11 + v15) | 0;
    v7 ^= v11;
    v7 = (v7 >>> 7) | (v7 << 25);
    v0 = (v0 + v5 + m8) | 0;
    v15 ^= v0;
    v15 = (v15 >>> 16) | (v15 << 16);
    v10 = (v10 + v15) | 0;
    v5 ^= v10;
    v5 = (v5 >>> 12) | (v5 << 20);
    v0 = (v0 + v5 + m9) | 0;
    v15 ^= v0;
    v15 = (v15 >>> 8) | (v15 << 24);
    v10 = (v10 + v15) | 0;
    v5 ^= v10;
    v5 = (v5 >>> 7) | (v5 << 25);
    v1 = (v1 + v6 + m10) | 0;
    v12 ^= v1;
    v12 = (v12 >>> 16) | (v12 << 16);
    v11 = (v11 + v12) | 0;
    v6 ^= v11;
    v6 = (v6 >>> 12) | (v6 << 20);
    v1 = (v1 + v6 + m11) | 0;
    v12 ^= v1;
    v12 = (v12 >>> 8) | (v12 << 24);
    v11 = (v11 + v12) | 0;
    v6 ^= v11;
    v6 = (v6 >>> 7) | (v6 << 25);
    v2 = (v2 + v7 + m12) | 0;
    v13 ^= v2;
    v13 = (v13 >>> 16) | (v13 << 16);
    v8 = (v8 + v13) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 12) | (v7 << 20);
    v2 = (v2 + v7 + m13) | 0;
    v13 ^= v2;
    v13 = (v13 >>> 8) | (v13 << 24);
    v8 = (v8 + v13) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 7) | (v7 << 25);
    v3 = (v3 + v4 + m14) | 0;
    v14 ^= v3;
    v14 = (v14 >>> 16) | (v14 << 16);
    v9 = (v9 + v14) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 12) | (v4 << 20);
    v3 = (v3 + v4 + m15) | 0;
    v14 ^= v3;
    v14 = (v14 >>> 8) | (v14 << 24);
    v9 = (v9 + v14) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 7) | (v4 << 25);
    if (round === 6) break;
    const saved0 = m0;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = saved0;
    const saved1 = m1;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = saved1;
  }
  chaining[0] = v0 ^ v8;
  chaining[1] = v1 ^ v9;
  chaining[2] = v2 ^ v10;
  chaining[3] = v3 ^ v11;
  chaining[4] = v4 ^ v12;
  chaining[5] = v5 ^ v13;
  chaining[6] = v6 ^ v14;
  chaining[7] = v7 ^ v15;
}

function loadKey(key: Uint32Array): void {
  for (let k = 0; k < 8; k++) chaining[k] = key[k];
}

/** Hashes the chunk words[start .. end) into `chaining`; `byteLength` is that of the chunk. */
function hashChunk(
  key: Uint32Array,
  words: Uint32Array,
  start: number,
  byteLength: number,
  chunk: number,
  baseFlags: number,
  finalFlags: number,
): void {
  loadKey(key);
  const counterLow = chunk | 0;
  const counterHigh = Math.floor(chunk / 2 ** 32);
  let flags = baseFlags | CHUNK_START;
  let at = start;
  let rest = byteLength;
  while (rest > 64) {
    for (let k = 0; k < BLOCK_WORDS; k++) block[k] = words[at + k];
    compress(counterLow, counterHigh, 64, flags);
    flags = baseFlags;
    at += BLOCK_WORDS;
    rest -= 64;
  }
  const count = (rest + 3) >>> 2;
  for (let k = 0; k < count; k++) block[k] = words[at + k];
  for (let k = count; k < BLOCK_WORDS; k++) block[k] = 0;
  compress(counterLow, counterHigh, rest, flags | CHUNK_END | finalFlags);
}

/** chaining = parent of stack[level] and `chaining`. */
function hashParent(key: Uint32Array, level: number, flags: number): void {
  for (let k = 0; k < 8; k++) {
    block[k] = stack[8 * level + k];
    block[8 + k] = chaining[k];
  }
  loadKey(key);
  compress(0, 0, 64, flags | PARENT);
}

/**
 * The hash of `byteLength` bytes given as little-endian words from `offset` on (bytes past the length in the last word
 * are zero), into out[outOffset .. + 8). `key` undefined: the plain hash.
 */
function hashInto(
  out: Uint32Array,
  outOffset: number,
  key: Uint32Array | undefined,
  words: Uint32Array,
  offset: number,
  byteLength: number,
): void {
  const start = key ?? INITIAL;
  const flags = key === undefined ? 0 : KEYED_HASH;
  const lastChunk = Math.max(0, Math.ceil(byteLength / 1024) - 1);
  let depth = 0;
  for (let chunk = 0; chunk < lastChunk; chunk++) {
    hashChunk(start, words, offset + chunk * CHUNK_WORDS, 1024, chunk, flags, 0);
    // A subtree is complete for each trailing zero of the count of chunks (section 2.4).
    for (let count = chunk + 1; count % 2 === 0; count /= 2) hashParent(start, --depth, flags);
    stack.set(chaining, 8 * depth++);
  }
  const rest = byteLength - lastChunk * 1024;
  const position = offset + lastChunk * CHUNK_WORDS;
  hashChunk(start, words, position, rest, lastChunk, flags, depth === 0 ? ROOT : 0);
  while (depth > 0) {
    depth--;
    hashParent(start, depth, flags | (depth === 0 ? ROOT : 0));
  }
  for (let k = 0; k < 8; k++) out[outOffset + k] = chaining[k];
}

/**
 * out[outOffset .. + 8) = the hash of words[offset .. offset + count) as 4 * count little-endian bytes, keyed by the
 * eight words of `key`, plain if undefined. `out` may be `words`.
 */
export function hashWords(
  out: Uint32Array,
  outOffset: number,
  key: Uint32Array | undefined,
  words: Uint32Array,
  offset: number,
  count: number,
): void {
  hashInto(out, outOffset, key, words, offset, 4 * count);
}

/**
 * out[outOffset .. + 8) = the keyed hash of the sixteen words at `offset`: a Merkle node, one compression. The same as
 * `hashWords` with 16 words.
 */
export function hashPair(
  out: Uint32Array,
  outOffset: number,
  key: Uint32Array,
  words: Uint32Array,
  offset: number,
): void {
  for (let k = 0; k < 8; k++) chaining[k] = key[k];
  for (let k = 0; k < BLOCK_WORDS; k++) block[k] = words[offset + k];
  compress(0, 0, 64, KEYED_HASH | CHUNK_START | CHUNK_END | ROOT);
  for (let k = 0; k < 8; k++) out[outOffset + k] = chaining[k];
}

/** The hash of bytes, keyed by eight words, plain if undefined. A fresh digest. */
export function blake3(bytes: Uint8Array, key?: Uint32Array): Digest {
  const words = new Uint32Array((bytes.length + 3) >>> 2);
  for (let index = 0; index < bytes.length; index++) {
    words[index >>> 2] |= bytes[index] << (8 * (index & 3));
  }
  const out = new Uint32Array(8);
  hashInto(out, 0, key, words, 0, bytes.length);
  return out;
}
