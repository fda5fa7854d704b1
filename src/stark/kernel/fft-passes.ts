/**
 * Passes of the circle FFT over four lanes at a time: the code of `fft.ts`, whose meaning is `poly/fft.ts`.
 *
 * One idea: a pass does as many steps as registers hold. The steps of strides 1, 2, 4 and 8 are one
 * pass over sixteen values, transposed for the first two; longer strides go two by two, with the stride
 * in the offsets of loads and stores, so that a function for each stride has one pointer. Twiddles are
 * stored doubled (lanes.ts). spec/11-kernels.md, "Circle FFT".
 */
import { MODULUS } from '../field/m31.ts';
import {
  type Callable,
  type FunctionBuilder,
  type Local,
  type ModuleBuilder,
  scratch,
} from './assembler.ts';
import { LaneField, transpose } from './lanes.ts';
import { type I32, i32, i32x4, type V128, v128 } from './operations.ts';

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

/** number += 1, with `reversed` its bits in reverse; `greatest` is the greatest number. */
function countInReverse(
  code: FunctionBuilder,
  number: Local<'i32'>,
  reversed: Local<'i32'>,
  greatest: I32,
): void {
  // Counting on changes the low bits up to the first zero: in reverse, as many of the highest.
  code.set(number, i32.add(number, i32.const(1)));
  const changed = i32.add(i32.trailingZeros(number), i32.const(1));
  const kept = i32.shiftRight(greatest, changed);
  code.set(reversed, i32.xor(reversed, i32.xor(greatest, kept)));
}

/** 16 x 16 values. */
const TILE_BYTES = 1024;

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
      countInReverse(code, middle, reversed, greatest);
    });
  });
}

/**
 * `toIndexOrderByLines(rows, low, high, half)`: the same for at least 2^15 values, for columns that are larger than the
 * caches: whole lines of 16 values are read and written.
 *
 * The 4 highest and the 4 lowest bits of the numbers are reversed at once: 16 x 16 values of either half pass through
 * scratch, because their lines, powers of two apart, would throw each other out of a cache.
 */
