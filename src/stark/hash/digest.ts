/**
 * Digests of byte strings (programs, keys, statements), their 32-byte form, and keys for keyed hashing.
 *
 * The hash is the project's own BLAKE3, which takes any length; @noble/hashes is its oracle in the tests and is not
 * needed here.
 */
import { blake3, type Digest } from './blake3.ts';

/** BLAKE3 of the bytes, as 32 bytes. */
export function digest(bytes: Uint8Array): Uint8Array {
  return digestToBytes(blake3(bytes));
}

/** Little-endian bytes of words: four for each. */
export function wordsToBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  return bytes;
}

export function digestToBytes(words: Digest): Uint8Array {
  return wordsToBytes(words);
}

/** Throws a RangeError unless there are 32 bytes. */
export function bytesToDigest(bytes: Uint8Array): Digest {
  if (bytes.length !== 32) throw new RangeError(`bytes: expected 32, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: 8 }, (_, index) => view.getUint32(4 * index, true));
}

/** Lower case hexadecimal of the bytes, for messages and snapshots. */
export function digestToHex(words: Digest): string {
  return Array.from(digestToBytes(words), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The key of a use of the keyed hash: BLAKE3 of its label. */
export function keyFromLabel(label: string): Uint32Array {
  return blake3(new TextEncoder().encode(label));
}

export function equalDigests(left: Digest, right: Digest): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
