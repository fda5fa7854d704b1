/**
 * The degree 6 extension F_{p^3}[i], i^2 = -1, over F_{p^3} = M31[x], x^3 = 5. Coordinates on (1, x, x^2, i, ix, ix^2).
 *
 * Used for 128 bits. -1 stays a non-square in the odd extension, and 5 is no cube. See spec/7-proof-system.md, "Field".
 */
import { completeExtension } from './extension.ts';
import { add, inverse, mul, reduceSplit, sub } from './m31.ts';

const CUBE = 5;

/** Two products in F_{p^3}, overwritten by every call. */
const products = new Uint32Array(6);

/** products[offset .. + 3) = (a0 + a1 x + a2 x^2)(b0 + b1 x + b2 x^2): six base products (Karatsuba) and two by 5. */
function mulCubic(
  offset: number,
  a0: number,
  a1: number,
  a2: number,
  b0: number,
  b1: number,
  b2: number,
): void {
  const low = mul(a0, b0);
  const middle = mul(a1, b1);
  const high = mul(a2, b2);
  const cross01 = sub(sub(mul(add(a0, a1), add(b0, b1)), low), middle);
  const cross02 = sub(sub(mul(add(a0, a2), add(b0, b2)), low), high);
  const cross12 = sub(sub(mul(add(a1, a2), add(b1, b2)), middle), high);
  products[offset] = add(low, mul(cross12, CUBE));
  products[offset + 1] = add(cross01, mul(high, CUBE));
  products[offset + 2] = add(cross02, middle);
}

/**
 * (A + Bi)(C + Di) = AC - BD + (AD + BC) i, where x^3 = 5 wraps the products of degree 3 and 4. All 36 products, the
 * left factors split in halves of 16 bits, summed exactly in doubles and reduced once a coordinate: below 22 * 2^47.
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
  const a2 = left[leftOffset + 2];
  const b0 = left[leftOffset + 3];
  const b1 = left[leftOffset + 4];
  const b2 = left[leftOffset + 5];
  const c0 = right[rightOffset];
  const c1 = right[rightOffset + 1];
  const c2 = right[rightOffset + 2];
  const d0 = right[rightOffset + 3];
  const d1 = right[rightOffset + 4];
  const d2 = right[rightOffset + 5];
  const c1Wrapped = CUBE * c1;
  const c2Wrapped = CUBE * c2;
  const d1Wrapped = CUBE * d1;
  const d2Wrapped = CUBE * d2;
  const a0High = a0 >>> 16;
  const a0Low = a0 & 0xffff;
  const a1High = a1 >>> 16;
  const a1Low = a1 & 0xffff;
  const a2High = a2 >>> 16;
  const a2Low = a2 & 0xffff;
  const b0High = b0 >>> 16;
  const b0Low = b0 & 0xffff;
  const b1High = b1 >>> 16;
  const b1Low = b1 & 0xffff;
  const b2High = b2 >>> 16;
  const b2Low = b2 & 0xffff;
  out[outOffset] = reduceSplit(
    a0High * c0 +
      a1High * c2Wrapped +
      a2High * c1Wrapped -
      b0High * d0 -
      b1High * d2Wrapped -
      b2High * d1Wrapped,
    a0Low * c0 +
      a1Low * c2Wrapped +
      a2Low * c1Wrapped -
      b0Low * d0 -
      b1Low * d2Wrapped -
      b2Low * d1Wrapped,
  );
  out[outOffset + 1] = reduceSplit(
    a0High * c1 + a1High * c0 + a2High * c2Wrapped - b0High * d1 - b1High * d0 - b2High * d2Wrapped,
    a0Low * c1 + a1Low * c0 + a2Low * c2Wrapped - b0Low * d1 - b1Low * d0 - b2Low * d2Wrapped,
  );
  out[outOffset + 2] = reduceSplit(
    a0High * c2 + a1High * c1 + a2High * c0 - b0High * d2 - b1High * d1 - b2High * d0,
    a0Low * c2 + a1Low * c1 + a2Low * c0 - b0Low * d2 - b1Low * d1 - b2Low * d0,
  );
  out[outOffset + 3] = reduceSplit(
    a0High * d0 +
      a1High * d2Wrapped +
      a2High * d1Wrapped +
      b0High * c0 +
      b1High * c2Wrapped +
      b2High * c1Wrapped,
    a0Low * d0 +
      a1Low * d2Wrapped +
      a2Low * d1Wrapped +
      b0Low * c0 +
      b1Low * c2Wrapped +
      b2Low * c1Wrapped,
  );
  out[outOffset + 4] = reduceSplit(
    a0High * d1 + a1High * d0 + a2High * d2Wrapped + b0High * c1 + b1High * c0 + b2High * c2Wrapped,
    a0Low * d1 + a1Low * d0 + a2Low * d2Wrapped + b0Low * c1 + b1Low * c0 + b2Low * c2Wrapped,
  );
  out[outOffset + 5] = reduceSplit(
    a0High * d2 + a1High * d1 + a2High * d0 + b0High * c2 + b1High * c1 + b2High * c0,
    a0Low * d2 + a1Low * d1 + a2Low * d0 + b0Low * c2 + b1Low * c1 + b2Low * c0,
  );
}

/**
 * 1/(A + Bi) = (A - Bi) / (A^2 + B^2). In F_{p^3}, 1/n = t/(n t) for t = (n0^2 - 5 n1 n2, 5 n2^2 - n0 n1, n1^2 - n0 n2),
 * the product of the two other conjugates, and n t lies in the base field.
 */
function inverseAt(
  out: Uint32Array,
  outOffset: number,
  value: Uint32Array,
  valueOffset: number,
): void {
  const a0 = value[valueOffset];
  const a1 = value[valueOffset + 1];
  const a2 = value[valueOffset + 2];
  const b0 = value[valueOffset + 3];
  const b1 = value[valueOffset + 4];
  const b2 = value[valueOffset + 5];
  mulCubic(0, a0, a1, a2, a0, a1, a2);
  mulCubic(3, b0, b1, b2, b0, b1, b2);
  const n0 = add(products[0], products[3]);
  const n1 = add(products[1], products[4]);
  const n2 = add(products[2], products[5]);
  const t0 = sub(mul(n0, n0), mul(CUBE, mul(n1, n2)));
  const t1 = sub(mul(CUBE, mul(n2, n2)), mul(n0, n1));
  const t2 = sub(mul(n1, n1), mul(n0, n2));
  const norm = add(mul(n0, t0), mul(CUBE, add(mul(n2, t1), mul(n1, t2))));
  const scale = inverse(norm);
  const f0 = mul(t0, scale);
  const f1 = mul(t1, scale);
  const f2 = mul(t2, scale);
  mulCubic(0, a0, a1, a2, f0, f1, f2);
  mulCubic(3, b0, b1, b2, f0, f1, f2);
  for (let k = 0; k < 3; k++) {
    out[outOffset + k] = products[k];
    out[outOffset + 3 + k] = sub(0, products[3 + k]);
  }
}

export const degree6 = completeExtension({ name: 'degree6', degree: 6, mulAt, inverseAt });
