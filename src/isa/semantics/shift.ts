/** Shifts and rotations of words. The amount is taken modulo the width. */

export function sll(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeLeftShift(out, d, left[a], left[a + 1], right[b]);
}

export function srl(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeRightShift(out, d, left[a], left[a + 1], 0, right[b]);
}

export function sra(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeRightShift(out, d, left[a], left[a + 1], left[a + 1] >> 31, right[b]);
}

export function rotl(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeRotation(out, d, left[a], left[a + 1], right[b]);
}

export function rotr(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  writeRotation(out, d, left[a], left[a + 1], 0 - right[b]);
}

export function sll32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] << right[b];
  out[d + 1] = 0;
}

export function srl32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] >>> right[b];
  out[d + 1] = 0;
}

export function sra32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  out[d] = left[a] >> right[b];
  out[d + 1] = 0;
}

export function rotl32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const amount = right[b];
  out[d] = (left[a] << amount) | (left[a] >>> -amount);
  out[d + 1] = 0;
}

export function rotr32(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const amount = right[b];
  out[d] = (left[a] >>> amount) | (left[a] << -amount);
  out[d + 1] = 0;
}

function writeLeftShift(
  out: Int32Array,
  d: number,
  low: number,
  high: number,
  amount: number,
): void {
  if ((amount & 32) !== 0) {
    out[d + 1] = low << amount;
    out[d] = 0;
  } else if ((amount & 31) === 0) {
    out[d] = low;
    out[d + 1] = high;
  } else {
    out[d + 1] = (high << amount) | (low >>> -amount);
    out[d] = low << amount;
  }
}

/** `fill` is the lane that comes in from above: 0 or -1. */
function writeRightShift(
  out: Int32Array,
  d: number,
  low: number,
  high: number,
  fill: number,
  amount: number,
): void {
  const upper = (amount & 32) !== 0 ? fill : high;
  const lower = (amount & 32) !== 0 ? high : low;
  if ((amount & 31) === 0) {
    out[d] = lower;
    out[d + 1] = upper;
  } else {
    out[d] = (lower >>> amount) | (upper << -amount);
    out[d + 1] = (upper >>> amount) | (fill << -amount);
  }
}

/** Rotates left by `amount` mod 64. */
function writeRotation(
  out: Int32Array,
  d: number,
  low: number,
  high: number,
  amount: number,
): void {
  const lower = (amount & 32) !== 0 ? high : low;
  const upper = (amount & 32) !== 0 ? low : high;
  if ((amount & 31) === 0) {
    out[d] = lower;
    out[d + 1] = upper;
  } else {
    out[d] = (lower << amount) | (upper >>> -amount);
    out[d + 1] = (upper << amount) | (lower >>> -amount);
  }
}
