/**
 * The degree 4 extension QM31 = CM31[u], u^2 = 2 + i, over CM31 = M31[i], i^2 = -1. Coordinates on (1, i, u, iu).
 *
 * Used for 100 bits: its 2^124 elements cannot give 128 provable ones. See spec/7-proof-system.md, "Field".
 */
import { completeExtension } from './extension.ts';
import { add, inverse, mul, reduceSplit, sub } from './m31.ts';

/**
 * (A + Bu)(C + Du) = AC + (2 + i) BD + (AD + BC) u. All sixteen products, the left factors split in halves of 16 bits,
 * summed exactly in doubles and reduced once a coordinate: below 6 * 2^47. Less than half the time of nine products
 * reduced each (Karatsuba).
 */
function mulAt(
  out: Uint32Array,
  outOffset: number,
  left: Uint32Array,
  leftOffset: number,
  right: Uint32Array,
  rightOffset: number,
): void {
  const a0 = left[leftOffset];
  const a1 = left[leftOffset + 1];
  const b0 = left[leftOffset + 2];
  const b1 = left[leftOffset + 3];
  const c0 = right[rightOffset];
  const c1 = right[rightOffset + 1];
  const d0 = right[rightOffset + 2];
  const d1 = right[rightOffset + 3];

  const a0High = a0 >>> 16;
  const a1High = a1 >>> 16;
  const b0High = b0 >>> 16;
  const b1High = b1 >>> 16;
  const bd0High = b0High * d0 - b1High * d1;
  const bd1High = b0High * d1 + b1High * d0;

  const a0Low = a0 & 0xffff;
  const a1Low = a1 & 0xffff;
  const b0Low = b0 & 0xffff;
  const b1Low = b1 & 0xffff;
  const bd0Low = b0Low * d0 - b1Low * d1;
  const bd1Low = b0Low * d1 + b1Low * d0;

  out[outOffset] = reduceSplit(
    a0High * c0 - a1High * c1 + 2 * bd0High - bd1High,
    a0Low * c0 - a1Low * c1 + 2 * bd0Low - bd1Low,
  );
  out[outOffset + 1] = reduceSplit(
    a0High * c1 + a1High * c0 + 2 * bd1High + bd0High,
    a0Low * c1 + a1Low * c0 + 2 * bd1Low + bd0Low,
  );
  out[outOffset + 2] = reduceSplit(
    a0High * d0 - a1High * d1 + b0High * c0 - b1High * c1,
    a0Low * d0 - a1Low * d1 + b0Low * c0 - b1Low * c1,
  );
  out[outOffset + 3] = reduceSplit(
    a0High * d1 + a1High * d0 + b0High * c1 + b1High * c0,
    a0Low * d1 + a1Low * d0 + b0Low * c1 + b1Low * c0,
  );
}

/** 1/(A + Bu) = (A - Bu) / (A^2 - (2 + i) B^2); the norm is inverted in CM31 through its own norm in M31. */
function inverseAt(
  out: Uint32Array,
  outOffset: number,
  value: Uint32Array,
  valueOffset: number,
): void {
  const a0 = value[valueOffset];
  const a1 = value[valueOffset + 1];
  const b0 = value[valueOffset + 2];
  const b1 = value[valueOffset + 3];
  const square0 = sub(mul(b0, b0), mul(b1, b1));
  const square1 = mul(2, mul(b0, b1));
  const norm0 = sub(sub(mul(a0, a0), mul(a1, a1)), sub(add(square0, square0), square1));
  const norm1 = sub(mul(2, mul(a0, a1)), add(add(square1, square1), square0));
  const scale = inverse(add(mul(norm0, norm0), mul(norm1, norm1)));
  const factor0 = mul(norm0, scale);
  const factor1 = sub(0, mul(norm1, scale));
  out[outOffset] = sub(mul(a0, factor0), mul(a1, factor1));
  out[outOffset + 1] = add(mul(a0, factor1), mul(a1, factor0));
  out[outOffset + 2] = sub(mul(b1, factor1), mul(b0, factor0));
  out[outOffset + 3] = sub(0, add(mul(b0, factor1), mul(b1, factor0)));
}

export const qm31 = completeExtension({ name: 'qm31', degree: 4, mulAt, inverseAt });
