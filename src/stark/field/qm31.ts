/**
 * The degree 4 extension QM31 = CM31[u], u^2 = 2 + i, over CM31 = M31[i], i^2 = -1. Coordinates on (1, i, u, iu).
 *
 * Used for 100 bits: its 2^124 elements cannot give 128 provable ones. See spec/7-proof-system.md, "Field".
 */
import { completeExtension } from './extension.ts';
import { add, inverse, mul, sub } from './m31.ts';

/**
 * (A + Bu)(C + Du) = AC + (2 + i) BD + ((A + B)(C + D) - AC - BD) u, each product of CM31 with three of M31: nine
 * products in all.
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

  const acReal = mul(a0, c0);
  const acImaginary = mul(a1, c1);
  const ac0 = sub(acReal, acImaginary);
  const ac1 = sub(sub(mul(add(a0, a1), add(c0, c1)), acReal), acImaginary);

  const bdReal = mul(b0, d0);
  const bdImaginary = mul(b1, d1);
  const bd0 = sub(bdReal, bdImaginary);
  const bd1 = sub(sub(mul(add(b0, b1), add(d0, d1)), bdReal), bdImaginary);

  const e0 = add(a0, b0);
  const e1 = add(a1, b1);
  const f0 = add(c0, d0);
  const f1 = add(c1, d1);
  const efReal = mul(e0, f0);
  const efImaginary = mul(e1, f1);
  const ef0 = sub(efReal, efImaginary);
  const ef1 = sub(sub(mul(add(e0, e1), add(f0, f1)), efReal), efImaginary);

  out[outOffset] = add(ac0, sub(add(bd0, bd0), bd1));
  out[outOffset + 1] = add(ac1, add(add(bd1, bd1), bd0));
  out[outOffset + 2] = sub(sub(ef0, ac0), bd0);
  out[outOffset + 3] = sub(sub(ef1, ac1), bd1);
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
