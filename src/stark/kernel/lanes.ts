/**
 * Base field arithmetic on four lanes, the same canonical results as `field/m31.ts`, and the transposition of lanes.
 *
 * One idea: with one factor doubled, the high 32 bits of a product are its bits from 31 up, and the low
 * 32 halved are the rest, so that 2^31 = 1 folds it by one addition. spec/11-kernels.md, "Field".
 */
import { MODULUS } from '../field/m31.ts';
import type { FunctionBuilder, Local } from './assembler.ts';
import { i32, i32x4, i64x2, type V128 } from './operations.ts';

/** Emits arithmetic into one function; operands that are read twice must be locals. */
export class LaneField {
  readonly #code: FunctionBuilder;
  readonly #modulus: Local<'v128'>;
  readonly #products: readonly [Local<'v128'>, Local<'v128'>];
  readonly #sum: Local<'v128'>;

  constructor(code: FunctionBuilder) {
    this.#code = code;
    this.#modulus = code.hold(i32x4.splat(i32.const(MODULUS)));
    this.#products = [code.local('v128'), code.local('v128')];
    this.#sum = code.local('v128');
  }

  /** into = value mod p, for lanes in [0, 2p): a lane below p wraps around and is not the lesser. */
  #reduce(into: Local<'v128'>, value: V128): void {
    this.#code.set(this.#sum, value);
    this.#code.set(into, i32x4.minimum(this.#sum, i32x4.subtract(this.#sum, this.#modulus)));
  }

  /** into = left + right. */
  add(into: Local<'v128'>, left: V128, right: V128): void {
    this.#reduce(into, i32x4.add(left, right));
  }

  /** into = left - right. */
  subtract(into: Local<'v128'>, left: V128, right: V128): void {
    this.#code.set(this.#sum, i32x4.subtract(left, right));
    this.#code.set(into, i32x4.minimum(this.#sum, i32x4.add(this.#sum, this.#modulus)));
  }

  /** into = value * doubled / 2, for lanes of `doubled` that are twice an element. */
  multiplyDoubled(into: Local<'v128'>, value: Local<'v128'>, doubled: Local<'v128'>): void {
    const [low, high] = this.#products;
    this.#code.set(low, i64x2.multiplyLow(value, doubled));
    this.#code.set(high, i64x2.multiplyHigh(value, doubled));
    const lowHalves = i32x4.shuffle(low, high, [0, 2, 4, 6]);
    const highHalves = i32x4.shuffle(low, high, [1, 3, 5, 7]);
    this.#reduce(into, i32x4.add(i32x4.shiftRight(lowHalves, i32.const(1)), highHalves));
  }

  /** into = left * right. */
  multiply(into: Local<'v128'>, left: Local<'v128'>, right: Local<'v128'>): void {
    const doubled = this.#code.hold(i32x4.add(right, right));
    this.multiplyDoubled(into, left, doubled);
  }
}

/** Four vectors become their transposition, in place. */
export function transpose(code: FunctionBuilder, rows: readonly Local<'v128'>[]): void {
  const [a, b, c, d] = rows;
  const low01 = code.hold(i32x4.shuffle(a, b, [0, 4, 1, 5]));
  const high01 = code.hold(i32x4.shuffle(a, b, [2, 6, 3, 7]));
  const low23 = code.hold(i32x4.shuffle(c, d, [0, 4, 1, 5]));
  const high23 = code.hold(i32x4.shuffle(c, d, [2, 6, 3, 7]));
  code.set(a, i32x4.shuffle(low01, low23, [0, 1, 4, 5]));
  code.set(b, i32x4.shuffle(low01, low23, [2, 3, 6, 7]));
  code.set(c, i32x4.shuffle(high01, high23, [0, 1, 4, 5]));
  code.set(d, i32x4.shuffle(high01, high23, [2, 3, 6, 7]));
}
