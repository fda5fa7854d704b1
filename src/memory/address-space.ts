/**
 * The address spaces, as data.
 *
 * Two memory buses: *word* carries every cell of at most four 16-bit limbs, *wide* the wide registers.
 * An address is `(H, lo)`. On the word bus `H` tells the space, and memory is the last space, so that
 * segment `s` is `H = memory + s`. No cell is read in another width than it was written
 * (spec/5-memory.md).
 */

export const addressSpaces = {
  /** Word registers; `lo` is `fp + i`. Value: four limbs. */
  word: { bus: 'word', high: 0 },
  /** Global registers; `lo` is the number. Value: four limbs. */
  global: { bus: 'word', high: 1 },
  /** Memory windows; `lo` is the number. Value: segment, two limbs of the length, writable. */
  window: { bus: 'word', high: 2 },
  /** Return records; `lo` is the callee's fp. Value: pc, fp, sp, 0. */
  record: { bus: 'word', high: 3 },
  /** Memory; `high + segment`, `lo` is the number of the 8-byte cell. Value: four limbs. */
  memory: { bus: 'word', high: 4 },
  /** Wide registers; `lo` is `sp + j`. Value: sixteen limbs. */
  wide: { bus: 'wide', high: 0 },
} as const satisfies Record<string, { readonly bus: 'word' | 'wide'; readonly high: number }>;

export type AddressSpace = keyof typeof addressSpaces;

/** Segments that every program has. Its own begin at `firstOwn`. */
export const segments = { output: 0, publicInput: 1, privateInput: 2, firstOwn: 3 } as const;

/** A segment number is below this; so is the `H` of its cells, by the limits of the boundary. */
export const SEGMENT_LIMIT = 2 ** 28;

/** Timestamps are below this (the verifier checks it from the heights of the tables). */
export const CLOCK_LIMIT = 2 ** 29;

/** An access reaches back this far with its one range check; a refresh row bridges any longer gap. */
export const ACCESS_REACH = 2 ** 16;
