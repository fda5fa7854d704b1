/**
 * Passes of the circle FFT over four lanes at a time: the code of `fft.ts`, whose meaning is `poly/fft.ts`.
 *
 * One idea: a pass does as many steps as registers hold. The steps of strides 1, 2, 4 and 8 are one
 * pass over sixteen values, transposed for the first two; longer strides go two by two, with the stride
 * in the offsets of loads and stores, so that a function for each stride has one pointer. Twiddles are
 * stored doubled (lanes.ts). spec/11-kernels.md, "Circle FFT".
 */
import { MODULUS } from '../field/m31.ts';
import type { FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';
import { LaneField, transpose } from './lanes.ts';
import { type I32, i32, i32x4, type V128, v128 } from './operations.ts';

/** Values that the pass of the least strides takes at once, log2. */
export const LOG_BASE = 4;

type Direction = 'interpolate' | 'evaluate';

/** Butterflies of one direction on pairs of locals. */
class Butterflies {
  readonly #code: FunctionBuilder;
  readonly #field: LaneField;
  readonly #direction: Direction;
  readonly #product: Local<'v128'>;

  constructor(code: FunctionBuilder, direction: Direction) {
    this.#code = code;
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

  load(address: I32, offset: number): Local<'v128'> {
    return this.#code.hold(v128.load(address, offset));
  }

  loadSplat(address: I32, offset: number): Local<'v128'> {
    return this.#code.hold(v128.loadSplat(address, offset));
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
export function defineToIndexOrder(module: ModuleBuilder): void {
  module.define('toIndexOrder', ['i32', 'i32', 'i32', 'i32'], (code) => {
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

/** All passes of both directions, for strides of pairs up to 2^logGreatest. */
export function definePasses(module: ModuleBuilder, logGreatest: number): void {
  for (const direction of ['interpolate', 'evaluate'] as const) {
    defineBase(module, direction);
    for (let logStride = LOG_BASE; logStride <= logGreatest; logStride += 2) {
      definePair(module, direction, logStride);
    }
    defineSingle(module, direction);
    defineLast(module, direction);
  }
}

/** `base(data, count, t1, t2, t4, t8)`: strides 1 to 8 on `count` values, a multiple of 16. */
function defineBase(module: ModuleBuilder, direction: Direction): void {
  module.define(`${direction}Base`, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (code) => {
    const [data, count, t1, t2, t4, t8] = [0, 1, 2, 3, 4, 5].map((k) => code.param(k, 'i32'));
    const butterflies = new Butterflies(code, direction);
    const values = [0, 1, 2, 3].map(() => code.local('v128'));
    const [v0, v1, v2, v3] = values;
    code.countDown(count, 16, () => {
      values.forEach((value, k) => {
        code.set(value, v128.load(data, 16 * k));
      });
      butterflies.inOrder(
        () => transpose(code, values),
        () => {
          // Lane j holds values 4j to 4j + 3, so the pairs number 2j and 2j + 1.
          const [first, second] = [butterflies.load(t1, 0), butterflies.load(t1, 16)];
          const even = code.hold(i32x4.shuffle(first, second, [0, 2, 4, 6]));
          const odd = code.hold(i32x4.shuffle(first, second, [1, 3, 5, 7]));
          butterflies.step(v0, v1, even);
          butterflies.step(v2, v3, odd);
        },
        () => {
          const twiddle = butterflies.load(t2, 0);
          butterflies.step(v0, v2, twiddle);
          butterflies.step(v1, v3, twiddle);
        },
        () => transpose(code, values),
        () => {
          butterflies.step(v0, v1, butterflies.loadSplat(t4, 0));
          butterflies.step(v2, v3, butterflies.loadSplat(t4, 4));
        },
        () => {
          const twiddle = butterflies.loadSplat(t8, 0);
          butterflies.step(v0, v2, twiddle);
          butterflies.step(v1, v3, twiddle);
        },
      );
      values.forEach((value, k) => {
        code.store(data, value, 16 * k);
      });
      for (const [pointer, bytes] of [
        [data, 64],
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

/** `pair<k>(data, blocks, inner, outer)`: strides 2^k and 2^{k+1} on `blocks` times 2^{k+2} values. */
function definePair(module: ModuleBuilder, direction: Direction, logStride: number): void {
  const bytes = 4 * 2 ** logStride;
  module.define(`${direction}Pair${logStride}`, ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [data, blocks, inner, outer] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    const butterflies = new Butterflies(code, direction);
    const rest = code.local('i32');
    const values = [0, 1, 2, 3].map(() => code.local('v128'));
    const [v0, v1, v2, v3] = values;
    code.countDown(blocks, 1, () => {
      const left = butterflies.loadSplat(inner, 0);
      const right = butterflies.loadSplat(inner, 4);
      const both = butterflies.loadSplat(outer, 0);
      code.set(rest, i32.const(bytes));
      code.countDown(rest, 16, () => {
        values.forEach((value, k) => {
          code.set(value, v128.load(data, k * bytes));
        });
        butterflies.inOrder(
          () => butterflies.step(v0, v1, left),
          () => butterflies.step(v2, v3, right),
          () => butterflies.step(v0, v2, both),
          () => butterflies.step(v1, v3, both),
        );
        values.forEach((value, k) => {
          code.store(data, value, k * bytes);
        });
        code.advance(data, 16);
      });
      code.advance(data, 3 * bytes);
      code.advance(inner, 8);
      code.advance(outer, 4);
    });
  });
}

/** `single(low, high, count, twiddle)`: one step on `count` pairs that share a twiddle. */
function defineSingle(module: ModuleBuilder, direction: Direction): void {
  module.define(`${direction}Single`, ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [low, high, count, twiddle] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    const butterflies = new Butterflies(code, direction);
    const shared = butterflies.loadSplat(twiddle, 0);
    const [a, b] = [code.local('v128'), code.local('v128')];
    code.countDown(count, 4, () => {
      code.set(a, v128.load(low));
      code.set(b, v128.load(high));
      butterflies.step(a, b, shared);
      code.store(low, a);
      code.store(high, b);
      code.advance(low, 16);
      code.advance(high, 16);
    });
  });
}

/**
 * `conjugates(low, high, count, twiddles, rotation)`: the step in y, a twiddle for each pair. When interpolating all
 * values come divided by 2^n as well, which is a rotation of 31 bits to the left by `rotation` = 31 - n.
 */
function defineLast(module: ModuleBuilder, direction: Direction): void {
  module.define(`${direction}Conjugates`, ['i32', 'i32', 'i32', 'i32', 'i32'], (code) => {
    const [low, high, count, twiddles, rotation] = [0, 1, 2, 3, 4].map((k) => code.param(k, 'i32'));
    const butterflies = new Butterflies(code, direction);
    const modulus = code.hold(i32x4.splat(i32.const(MODULUS)));
    const rest = code.hold(i32.subtract(i32.const(31), rotation));
    const rotated = (value: V128): V128 => {
      const up = v128.and(i32x4.shiftLeft(value, rotation), modulus);
      return v128.or(up, i32x4.shiftRight(value, rest));
    };
    const [a, b] = [code.local('v128'), code.local('v128')];
    code.countDown(count, 4, () => {
      code.set(a, v128.load(low));
      code.set(b, v128.load(high));
      if (direction === 'interpolate') {
        code.set(a, rotated(a));
        code.set(b, rotated(b));
      }
      butterflies.step(a, b, butterflies.load(twiddles, 0));
      code.store(low, a);
      code.store(high, b);
      for (const pointer of [low, high, twiddles]) code.advance(pointer, 16);
    });
  });
}
