/** Bitwise operations of wide words, lane by lane. */

export function wand(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  for (let i = 0; i < 8; i++) out[d + i] = left[a + i] & right[b + i];
}

export function wor(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  for (let i = 0; i < 8; i++) out[d + i] = left[a + i] | right[b + i];
}

export function wxor(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  for (let i = 0; i < 8; i++) out[d + i] = left[a + i] ^ right[b + i];
}
