/** Copies of wide words, to and from words, and the count of their leading zeros. */

export function wmove(out: Int32Array, d: number, source: Int32Array, a: number): void {
  for (let i = 0; i < 8; i++) out[d + i] = source[a + i];
}

/** `left` where the condition word is not 0, else `right`. */
export function wselect(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
  condition: Int32Array,
  c: number,
): void {
  if ((condition[c] | condition[c + 1]) !== 0) wmove(out, d, left, a);
  else wmove(out, d, right, b);
}

export function wclz(out: Int32Array, d: number, source: Int32Array, a: number): void {
  let zeros = 0;
  for (let i = 7; i >= 0; i--) {
    zeros += Math.clz32(source[a + i]);
    if (source[a + i] !== 0) break;
  }
  out[d] = zeros;
  for (let i = 1; i < 8; i++) out[d + i] = 0;
}

/** Whether a wide word is below 2^64, so that `narrow` does not fault. */
export function fitsWord(source: Int32Array, a: number): boolean {
  let upper = 0;
  for (let i = 2; i < 8; i++) upper |= source[a + i];
  return upper === 0;
}

/** Whether a wide word is below 2^32, so that it may be an address. */
export function fitsLane(source: Int32Array, a: number): boolean {
  return source[a + 1] === 0 && fitsWord(source, a);
}

/** Wide to word: the low 64 bits. Also the value of `narrow` where it does not fault. */
export function truncate(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = source[a];
  out[d + 1] = source[a + 1];
}

/** Word to wide. */
export function widen(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = source[a];
  out[d + 1] = source[a + 1];
  for (let i = 2; i < 8; i++) out[d + i] = 0;
}