export function defineToIndexOrderByLines(module: ModuleBuilder): Callable {
  const four = ['i32', 'i32', 'i32', 'i32'] as const;
  // split(rows, to): 16 even rows to one line, 16 odd rows to one that is a tile away.
  const split = module.define('splitRows', ['i32', 'i32'], (code) => {
    const [rows, to] = [code.param(0, 'i32'), code.param(1, 'i32')];
    const [first, second] = [code.local('v128'), code.local('v128')];
    for (let k = 0; k < 4; k++) {
      code.set(first, v128.load(rows, 32 * k));
      code.set(second, v128.load(rows, 32 * k + 16));
      code.store(to, i32x4.shuffle(first, second, [0, 2, 4, 6]), 16 * k);
      code.store(to, i32x4.shuffle(first, second, [1, 3, 5, 7]), 16 * k + TILE_BYTES);
    }
  });
  // join(tile, to0, to1, to2, to3): four columns of a tile to four lines, or backwards.
  const five = [...four, 'i32'] as const;
  const [join, joinBackwards] = (['joinLines', 'joinLinesBackwards'] as const).map((name) =>
    module.define(name, five, (code) => {
      const [tile, ...to] = five.map((type, k) => code.param(k, type));
      const values = to.map(() => code.local('v128'));
      for (let part = 0; part < 4; part++) {
        values.forEach((value, k) => {
          code.set(value, v128.load(tile, 64 * (4 * part + k)));
        });
        transpose(code, values);
        values.forEach((value, k) => {
          if (name === 'joinLines') code.store(to[k], value, 16 * part);
          else code.store(to[k], i32x4.shuffle(value, value, [3, 2, 1, 0]), 48 - 16 * part);
        });
      }
    }),
  );
  return module.define('toIndexOrderByLines', four, (code) => {
    const [rows, low, high, half] = four.map((type, k) => code.param(k, type));
    // A sixteenth of the numbers, in bytes of a half.
    const part = code.hold(i32.shiftRight(half, i32.const(2)));
    const times = (count: number): I32 => i32.multiply(part, i32.const(count));
    const last = code.hold(i32.add(high, i32.subtract(times(16), i32.const(64))));
    // Of a tile's number, its 3 highest and its 3 lowest bits change before those between, so that pages are met again
    // while the processor still knows where they are.
    const count = code.hold(i32.shiftRight(half, i32.const(14)));
    const greatest = code.hold(i32.subtract(count, i32.const(1)));
    const [between, reversed, offset, from] = [0, 1, 2, 3].map(() => code.local('i32'));
    const [top, topReversed, bottom, bottomReversed] = [0, 1, 2, 3].map(() => code.local('i32'));
    /** Does the body for all numbers of three bits. */
    const forEight = (number: Local<'i32'>, backwards: Local<'i32'>, body: () => void): void => {
      code.set(number, i32.const(0));
      code.set(backwards, i32.const(0));
      code.loop((again) => {
        body();
        countInReverse(code, number, backwards, i32.const(7));
        code.branchIf(i32.lessThan(number, i32.const(8)), again);
      });
    };
    code.countDown(count, 1, () => {
      forEight(top, topReversed, () => {
        forEight(bottom, bottomReversed, () => {
          // An eighth of the tiles' rows, 128 bytes each, is a quarter of `part`: 2 * half * 4 / 16 / 8.
          code.set(from, i32.add(rows, i32.multiply(top, i32.shiftRight(part, i32.const(2)))));
          code.set(from, i32.add(from, i32.shiftLeft(bottom, i32.const(7))));
          // An eighth of the tiles' lines, 64 bytes each.
          code.set(offset, i32.multiply(bottomReversed, i32.shiftRight(part, i32.const(3))));
          const rest = i32.or(i32.shiftLeft(reversed, i32.const(3)), topReversed);
          code.set(offset, i32.add(offset, i32.shiftLeft(rest, i32.const(6))));
          // All lines of the tile are asked for at once, so that they come at once: 1.5 ns a value instead of 1.9.
          let met: I32 = i32.const(0);
          for (let k = 0; k < 16; k++) {
            met = i32.xor(met, i32.load(i32.add(from, times(2 * k))));
            met = i32.xor(met, i32.load(i32.add(from, times(2 * k)), 64));
          }
          for (let k = 0; k < 16; k++) {
            met = i32.xor(met, i32.load(i32.add(low, i32.add(offset, times(k)))));
            met = i32.xor(met, i32.load(i32.subtract(last, i32.add(offset, times(k)))));
          }
          code.storeWord(scratch, met, 2 * TILE_BYTES);
          for (let k = 0; k < 16; k++) {
            const stream = 4 * reversedPairs[k & 3] + reversedPairs[k >> 2];
            const to = i32.add(scratch, i32.const(64 * k));
            code.call(split, i32.add(from, times(2 * stream)), to);
          }
          for (let k = 0; k < 4; k++) {
            const places = reversedPairs.map((high4) =>
              i32.add(offset, times(4 * high4 + reversedPairs[k])),
            );
            const tile = i32.add(scratch, i32.const(16 * k));
            code.call(join, tile, ...places.map((at) => i32.add(low, at)));
            const odd = i32.add(scratch, i32.const(16 * k + TILE_BYTES));
            code.call(joinBackwards, odd, ...places.map((at) => i32.subtract(last, at)));
          }
        });
      });
      code.advance(rows, 8 * 128);
      countInReverse(code, between, reversed, greatest);
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
    // To V8 the shift by a variable that this product stands for is three instructions.
    const factor = code.hold(i32x4.splat(i32.shiftLeft(i32.const(1), rotation)));
    const rotated = (value: Local<'v128'>): V128 => {
      const up = v128.and(i32x4.multiply(value, factor), modulus);
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
    const store = (half: Local<'i32'>, values: readonly Local<'v128'>[]): void => {
      values.forEach((value, k) => {
        code.store(half, value, 16 * k);
      });
    };
    const load = (half: Local<'i32'>, values: readonly Local<'v128'>[]): void => {
      values.forEach((value, k) => {
        code.set(value, v128.load(half, 16 * k));
      });
    };
    const inY = (k: number): void => {
      code.set(twiddle, v128.load(ys, 16 * k));
      butterflies.step(lows[k], highs[k], twiddle);
    };
    code.countDown(count, 16, () => {
      if (direction === 'interpolate') {
        for (let k = 0; k < 4; k++) {
          code.set(lows[k], v128.load(fromLow, 16 * k));
          code.set(highs[k], v128.load(fromHigh, 16 * k));
          code.set(lows[k], rotated(lows[k]));
          code.set(highs[k], rotated(highs[k]));
          inY(k);
        }
        // V8 would put their products off until they are needed, with both inputs kept meanwhile.
        store(high, highs);
        inX(lows);
        store(low, lows);
        load(high, highs);
        inX(highs);
        store(high, highs);
      } else {
        load(fromLow, lows);
        inX(lows);
        load(fromHigh, highs);
        inX(highs);
        for (let k = 0; k < 4; k++) inY(k);
        store(low, lows);
        store(high, highs);
      }
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
