/** Bitwise AND, OR, XOR of words. */

export function and(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] & right[b];
  out[d + 1] = left[a + 1] & right[b + 1];
}

export function or(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] | right[b];
  out[d + 1] = left[a + 1] | right[b + 1];
}

export function xor(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] ^ right[b];
  out[d + 1] = left[a + 1] ^ right[b + 1];
}
