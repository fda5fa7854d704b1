/**
 * The typed Fiat-Shamir transcript on BLAKE3. spec/7-proof-system.md, "Transcript".
 *
 * The state is one digest. Each operation replaces it by the keyed hash of state, kind, label and payload, lengths
 * first, so that no two sequences of operations hash the same bytes. What is squeezed is a hash of the state under a
 * kind of its own and never the state. The order of operations is not this file's business: schedule.ts.
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import { MODULUS } from '../field/m31.ts';
import { blake3, type Digest, hashPair } from './blake3.ts';
import { digestToBytes, keyFromLabel } from './digest.ts';

const TRANSCRIPT_KEY = keyFromLabel('braid transcript v1');
export const GRIND_KEY = keyFromLabel('braid grind v1');

/** First byte after the state: the kind of the operation. */
const kinds = { absorb: 1, squeeze: 2, advance: 3, grindSeed: 4, grindNonce: 5 } as const;

/** Most grinding bits: the check reads one 32-bit word, and more is beyond any use. */
export const MAX_GRIND_BITS = 31;

export interface Transcript {
  /** Absorbs a byte string under a label of at most 255 bytes. */
  absorb(label: string, payload: Uint8Array): void;
  /** Uniform in the extension: 31-bit words, p rejected. */
  challenge(label: string, field: ExtensionField): Ext;
  /** `count` independent uniform indices below 2^logSize, repeats included; logSize <= 31. */
  indices(label: string, count: number, logSize: number): Uint32Array;
  /** Finds the smallest nonce, for 2^bits compressions on average, and absorbs it. 0 bits: nonce 0. */
  grind(label: string, bits: number): number;
  /** Whether the nonce has the bits (for 0 bits: is 0); absorbs it if so. Any number is answered. */
  checkGrind(label: string, bits: number, nonce: number): boolean;
  /** What a nonce is hashed with: `findNonce(grindSeed(label, bits), bits)` is what `grind` finds. */
  grindSeed(label: string, bits: number): Digest;
  /** A copy of the state: equal states have the same past. */
  state(): Digest;
}

/** A transcript whose first state is bound to the name of the protocol. */
export function createTranscript(protocol: string): Transcript {
  const encoder = new TextEncoder();
  let state = blake3(encoder.encode(protocol), TRANSCRIPT_KEY);

  function hashState(kind: keyof typeof kinds, label: string, payload: Uint8Array): Digest {
    const labelBytes = encoder.encode(label);
    if (labelBytes.length > 255) {
      throw new RangeError(`label: expected at most 255 bytes, got ${labelBytes.length}`);
    }
    const message = new Uint8Array(32 + 2 + labelBytes.length + 4 + payload.length);
    message.set(digestToBytes(state));
    message[32] = kinds[kind];
    message[33] = labelBytes.length;
    message.set(labelBytes, 34);
    const lengthAt = 34 + labelBytes.length;
    new DataView(message.buffer).setUint32(lengthAt, payload.length, true);
    message.set(payload, lengthAt + 4);
    return blake3(message, TRANSCRIPT_KEY);
  }

  /** Uniform 32-bit words without end; `advance` must follow. */
  function* squeeze(label: string): Generator<number, never> {
    for (let counter = 0; ; counter++) yield* hashState('squeeze', label, littleEndian(counter));
  }

  function advance(label: string): void {
    state = hashState('advance', label, new Uint8Array(0));
  }

  /** Bits and nonce together, so that equal nonces for different bits leave different states. */
  function absorbNonce(label: string, bits: number, nonce: number): void {
    const payload = new Uint8Array(9);
    payload[0] = bits;
    payload.set(littleEndian(nonce), 1);
    payload.set(littleEndian(Math.floor(nonce / 2 ** 32)), 5);
    state = hashState('grindNonce', label, payload);
  }

  function grindSeed(label: string, bits: number): Digest {
    if (!Number.isInteger(bits) || bits < 0 || bits > MAX_GRIND_BITS) {
      throw new RangeError(`bits: expected 0 to ${MAX_GRIND_BITS}, got ${bits}`);
    }
    return hashState('grindSeed', label, Uint8Array.of(bits));
  }

  return {
    absorb(label, payload) {
      state = hashState('absorb', label, payload);
    },
    challenge(label, field) {
      const value = elementFromWords(squeeze(label), field);
      advance(label);
      return value;
    },
    indices(label, count, logSize) {
      if (!Number.isInteger(logSize) || logSize < 0 || logSize > 31) {
        throw new RangeError(`logSize: expected 0 to 31, got ${logSize}`);
      }
      const words = squeeze(label);
      const mask = 2 ** logSize - 1;
      const drawn = Uint32Array.from({ length: count }, () => words.next().value & mask);
      advance(label);
      return drawn;
    },
    grind(label, bits) {
      const nonce = findNonce(grindSeed(label, bits), bits);
      absorbNonce(label, bits, nonce);
      return nonce;
    },
    checkGrind(label, bits, nonce) {
      const seed = grindSeed(label, bits);
      if (!Number.isSafeInteger(nonce) || nonce < 0) return false;
      if (bits === 0 ? nonce !== 0 : !passes(seed, bits, nonce)) return false;
      absorbNonce(label, bits, nonce);
      return true;
    },
    grindSeed,
    state: () => state.slice(),
  };
}

/**
 * An element from uniform 32-bit words: the low 31 bits of each, but for those that are p, so that every coordinate is
 * uniform. Takes no more words than it needs.
 */
export function elementFromWords(words: Iterator<number, never>, field: ExtensionField): Ext {
  const value = field.zero();
  for (let k = 0; k < field.degree; ) {
    const coordinate = words.next().value & MODULUS;
    if (coordinate !== MODULUS) value[k++] = coordinate;
  }
  return value;
}

/** The smallest nonce whose hash with the seed has its lowest `bits` bits zero; the smallest, so that threads do not matter. */
export function findNonce(seed: Digest, bits: number): number {
  if (bits === 0) return 0;
  let nonce = 0;
  while (!passes(seed, bits, nonce)) nonce++;
  return nonce;
}

const grindBlock = new Uint32Array(16);
const grindHash = new Uint32Array(8);

function passes(seed: Digest, bits: number, nonce: number): boolean {
  for (let k = 0; k < 8; k++) grindBlock[k] = seed[k];
  grindBlock[8] = nonce;
  grindBlock[9] = nonce / 2 ** 32;
  hashPair(grindHash, 0, GRIND_KEY, grindBlock, 0);
  return (grindHash[0] & (2 ** bits - 1)) === 0;
}

/** The lowest 32 bits, as four bytes. */
function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}
