/** Counts of bits in a word. */

/** Number of one bits in a lane. */
function ones(lane: number): number {
  const pairs = lane - ((lane >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Trailing zeros of a lane; 32 for 0. */
function trailing(lane: number): number {
  return lane === 0 ? 32 : 31 - Math.clz32(lane & -lane);
}

export function clz(out: Int32Array, d: number, source: Int32Array, a: number): void {
  const high = source[a + 1];
  out[d] = high === 0 ? 32 + Math.clz32(source[a]) : Math.clz32(high);
  out[d + 1] = 0;
}

export function ctz(out: Int32Array, d: number, source: Int32Array, a: number): void {
  const low = source[a];
  out[d] = low === 0 ? 32 + trailing(source[a + 1]) : trailing(low);
  out[d + 1] = 0;
}

export function popcnt(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = ones(source[a]) + ones(source[a + 1]);
  out[d + 1] = 0;
}

export function clz32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = Math.clz32(source[a]);
  out[d + 1] = 0;
}

export function ctz32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = trailing(source[a]);
  out[d + 1] = 0;
}

export function popcnt32(out: Int32Array, d: number, source: Int32Array, a: number): void {
  out[d] = ones(source[a]);
  out[d + 1] = 0;
}
