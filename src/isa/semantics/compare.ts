/**
 * Comparison of words: three relations in two widths. The `s` instructions write the relation or its
 * contrary as 0 or 1; branches ask it.
 */

export function isEqual(left: Int32Array, a: number, right: Int32Array, b: number): number {
  return left[a] === right[b] && left[a + 1] === right[b + 1] ? 1 : 0;
}

export function isLess(left: Int32Array, a: number, right: Int32Array, b: number): number {
  const x = left[a + 1];
  const y = right[b + 1];
  return x < y || (x === y && left[a] >>> 0 < right[b] >>> 0) ? 1 : 0;
}

export function isLessUnsigned(left: Int32Array, a: number, right: Int32Array, b: number): number {
  const x = left[a + 1] >>> 0;
  const y = right[b + 1] >>> 0;
  return x < y || (x === y && left[a] >>> 0 < right[b] >>> 0) ? 1 : 0;
}

export function isEqual32(left: Int32Array, a: number, right: Int32Array, b: number): number {
  return left[a] === right[b] ? 1 : 0;
}

export function isLess32(left: Int32Array, a: number, right: Int32Array, b: number): number {
  return left[a] < right[b] ? 1 : 0;
}

export function isLessUnsigned32(
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): number {
  return left[a] >>> 0 < right[b] >>> 0 ? 1 : 0;
}

export function seq(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isEqual(left, a, right, b);
  out[d + 1] = 0;
}

export function sne(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isEqual(left, a, right, b);
  out[d + 1] = 0;
}

export function slt(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isLess(left, a, right, b);
  out[d + 1] = 0;
}

export function sge(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isLess(left, a, right, b);
  out[d + 1] = 0;
}

export function sltu(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isLessUnsigned(left, a, right, b);
  out[d + 1] = 0;
}

export function sgeu(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isLessUnsigned(left, a, right, b);
  out[d + 1] = 0;
}

export function seq32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isEqual32(left, a, right, b);
  out[d + 1] = 0;
}

export function sne32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isEqual32(left, a, right, b);
  out[d + 1] = 0;
}

export function slt32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isLess32(left, a, right, b);
  out[d + 1] = 0;
}

export function sge32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isLess32(left, a, right, b);
  out[d + 1] = 0;
}

export function sltu32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = isLessUnsigned32(left, a, right, b);
  out[d + 1] = 0;
}

export function sgeu32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = 1 - isLessUnsigned32(left, a, right, b);
  out[d + 1] = 0;
}
