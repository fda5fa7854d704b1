/** Sums and differences of wide words, modulo 2^256, and the complement. */

export function wadd(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  let carry = 0;
  for (let i = 0; i < 8; i++) {
    const sum = (left[a + i] >>> 0) + (right[b + i] >>> 0) + carry;
    out[d + i] = sum;
    carry = sum >= 2 ** 32 ? 1 : 0;
  }
}

export function wsub(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  let borrow = 0;
  for (let i = 0; i < 8; i++) {
    const difference = (left[a + i] >>> 0) - (right[b + i] >>> 0) - borrow;
    out[d + i] = difference;
    borrow = difference < 0 ? 1 : 0;
  }
}

/** The second source, the immediate 0, is not looked at. */
export function wnot(out: Int32Array, d: number, source: Int32Array, a: number): void {
  for (let i = 0; i < 8; i++) out[d + i] = ~source[a + i];
}
