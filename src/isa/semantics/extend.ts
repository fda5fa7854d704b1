/** Sign extensions and copies of words. */

import type { UnaryMeaning } from './lanes.ts';

export function sext8(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = (source[a] << 24) >> 24;
  out[d + 1] = out[d] >> 31;
}

export function sext16(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = (source[a] << 16) >> 16;
  out[d + 1] = out[d] >> 31;
}

export function sext32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = source[a];
  out[d + 1] = out[d] >> 31;
}

export function sext8To32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = (source[a] << 24) >> 24;
  out[d + 1] = 0;
}

export function sext16To32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = (source[a] << 16) >> 16;
  out[d + 1] = 0;
}

export const move: UnaryMeaning = (out, d, source, a) => {
  out[d] = source[a];
  out[d + 1] = source[a + 1];
};

/** `left` where the condition word is not 0, else `right`. */
export function select(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
  condition: Int32Array,
  c: number,
): void {
  const takesLeft = (condition[c] | condition[c + 1]) !== 0;
  const low = takesLeft ? left[a] : right[b];
  const high = takesLeft ? left[a + 1] : right[b + 1];
  out[d] = low;
  out[d + 1] = high;
}
