/**
 * Products of extension elements and sums of products, four rows at a time, to be emitted into any kernel.
 *
 * One idea: products of two elements are below 2^62, so that four of them and a folded rest add up in 64
 * bits; what is reduced is a sum, never a product. Bounds: 4 (p - 1)^2 = 2^64 - 2^35 + 16, and a
 * fold leaves less than 2^33 + 2^31. spec/11-kernels.md, "Extension".
 */
import { MODULUS } from '../field/m31.ts';
import type { FunctionBuilder, Local } from './assembler.ts';
import { LaneField } from './lanes.ts';
import { i32, i32x4, i64x2, type V128, v128 } from './operations.ts';

/** One coordinate of four elements. */
export type Lanes = Local<'v128'>;

/** Sums that are reduced after four products. */
export const PRODUCTS = 4;

/** Coordinates whose sums fit into the registers at once. */
export const coordinatesAtOnce = {
  4: [[0, 1, 2, 3]],
  6: [
    [0, 1, 2],
    [3, 4, 5],
  ],
} as const;

/** Low 31 bits of both 64-bit lanes. */
export const lowBits = (code: FunctionBuilder): Lanes =>
  code.hold(i32x4.const([MODULUS, 0, MODULUS, 0]));

/** A 64-bit sum for each of four rows, in two vectors. */
export class WideSum {
  readonly #code: FunctionBuilder;
  readonly #mask: Lanes;
  readonly low: Lanes;
  readonly high: Lanes;

  constructor(code: FunctionBuilder, mask: Lanes) {
    this.#code = code;
    this.#mask = mask;
    this.low = code.local('v128');
    this.high = code.local('v128');
  }

  /** sum = left * right. */
  start(left: Lanes, right: Lanes): void {
    this.#code.set(this.low, i64x2.multiplyLow(left, right));
    this.#code.set(this.high, i64x2.multiplyHigh(left, right));
  }

  /** sum += left * right. */
  add(left: Lanes, right: Lanes): void {
    this.#code.set(this.low, i64x2.add(this.low, i64x2.multiplyLow(left, right)));
    this.#code.set(this.high, i64x2.add(this.high, i64x2.multiplyHigh(left, right)));
  }

  #folded(half: Lanes): V128 {
    return i64x2.add(v128.and(half, this.#mask), i64x2.shiftRight(half, i32.const(31)));
  }

  /** Any sum becomes one below 2^33 + 2^31 that is equal mod p. */
  fold(): void {
    this.#code.set(this.low, this.#folded(this.low));
    this.#code.set(this.high, this.#folded(this.high));
  }

  /** The four elements, for a folded sum: canonical. The sum is folded once more. */
  finish(into: Lanes): void {
    this.fold();
    const sum = this.#code.hold(i32x4.shuffle(this.low, this.high, [0, 2, 4, 6]));
    const modulus = i32x4.splat(i32.const(MODULUS));
    this.#code.set(into, i32x4.minimum(sum, i32x4.subtract(sum, modulus)));
  }
}

/** into = sum of the products of the pairs. */
export function sumProducts(
  sum: WideSum,
  into: Lanes,
  pairs: readonly (readonly [Lanes, Lanes])[],
): void {
  pairs.forEach(([left, right], index) => {
    if (index === 0) sum.start(left, right);
    else sum.add(left, right);
    if ((index + 1) % PRODUCTS === 0 || index === pairs.length - 1) sum.fold();
  });
  sum.finish(into);
}

/** Coordinates of the products of four elements each, in fresh locals. All are canonical. */
export function emitProduct(
  code: FunctionBuilder,
  degree: 4 | 6,
  left: readonly Lanes[],
  right: readonly Lanes[],
): Lanes[] {
  return degree === 4 ? emitDegree4(code, left, right) : emitDegree6(code, left, right);
}

/** (A + Bu)(C + Du) over M31[i], u^2 = 2 + i: A C + (2 + i) B D, A D + B C. */
function emitDegree4(
  code: FunctionBuilder,
  left: readonly Lanes[],
  right: readonly Lanes[],
): Lanes[] {
  const field = new LaneField(code);
  const [a0, a1, b0, b1] = left;
  const [c0, c1, d0, d1] = right;
  // E = (2 + i) B.
  const [e0, e1] = [code.local('v128'), code.local('v128')];
  field.add(e0, b0, b0);
  field.subtract(e0, e0, b1);
  field.add(e1, b1, b1);
  field.add(e1, e1, b0);
  const [minusC1, minusD1] = [negated(code, c1), negated(code, d1)];
  return products(code, [
    [
      [a0, c0],
      [a1, minusC1],
      [e0, d0],
      [e1, minusD1],
    ],
    [
      [a0, c1],
      [a1, c0],
      [e0, d1],
      [e1, d0],
    ],
    [
      [a0, d0],
      [a1, minusD1],
      [b0, c0],
      [b1, minusC1],
    ],
    [
      [a0, d1],
      [a1, d0],
      [b0, c1],
      [b1, c0],
    ],
  ]);
}

/** (A + Bi)(C + Di) over M31[x], x^3 = 5. */
function emitDegree6(
  code: FunctionBuilder,
  left: readonly Lanes[],
  right: readonly Lanes[],
): Lanes[] {
  const field = new LaneField(code);
  const [a0, a1, a2, b0, b1, b2] = left;
  const [c0, c1, c2, d0, d1, d2] = right;
  const times5 = (value: Lanes): Lanes => {
    const result = code.local('v128');
    field.add(result, value, value);
    field.add(result, result, result);
    field.add(result, result, value);
    return result;
  };
  const [c1x, c2x, d1x, d2x] = [c1, c2, d1, d2].map(times5);
  const [m0, m1, m2, m1x, m2x] = [d0, d1, d2, d1x, d2x].map((value) => negated(code, value));
  return products(code, [
    [
      [a0, c0],
      [a1, c2x],
      [a2, c1x],
      [b0, m0],
      [b1, m2x],
      [b2, m1x],
    ],
    [
      [a0, c1],
      [a1, c0],
      [a2, c2x],
      [b0, m1],
      [b1, m0],
      [b2, m2x],
    ],
    [
      [a0, c2],
      [a1, c1],
      [a2, c0],
      [b0, m2],
      [b1, m1],
      [b2, m0],
    ],
    [
      [a0, d0],
      [a1, d2x],
      [a2, d1x],
      [b0, c0],
      [b1, c2x],
      [b2, c1x],
    ],
    [
      [a0, d1],
      [a1, d0],
      [a2, d2x],
      [b0, c1],
      [b1, c0],
      [b2, c2x],
    ],
    [
      [a0, d2],
      [a1, d1],
      [a2, d0],
      [b0, c2],
      [b1, c1],
      [b2, c0],
    ],
  ]);
}

/** p - value: in [1, p], which is not canonical for 0 but keeps four products below 2^64. */
export function negated(code: FunctionBuilder, value: Lanes): Lanes {
  return code.hold(i32x4.subtract(i32x4.splat(i32.const(MODULUS)), value));
}

function products(
  code: FunctionBuilder,
  sums: readonly (readonly (readonly [Lanes, Lanes])[])[],
): Lanes[] {
  const mask = lowBits(code);
  return sums.map((pairs) => {
    const result = code.local('v128');
    sumProducts(new WideSum(code, mask), result, pairs);
    return result;
  });
}
