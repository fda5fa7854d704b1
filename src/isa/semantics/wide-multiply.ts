/**
 * Products of wide words, in halves of 16 bits and int32 throughout. Leading zero halves are skipped, so that
 * small operands are quick.
 */

/** Halves of the factors, least significant first. */
const leftHalves = new Int32Array(16);
const rightHalves = new Int32Array(16);

/** Writes the 16 halves of a wide word. Returns how many are left without the leading zeros. */
export function splitHalves(out: Int32Array, source: Int32Array, a: number): number {
  let count = 0;
  for (let i = 0; i < 8; i++) {
    const lane = source[a + i];
    out[2 * i] = lane & 0xffff;
    out[2 * i + 1] = lane >>> 16;
    if (lane !== 0) count = lane >>> 16 === 0 ? 2 * i + 1 : 2 * i + 2;
  }
  return count;
}

/** Multiplies halves. Writes `count` halves, the lowest of the product. */
export function multiplyHalves(
  out: Int32Array,
  count: number,
  left: Int32Array,
  leftCount: number,
  right: Int32Array,
  rightCount: number,
): void {
  let carry = 0;
  for (let k = 0; k < count; k++) {
    // Sums of lower and of upper halves of at most sixteen products, each below 2^21.
    let lower = carry;
    let upper = 0;
    const last = k < leftCount ? k : leftCount - 1;
    for (let i = k < rightCount ? 0 : k - rightCount + 1; i <= last; i++) {
      const product = Math.imul(left[i], right[k - i]);
      lower += product & 0xffff;
      upper += product >>> 16;
    }
    out[k] = lower & 0xffff;
    carry = upper + (lower >>> 16);
  }
}

const product = new Int32Array(16);

export function wmul(
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
): void {
  const leftCount = splitHalves(leftHalves, left, a);
  const rightCount = splitHalves(rightHalves, right, b);
  multiplyHalves(product, 16, leftHalves, leftCount, rightHalves, rightCount);
  for (let i = 0; i < 8; i++) out[d + i] = product[2 * i] | (product[2 * i + 1] << 16);
}
