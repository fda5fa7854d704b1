import { blake3 as oracle } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { blake3, hashPair, hashWords } from '../../../src/stark/hash/blake3.ts';
import {
  bytesToDigest,
  digest,
  digestToBytes,
  digestToHex,
  equalDigests,
  keyFromLabel,
  wordsToBytes,
} from '../../../src/stark/hash/digest.ts';

const lengths = [
  0, 1, 2, 3, 4, 5, 31, 32, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2047, 2048, 2049, 3072,
  3073, 4096, 4097, 5000, 7168, 7169, 8192, 9001, 16385, 31744, 65537,
];
/** The input of the official test vectors: bytes 0 to 250, repeated. */
const input = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);
const keyBytes = new TextEncoder().encode('whats the Elvish word for friend');
const key = bytesToDigest(keyBytes);

describe('BLAKE3', () => {
  it.each(lengths)('hashes %i bytes as @noble/hashes does, plain and keyed', (length) => {
    const bytes = input(length);
    expect(digestToBytes(blake3(bytes))).toEqual(oracle(bytes));
    expect(digestToBytes(blake3(bytes, key))).toEqual(oracle(bytes, { key: keyBytes }));
  });

  it('agrees with the official vectors for no bytes and for 1024', () => {
    expect(digestToHex(blake3(input(0)))).toBe(
      'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    );
    expect(digestToHex(blake3(input(1024)))).toBe(
      '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
    );
  });

  it.each([0, 1, 15, 16, 17, 255, 256, 257, 511, 513, 2048, 2300])(
    'hashes %i words in place of bytes',
    (count) => {
      const words = Uint32Array.from({ length: count + 5 }, (_, index) =>
        Math.imul(index + 1, 0x9e3779b9),
      );
      const out = new Uint32Array(10);
      hashWords(out, 1, key, words, 3, count);
      const bytes = wordsToBytes(words.subarray(3, 3 + count));
      expect(digestToBytes(out.subarray(1, 9))).toEqual(oracle(bytes, { key: keyBytes }));
      expect([out[0], out[9]]).toEqual([0, 0]);
      hashWords(out, 0, undefined, words, 3, count);
      expect(digestToBytes(out.subarray(0, 8))).toEqual(oracle(bytes));
    },
  );

  it('hashes a pair of digests as sixteen words, also onto its own input', () => {
    const words = Uint32Array.from({ length: 16 }, (_, index) => 0xffffffff - index * 0x01020304);
    const expected = new Uint32Array(8);
    hashWords(expected, 0, key, words, 0, 16);
    hashPair(words, 0, key, words, 0);
    expect(words.subarray(0, 8)).toEqual(expected);
  });

  it('reads bytes at any offset of their buffer', () => {
    const bytes = input(200).subarray(3, 170);
    expect(digest(bytes)).toEqual(oracle(bytes));
  });
});

describe('digests', () => {
  it('go to bytes and back', () => {
    const words = blake3(input(9));
    expect(bytesToDigest(digestToBytes(words))).toEqual(words);
    expect(() => bytesToDigest(new Uint8Array(31))).toThrow(RangeError);
  });
  it('differ when a word or the length differs', () => {
    const words = blake3(input(9));
    const other = words.slice();
    other[7] ^= 0x80000000;
    expect(equalDigests(words, words.slice())).toBe(true);
    expect(equalDigests(words, other)).toBe(false);
    expect(equalDigests(words, words.slice(0, 7))).toBe(false);
  });
  it('of labels make different keys', () => {
    expect(keyFromLabel('a')).toEqual(bytesToDigest(oracle(new TextEncoder().encode('a'))));
    expect(equalDigests(keyFromLabel('a'), keyFromLabel('b'))).toBe(false);
  });
});
