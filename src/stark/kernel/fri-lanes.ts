/**
 * The kernels of FRI's commit phase: words become the columns of leaves of eight, and these the next word.
 *
 * One idea: once a leaf's values stand in eight columns, four leaves are folded side by side without moving a lane. The
 * folds are not halved; their result is divided by 8 at once, which turns the bits. spec/11-kernels.md, "Extension".
 */
import { type Callable, type ModuleBuilder, scratch } from './assembler.ts';
import { emitProduct, type Lanes } from './extension-lanes.ts';
import { LaneField, transpose } from './lanes.ts';
import { i32, i32x4, v128 } from './operations.ts';

/** Leaves whose folds are kept in the first cache. */
export const TILE_LEAVES = 256;

/** From one staged column to the next, in bytes. */
const STAGED = 4 * TILE_LEAVES + 64;

const i32s = (count: number): 'i32'[] => Array.from({ length: count }, () => 'i32');

/** `split<ways>(from, to..., rows)`: value i of column j is value `ways * i + j`; `rows` is a multiple of 4. */
export function defineSplit(module: ModuleBuilder, ways: 2 | 4 | 8): Callable {
  return module.define(`split${ways}`, i32s(ways + 2), (code) => {
    const [from, ...to] = Array.from({ length: ways + 2 }, (_, k) => code.param(k, 'i32'));
    const rows = to.pop()!;
    code.countDown(rows, 4, () => {
      const read = Array.from({ length: ways }, (_, k) => code.hold(v128.load(from, 16 * k)));
      if (ways === 2) {
        const [low, high] = read;
        code.store(to[0], i32x4.shuffle(low, high, [0, 2, 4, 6]));
        code.store(to[1], i32x4.shuffle(low, high, [1, 3, 5, 7]));
      }
      // A row of eight is two vectors.
      for (let part = 0; part < ways / 4; part++) {
        const quads = read.filter((_, k) => k % (ways / 4) === part);
        if (quads.length < 4) break;
        transpose(code, quads);
        for (const [k, column] of quads.entries()) code.store(to[4 * part + k], column);
      }
      for (const pointer of to) code.advance(pointer, 16);
      code.advance(from, 16 * ways);
    });
  });
}

/**
 * `pair<degree>(first, second, offset, twiddles, challenge, out, outOffset, rows)`: a + b + challenge (a - b) / twiddle for
 * `rows` rows, a multiple of 4; `twiddles` holds doubled inverses. Coordinates are given by lists of addresses.
 */
function definePair(module: ModuleBuilder, degree: 4 | 6): Callable {
  return module.define(`pair${degree}`, i32s(8), (code) => {
    const [first, second, offset, twiddles, challenge, out, outOffset, rows] = [
      0, 1, 2, 3, 4, 5, 6, 7,
    ].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const constants = Array.from({ length: degree }, (_, k) =>
      code.hold(v128.loadSplat(challenge, 4 * k)),
    );
    const [left, right, twiddle] = [0, 1, 2].map(() => code.local('v128'));
    code.countDown(rows, 4, () => {
      code.set(twiddle, v128.load(twiddles));
      const sums: Lanes[] = [];
      const differences = constants.map((_, k) => {
        code.set(left, v128.load(i32.add(i32.load(first, 4 * k), offset)));
        code.set(right, v128.load(i32.add(i32.load(second, 4 * k), offset)));
        const [sum, difference] = [code.local('v128'), code.local('v128')];
        field.add(sum, left, right);
        field.subtract(difference, left, right);
        field.multiplyDoubled(difference, difference, twiddle);
        sums.push(sum);
        return difference;
      });
      for (const [k, product] of emitProduct(code, degree, differences, constants).entries()) {
        field.add(product, product, sums[k]);
        code.store(i32.add(i32.load(out, 4 * k), outOffset), product);
      }
      for (const pointer of [offset, outOffset, twiddles]) code.advance(pointer, 16);
    });
  });
}

/**
 * `fold<degree>(leaves, out, offset, twiddles1, twiddles2, twiddles3, challenges, tiles)`: the next word for `tiles` times
 * TILE_LEAVES leaves from `offset` bytes on.
 *
 * `leaves` lists the addresses of columns: the first of each of four pairs, then the second ones, `degree` of each.
 * Twiddles are doubled inverses: four, two and one for a leaf. `challenges` holds lambda, lambda^2, lambda^4.
 */
export function defineFold(
  module: ModuleBuilder,
  degree: 4 | 6,
  split2: Callable,
  split4: Callable,
): void {
  const pair = definePair(module, degree);
  module.define(`fold${degree}`, i32s(8), (code) => {
    const [leaves, out, offset, twiddles1, twiddles2, twiddles3, challenges, tiles] = [
      0, 1, 2, 3, 4, 5, 6, 7,
    ].map((k) => code.param(k, 'i32'));
    const rows = i32.const(TILE_LEAVES);
    const zero = i32.const(0);
    // In scratch: lists of six staged columns, then these, then twiddles.
    const list = (word: number) => i32.add(scratch, i32.const(4 * degree * word));
    const staged = i32.const(4 * degree * 6 + 64);
    const start = code.hold(i32.and(i32.add(scratch, staged), i32.const(-64)));
    const twiddleAt = (k: number) => i32.add(start, i32.const(STAGED * (6 * degree + k)));
    const at = code.hold(start);
    const place = code.hold(scratch);
    const rest = code.hold(i32.const(6 * degree));
    code.countDown(rest, 1, () => {
      code.storeWord(place, at);
      code.advance(place, 4);
      code.advance(at, STAGED);
    });
    const field = (index: number) => i32.add(leaves, i32.const(4 * degree * index));
    const challenge = (fold: number) => i32.add(challenges, i32.const(4 * degree * fold));
    code.countDown(tiles, 1, () => {
      code.call(split4, twiddles1, twiddleAt(0), twiddleAt(1), twiddleAt(2), twiddleAt(3), rows);
      for (let p = 0; p < 4; p++) {
        const operands = [field(p), field(4 + p), offset, twiddleAt(p), challenge(0)];
        code.call(pair, ...operands, list(p), zero, rows);
      }
      code.call(split2, twiddles2, twiddleAt(0), twiddleAt(1), rows);
      for (let p = 0; p < 2; p++) {
        const operands = [list(2 * p), list(2 * p + 1), zero, twiddleAt(p), challenge(1)];
        code.call(pair, ...operands, list(4 + p), zero, rows);
      }
      code.call(pair, list(4), list(5), zero, twiddles3, challenge(2), out, offset, rows);
      for (let k = 0; k < degree; k++) {
        code.set(at, i32.add(i32.load(out, 4 * k), offset));
        code.set(rest, rows);
        code.countDown(rest, 4, () => {
          const value = code.hold(v128.load(at));
          const low = v128.and(value, i32x4.splat(i32.const(7)));
          const turned = i32x4.shiftLeft(low, i32.const(28));
          code.store(at, v128.or(i32x4.shiftRight(value, i32.const(3)), turned));
          code.advance(at, 16);
        });
      }
      code.advance(offset, 4 * TILE_LEAVES);
      code.advance(twiddles1, 16 * TILE_LEAVES);
      code.advance(twiddles2, 8 * TILE_LEAVES);
      code.advance(twiddles3, 4 * TILE_LEAVES);
    });
  });
}
