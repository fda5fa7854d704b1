/**
 * Comparison of wide words. The set instructions write a relation as 0 or 1; branches ask it, or its
 * contrary.
 */

export function isWideEqual(left: Int32Array, a: number, right: Int32Array, b: number): number {
  let difference = 0;
  for (let i = 0; i < 8; i++) difference |= left[a + i] ^ right[b + i];
  return difference === 0 ? 1 : 0;
}

/** Unsigned. The most significant lane that differs decides. */
export function isWideLess(left: Int32Array, a: number, right: Int32Array, b: number): number {
  for (let i = 7; i >= 0; i--) {
    const x = left[a + i] >>> 0;
    const y = right[b + i] >>> 0;
    if (x !== y) return x < y ? 1 : 0;
  }
  return 0;
}

/** Signed: where the signs differ the negative one is less, else as unsigned. */
export function isWideLessSigned(
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): number {
  const x = left[a + 7];
  const y = right[b + 7];
  if ((x ^ y) < 0) return x < 0 ? 1 : 0;
  return isWideLess(left, a, right, b);
}

function writeBit(out: Int32Array, d: number, bit: number): void {
  out[d] = bit;
  for (let i = 1; i < 8; i++) out[d + i] = 0;
}

export function weq(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeBit(out, d, isWideEqual(left, a, right, b));
}

export function wlt(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeBit(out, d, isWideLess(left, a, right, b));
}

export function wgt(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeBit(out, d, isWideLess(right, b, left, a));
}

export function wslt(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeBit(out, d, isWideLessSigned(left, a, right, b));
}

export function wsgt(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeBit(out, d, isWideLessSigned(right, b, left, a));
}
