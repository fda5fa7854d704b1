/**
 * Shifts of wide words, and the two operations of the EVM that pick bytes. An amount is the whole second
 * operand: from the width on, everything is shifted out (EIP-145, Yellow Paper appendix H).
 */

/** The operand if it is below 256, else 256. */
function amountOf(right: Int32Array, b: number): number {
  let upper = 0;
  for (let i = 1; i < 8; i++) upper |= right[b + i];
  const low = right[b] >>> 0;
  return upper !== 0 || low > 256 ? 256 : low;
}

export function wshl(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const amount = amountOf(right, b);
  const lanes = amount >>> 5;
  const bits = amount & 31;
  for (let i = 7; i >= 0; i--) {
    const from = i - lanes;
    const lane = from >= 0 ? left[a + from] : 0;
    const below = from >= 1 ? left[a + from - 1] : 0;
    out[d + i] = bits === 0 ? lane : (lane << bits) | (below >>> (32 - bits));
  }
}

export function wshr(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  shiftRight(out, d, left, a, amountOf(right, b), 0);
}

export function wsar(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  shiftRight(out, d, left, a, amountOf(right, b), left[a + 7] >> 31);
}

/** `fill` is the lane that comes in from above: 0 or -1. */
function shiftRight(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  amount: number,
  fill: number,
): void {
  const lanes = amount >>> 5;
  const bits = amount & 31;
  for (let i = 0; i < 8; i++) {
    const from = i + lanes;
    const lane = from < 8 ? left[a + from] : fill;
    const above = from < 7 ? left[a + from + 1] : fill;
    out[d + i] = bits === 0 ? lane : (lane >>> bits) | (above << (32 - bits));
  }
}

export function wbyte(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const index = amountOf(right, b);
  const lane = index < 32 ? left[a + 7 - (index >>> 2)] : 0;
  out[d] = (lane >>> (24 - 8 * (index & 3))) & 0xff;
  for (let i = 1; i < 8; i++) out[d + i] = 0;
}

export function wsignextend(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const index = amountOf(right, b);
  if (index >= 31) {
    for (let i = 0; i < 8; i++) out[d + i] = left[a + i];
    return;
  }
  const last = index >>> 2;
  const unused = 24 - 8 * (index & 3);
  const extended = (left[a + last] << unused) >> unused;
  for (let i = 0; i < last; i++) out[d + i] = left[a + i];
  out[d + last] = extended;
  for (let i = last + 1; i < 8; i++) out[d + i] = extended >> 31;
}
