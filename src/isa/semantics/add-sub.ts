/** Sums and differences of words. */

export function add(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const x = left[a];
  const low = (x + right[b]) | 0;
  const carry = low >>> 0 < x >>> 0 ? 1 : 0;
  out[d + 1] = left[a + 1] + right[b + 1] + carry;
  out[d] = low;
}

export function sub(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const x = left[a];
  const y = right[b];
  const borrow = x >>> 0 < y >>> 0 ? 1 : 0;
  out[d + 1] = left[a + 1] - right[b + 1] - borrow;
  out[d] = x - y;
}

export function add32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] + right[b];
  out[d + 1] = 0;
}

export function sub32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] - right[b];
  out[d + 1] = 0;
}
