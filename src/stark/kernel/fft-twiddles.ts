/**
 * Twiddles of the circle FFT, by kernel: for each domain some products of vectors instead of points and inversions.
 *
 * Only x at even indices is computed, from a few of them by adding points of the subgroup; the rest follows from it.
 * With e(k) = x at index 2k of H_n and indices of the half coset bit-reversed:
 *
 * - y(P) = x(P + R) with R = g_2 = (0, -1), so y at 4k to 4k + 3 is e(2k + 1), -e(2k + 1), -e(2k), e(2k).
 * - 1 / x(P) = 2 y(P) / y(2P), and 2P at index 2k is at index k of H_{n-1}.
 *
 * All are stored doubled (lanes.ts), as even numbers up to 2p - 2, so that a negative is an exclusive or with 2p.
 */
import { MODULUS } from '../field/m31.ts';
import type { FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';
import { LaneField } from './lanes.ts';
import { i32, i32x4, type V128, v128 } from './operations.ts';

/** Exclusive or with it turns 2t into 2(p - t). */
const NEGATION = 2 * MODULUS;

/** Twice y at the even indices whose doubled x are four lanes from an even k. */
function evenYs(xs: Local<'v128'>): V128 {
  return v128.xor(i32x4.shuffle(xs, xs, [1, 0, 3, 2]), i32x4.const([0, NEGATION, 0, NEGATION]));
}

function doubled(value: Local<'v128'>): V128 {
  return i32x4.add(value, value);
}

/** Four at a time, the pointers advanced by 16 bytes or as told. */
function forVectors(
  code: FunctionBuilder,
  count: Local<'i32'>,
  pointers: readonly (readonly [Local<'i32'>, number])[],
  body: () => void,
): void {
  code.countDown(count, 4, () => {
    body();
    for (const [pointer, bytes] of pointers) code.advance(pointer, bytes);
  });
}

export function defineTwiddles(module: ModuleBuilder): void {
  // extendXs(from, to, count, x, y): x at even indices, `count` of them, each plus the point (x, y).
  const five = Array.from({ length: 5 }, () => 'i32' as const);
  module.define('extendXs', five, (code) => {
    const [from, to, count, x, y] = five.map((type, k) => code.param(k, type));
    const field = new LaneField(code);
    const [cosine, sine] = [x, y].map((value) => code.hold(i32x4.splat(value)));
    const [xs, ys, sum] = [0, 1, 2].map(() => code.local('v128'));
    const pointers = [from, to].map((pointer) => [pointer, 16] as const);
    forVectors(code, count, pointers, () => {
      code.set(xs, v128.load(from));
      code.set(ys, evenYs(xs));
      field.multiplyDoubled(xs, cosine, xs);
      field.multiplyDoubled(ys, sine, ys);
      field.subtract(sum, xs, ys);
      code.store(to, doubled(sum));
    });
  });
  // invertXs(xs, inverseYs, to, count): inverses of x at even indices, from the inverses of y of H_{n-1}.
  const four = Array.from({ length: 4 }, () => 'i32' as const);
  module.define('invertXs', four, (code) => {
    const [xs, inverseYs, to, count] = four.map((type, k) => code.param(k, type));
    const field = new LaneField(code);
    const [value, factor] = [code.local('v128'), code.local('v128')];
    const pointers = [xs, inverseYs, to].map((pointer) => [pointer, 16] as const);
    forVectors(code, count, pointers, () => {
      code.set(value, v128.load(xs));
      code.set(value, evenYs(value));
      code.set(factor, i32x4.shiftRight(v128.load(inverseYs), i32.const(1)));
      field.multiplyDoubled(value, factor, value);
      field.add(value, value, value);
      code.store(to, doubled(value));
    });
  });
  // spreadYs(xs, ys, count): all y of the half coset from x at even indices, or inverses from inverses.
  const three = Array.from({ length: 3 }, () => 'i32' as const);
  module.define('spreadYs', three, (code) => {
    const [xs, ys, count] = three.map((type, k) => code.param(k, type));
    const value = code.local('v128');
    const signs = code.hold(i32x4.const([0, NEGATION, NEGATION, 0]));
    const pointers = [
      [xs, 16],
      [ys, 32],
    ] as const;
    forVectors(code, count, pointers, () => {
      code.set(value, v128.load(xs));
      code.store(ys, v128.xor(i32x4.shuffle(value, value, [1, 1, 0, 0]), signs));
      code.store(ys, v128.xor(i32x4.shuffle(value, value, [3, 3, 2, 2]), signs), 16);
    });
  });
}
