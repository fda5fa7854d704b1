/**
 * Passes of the circle FFT over four lanes at a time: the code of `fft.ts`, whose meaning is `poly/fft.ts`.
 *
 * One idea: a pass does as many steps as registers hold. The steps of strides 1, 2, 4 and 8 are one
 * pass over sixteen values, transposed for the first two; longer strides go two by two, with the stride
 * in the offsets of loads and stores, so that a function for each stride has one pointer. Twiddles are
 * stored doubled (lanes.ts). spec/11-kernels.md, "Circle FFT".
 */
import { MODULUS } from '../field/m31.ts';
import type { Callable, FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';
import { LaneField, transpose } from './lanes.ts';
import { i32, i32x4, type V128, v128 } from './operations.ts';

/** Values that the pass of the least strides takes at once, log2. */
export const LOG_BASE = 4;

export type Direction = 'interpolate' | 'evaluate';

/** Butterflies of one direction on pairs of locals. */
class Butterflies {
  readonly #field: LaneField;
  readonly #direction: Direction;
  readonly #product: Local<'v128'>;

  constructor(code: FunctionBuilder, direction: Direction) {
    this.#field = new LaneField(code);
    this.#direction = direction;
    this.#product = code.local('v128');
  }

  /** (a, b) becomes (a + b, (a - b) t) or (a + b t, a - b t). */
  step(a: Local<'v128'>, b: Local<'v128'>, twiddle: Local<'v128'>): void {
    const product = this.#product;
    if (this.#direction === 'interpolate') {
      this.#field.subtract(product, a, b);
      this.#field.add(a, a, b);
      this.#field.multiplyDoubled(b, product, twiddle);
    } else {
      this.#field.multiplyDoubled(product, b, twiddle);
      this.#field.subtract(b, a, product);
      this.#field.add(a, a, product);
    }
  }

  /** Does the steps in order, or the other way round when evaluating. */
  inOrder(...steps: readonly (() => void)[]): void {
    for (const step of this.#direction === 'interpolate' ? steps : steps.toReversed()) step();
  }
}

/** Two bits in reverse order. */
const reversedPairs = [0, 2, 1, 3];

/**
 * `toIndexOrder(rows, low, high, half)`: 2 * half values in row order, at least 32, come in index order to both halves.
 *
 * Even rows come to the lower half at their number's bits in reverse, odd rows to the upper half at the complement of
 * these, that is from its end. Numbers with equal middle bits are 4 x 4 values: a transposition reverses their outer bits.
 */
export function defineToIndexOrder(module: ModuleBuilder): Callable {
  return module.define('toIndexOrder', ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [rows, low, high, half] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    // A quarter of the numbers is 2 * half bytes of rows, and half bytes of a half.
    const from = reversedPairs.map((quarter) =>
      code.hold(i32.add(rows, i32.multiply(half, i32.const(2 * quarter)))),
    );
    const toLow = reversedPairs.map((quarter) =>
      code.hold(i32.add(low, i32.multiply(half, i32.const(quarter)))),
    );
    const toHigh = reversedPairs.map((quarter) =>
      code.hold(i32.add(high, i32.multiply(half, i32.const(3 - quarter)))),
    );
    const count = code.hold(i32.shiftRight(half, i32.const(4)));
    const greatest = code.hold(i32.subtract(count, i32.const(1)));
    const [middle, reversed, offset] = [0, 1, 2].map(() => code.local('i32'));
    const last = code.hold(i32.subtract(half, i32.const(16)));
    const evens = [0, 1, 2, 3].map(() => code.local('v128'));
    const odds = [0, 1, 2, 3].map(() => code.local('v128'));
    code.countDown(count, 1, () => {
      from.forEach((pointer, k) => {
        const first = code.hold(v128.load(pointer, 0));
        const second = code.hold(v128.load(pointer, 16));
        code.set(evens[k], i32x4.shuffle(first, second, [0, 2, 4, 6]));
        code.set(odds[k], i32x4.shuffle(first, second, [1, 3, 5, 7]));
        code.advance(pointer, 32);
      });
      transpose(code, evens);
      transpose(code, odds);
      code.set(offset, i32.shiftLeft(reversed, i32.const(4)));
      for (let k = 0; k < 4; k++) {
        code.store(i32.add(toLow[k], offset), evens[k]);
        const backwards = i32x4.shuffle(odds[k], odds[k], [3, 2, 1, 0]);
        code.store(i32.add(toHigh[k], i32.subtract(last, offset)), backwards);
      }
      // Counting on changes the low bits up to the first zero: in reverse, as many of the highest.
      code.set(middle, i32.add(middle, i32.const(1)));
      const changed = i32.add(i32.trailingZeros(middle), i32.const(1));
      const kept = i32.shiftRight(greatest, changed);
      code.set(reversed, i32.xor(reversed, i32.xor(greatest, kept)));
    });
  });
}

/** The functions of one direction that `fft-drivers.ts` calls. */
export interface Passes {
  /** `base(fromLow, fromHigh, low, high, count, ys, t1, t2, t4, t8, rotation)` */
  readonly base: Callable;
  /** For each number of steps 1, 2, 3: `pass(from, to, blocks, stride, t0, t1, t2)` */
  readonly steps: readonly [Callable, Callable, Callable];
}

export function definePasses(module: ModuleBuilder, direction: Direction): Passes {
  return {
    base: defineBase(module, direction),
    steps: [
      defineSteps(module, direction, 1),
      defineSteps(module, direction, 2),
      defineSteps(module, direction, 3),
    ],
  };
}

/**
 * `base(fromLow, fromHigh, low, high, count, ys, t1, t2, t4, t8, rotation)`: the step in y and strides 1 to 8, on
 * `count` values of either half, a multiple of 16. When interpolating, all values come divided by 2^n as well, which is
 * a rotation of 31 bits to the left by `rotation` = 31 - n.
 */
function defineBase(module: ModuleBuilder, direction: Direction): Callable {
  const params = Array.from({ length: 11 }, () => 'i32' as const);
  return module.define(`${direction}Base`, params, (code) => {
    const [fromLow, fromHigh, low, high, count, ys, t1, t2, t4, t8, rotation] = params.map(
      (type, k) => code.param(k, type),
    );
    const butterflies = new Butterflies(code, direction);
    const modulus = code.hold(i32x4.splat(i32.const(MODULUS)));
    const rest = code.hold(i32.subtract(i32.const(31), rotation));
    const rotated = (value: Local<'v128'>): V128 => {
      const up = v128.and(i32x4.shiftLeft(value, rotation), modulus);
      return v128.or(up, i32x4.shiftRight(value, rest));
    };
    const lows = [0, 1, 2, 3].map(() => code.local('v128'));
    const highs = [0, 1, 2, 3].map(() => code.local('v128'));
    const twiddle = code.local('v128');
    const temporaries = [0, 1, 2, 3].map(() => code.local('v128'));
    const inX = (values: readonly Local<'v128'>[]): void => {
      const [v0, v1, v2, v3] = values;
      butterflies.inOrder(
        () => transpose(code, values),
        () => {
          // Lane j holds values 4j to 4j + 3, so the pairs number 2j and 2j + 1.
          const [first, second, even, odd] = temporaries;
          code.set(first, v128.load(t1, 0));
          code.set(second, v128.load(t1, 16));
          code.set(even, i32x4.shuffle(first, second, [0, 2, 4, 6]));
          code.set(odd, i32x4.shuffle(first, second, [1, 3, 5, 7]));
          butterflies.step(v0, v1, even);
          butterflies.step(v2, v3, odd);
        },
        () => {
          code.set(twiddle, v128.load(t2, 0));
          butterflies.step(v0, v2, twiddle);
          butterflies.step(v1, v3, twiddle);
        },
        () => transpose(code, values),
        () => {
          code.set(twiddle, v128.loadSplat(t4, 0));
          butterflies.step(v0, v1, twiddle);
          code.set(twiddle, v128.loadSplat(t4, 4));
          butterflies.step(v2, v3, twiddle);
        },
        () => {
          code.set(twiddle, v128.loadSplat(t8, 0));
          butterflies.step(v0, v2, twiddle);
          butterflies.step(v1, v3, twiddle);
        },
      );
    };
    const inY = (): void => {
      for (let k = 0; k < 4; k++) {
        if (direction === 'interpolate') {
          code.set(lows[k], rotated(lows[k]));
          code.set(highs[k], rotated(highs[k]));
        }
        code.set(twiddle, v128.load(ys, 16 * k));
        butterflies.step(lows[k], highs[k], twiddle);
      }
    };
    code.countDown(count, 16, () => {
      lows.forEach((value, k) => {
        code.set(value, v128.load(fromLow, 16 * k));
      });
      if (direction === 'evaluate') inX(lows);
      highs.forEach((value, k) => {
        code.set(value, v128.load(fromHigh, 16 * k));
      });
      if (direction === 'evaluate') inX(highs);
      inY();
      if (direction === 'interpolate') inX(lows);
      lows.forEach((value, k) => {
        code.store(low, value, 16 * k);
      });
      if (direction === 'interpolate') inX(highs);
      highs.forEach((value, k) => {
        code.store(high, value, 16 * k);
      });
      for (const [pointer, bytes] of [
        [fromLow, 64],
        [fromHigh, 64],
        [low, 64],
        [high, 64],
        [ys, 64],
        [t1, 32],
        [t2, 16],
        [t4, 8],
        [t8, 4],
      ] as const) {
        code.advance(pointer, bytes);
      }
    });
  });
}

/**
 * `steps<k>(from, to, blocks, stride, t0, t1, t2)`: k steps, of strides 1, 2 and 4 times `stride` bytes, on `blocks` times
 * 2^k strides of values. Twiddles of the steps in this order; those of steps that are not there are not read.
 */
function defineSteps(module: ModuleBuilder, direction: Direction, steps: 1 | 2 | 3): Callable {
  const params = Array.from({ length: 7 }, () => 'i32' as const);
  return module.define(`${direction}${2 ** steps}`, params, (code) => {
    const [from, to, blocks, stride, ...twiddles] = params.map((type, k) => code.param(k, type));
    const butterflies = new Butterflies(code, direction);
    const rest = code.local('i32');
    const delta = code.hold(i32.subtract(to, from));
    const values = Array.from({ length: 2 ** steps }, () => code.local('v128'));
    const places = values.map((_, k) => (k === 0 ? from : code.local('i32')));
    const twiddle = code.local('v128');
    const step = (number: number): void => {
      const distance = 2 ** number;
      for (let k = 0; k < values.length; k += 2 * distance) {
        code.set(twiddle, v128.loadSplat(twiddles[number], (4 * k) / (2 * distance)));
        for (let at = k; at < k + distance; at++) {
          butterflies.step(values[at], values[at + distance], twiddle);
        }
      }
    };
    const span = code.hold(i32.multiply(stride, i32.const(2 ** steps - 1)));
    code.countDown(blocks, 1, () => {
      code.set(rest, stride);
      code.countDown(rest, 16, () => {
        values.forEach((value, k) => {
          if (k > 0) code.set(places[k], i32.add(places[k - 1], stride));
          code.set(value, v128.load(places[k]));
        });
        butterflies.inOrder(...Array.from({ length: steps }, (_, number) => () => step(number)));
        values.forEach((value, k) => {
          code.store(i32.add(places[k], delta), value);
        });
        code.advance(from, 16);
      });
      code.set(from, i32.add(from, span));
      for (let k = 0; k < steps; k++) code.advance(twiddles[k], 4 * 2 ** (steps - 1 - k));
    });
  });
}
