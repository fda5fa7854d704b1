/**
 * The kernels of the DEEP word: sums of columns times constants, lifting, and the quotients of both points.
 *
 * One idea for the quotients: the line through a point and its conjugate is changed by conjugation in its sign only,
 * so it is D u with D in the subfield, and 1/(D u) costs the inverse of D: a norm and a cofactor, and one inversion
 * in the base field for a whole chunk of rows of both points. spec/11-kernels.md, "Extension".
 */
import { MODULUS } from '../field/m31.ts';
import {
  type Callable,
  type FunctionBuilder,
  type ModuleBuilder,
  resultOf,
  scratch,
} from './assembler.ts';
import { emitBaseInverse, emitSubfieldNorm } from './extension-inverse.ts';
import {
  coordinatesAtOnce,
  type Lanes,
  lowBits,
  negated,
  PRODUCTS,
  sumProducts,
  WideSum,
} from './extension-lanes.ts';
import { LaneField } from './lanes.ts';
import { type I32, i32, i32x4, v128 } from './operations.ts';

/** Rows whose sums are kept in the cache while all columns are added: long enough to be read ahead. */
export const TILE_ROWS = 1024;

/** Groups of columns that are added to sums in registers: few enough streams to be read ahead. */
const GROUPS = 2;

/** Rows that one inversion serves, at most. */
export const CHUNK_ROWS = 512;

const i32s = (count: number): 'i32'[] => Array.from({ length: count }, () => 'i32');

/**
 * `combine<degree>(columns, groups, constants, out, offset, tiles, rows)`: for `tiles` times `rows` rows (a multiple of
 * 4, at most TILE_ROWS) from `offset` bytes on, the sum of four times `groups` columns times extension constants.
 * `columns` and `out` list addresses, those of `out` one for each coordinate.
 */
export function defineCombine(module: ModuleBuilder, degree: 4 | 6): void {
  const addersOf = (part: Part): Callable[] =>
    coordinatesAtOnce[degree].map((coordinates) => defineAdd(module, degree, coordinates, part));
  const only = addersOf('only');
  const first = addersOf('first');
  const middle = addersOf('middle');
  const last = addersOf('last');
  module.define(`combine${degree}`, i32s(7), (code) => {
    const [columns, groups, constants, out, offset, tiles, rows] = [0, 1, 2, 3, 4, 5, 6].map((k) =>
      code.param(k, 'i32'),
    );
    const most = i32.const(GROUPS);
    const [column, constant, left] = [0, 1, 2].map(() => code.local('i32'));
    const call = (adders: readonly Callable[], taken: I32): void => {
      for (const add of adders) code.call(add, column, taken, constant, out, offset, rows);
      code.advance(column, 4 * PRODUCTS * GROUPS);
      code.advance(constant, 4 * degree * PRODUCTS * GROUPS);
      code.set(left, i32.subtract(left, most));
    };
    code.countDown(tiles, 1, () => {
      code.set(column, columns);
      code.set(constant, constants);
      code.set(left, groups);
      const fits = i32.lessThan(left, i32.const(GROUPS + 1));
      code.when(
        fits,
        () => call(only, left),
        () => {
          call(first, most);
          code.block((end) => {
            code.loop((again) => {
              code.branchIf(fits, end);
              call(middle, most);
              code.branch(again);
            });
          });
          call(last, left);
        },
      );
      code.set(offset, i32.add(offset, i32.shiftLeft(rows, i32.const(2))));
    });
  });
}

/** Which of the groups of a tile: the first start sums, which else lie in scratch; the last write them out. */
type Part = 'only' | 'first' | 'middle' | 'last';

/** Adds columns times constants to some coordinates of folded sums. */
function defineAdd(
  module: ModuleBuilder,
  degree: 4 | 6,
  coordinates: readonly number[],
  part: Part,
): Callable {
  const starts = part === 'only' || part === 'first';
  const ends = part === 'only' || part === 'last';
  return module.define(`${part}${degree}from${coordinates[0]}`, i32s(6), (code) => {
    const [columns, groups, constants, out, offset, rows] = [0, 1, 2, 3, 4, 5].map((k) =>
      code.param(k, 'i32'),
    );
    const mask = lowBits(code);
    const wide = coordinates.map(() => new WideSum(code, mask));
    const sums = code.hold(scratch);
    const [column, constant, rest] = [0, 1, 2].map(() => code.local('i32'));
    const [value, factor] = [code.local('v128'), code.local('v128')];
    code.countDown(rows, 4, () => {
      for (const [index, sum] of wide.entries()) {
        const at = 32 * coordinates[index];
        code.set(sum.low, starts ? v128.xor(mask, mask) : v128.load(sums, at));
        code.set(sum.high, starts ? v128.xor(mask, mask) : v128.load(sums, at + 16));
      }
      code.set(column, columns);
      code.set(constant, constants);
      code.set(rest, groups);
      code.countDown(rest, 1, () => {
        for (let j = 0; j < PRODUCTS; j++) {
          code.set(value, v128.load(i32.add(i32.load(column, 4 * j), offset)));
          for (const [index, sum] of wide.entries()) {
            code.set(factor, v128.loadSplat(constant, 4 * (j * degree + coordinates[index])));
            sum.add(value, factor);
          }
        }
        for (const sum of wide) sum.fold();
        code.advance(column, 4 * PRODUCTS);
        code.advance(constant, 4 * PRODUCTS * degree);
      });
      for (const [index, sum] of wide.entries()) {
        const k = coordinates[index];
        if (ends) {
          sum.finish(value);
          code.store(i32.add(i32.load(out, 4 * k), offset), value);
        } else {
          code.store(sums, sum.low, 32 * k);
          code.store(sums, sum.high, 32 * k + 16);
        }
      }
      code.advance(sums, 32 * degree);
      code.advance(offset, 16);
    });
  });
}

/**
 * `lift(from, to, bytes, turn, count)`: adds `count` values, turned by `turn` bits (times 2^turn), each to the value
 * `bytes` further than the one before.
 */
export function defineLift(module: ModuleBuilder): void {
  module.define('lift', i32s(5), (code) => {
    const [from, to, bytes, turn, count] = [0, 1, 2, 3, 4].map((k) => code.param(k, 'i32'));
    const modulus = code.hold(i32.const(MODULUS));
    const rest = code.hold(i32.subtract(i32.const(31), turn));
    const [value, sum] = [code.local('i32'), code.local('i32')];
    code.countDown(count, 1, () => {
      code.set(value, i32.load(from));
      const turned = i32.or(
        i32.and(i32.shiftLeft(value, turn), modulus),
        i32.shiftRight(value, rest),
      );
      code.set(sum, i32.subtract(i32.add(i32.load(to), turned), modulus));
      // The modulus again if that is negative.
      const borrow = i32.subtract(i32.const(0), i32.shiftRight(sum, i32.const(31)));
      code.storeWord(to, i32.add(sum, i32.and(borrow, modulus)));
      code.advance(from, 4);
      code.set(to, i32.add(to, bytes));
    });
  });
}

/** Words of the constants of one point: byX, byY, rest in the subfield. */
const lineWords = (degree: number): number => 3 * (degree / 2);

/**
 * `quotient<degree>(constants, places, offset, xs, ys, rows, chunk)`: the quotients of both points, added up, for `rows`
 * rows from `offset` bytes on, `chunk` at a time (a multiple of 4, at most CHUNK_ROWS). `places` lists addresses:
 * `degree` of the word, then of the sums of each point. `xs` holds doubled x of even rows, `ys` doubled y of all.
 */
export function defineQuotient(module: ModuleBuilder, degree: 4 | 6): void {
  const half = degree / 2;
  // Four rows in scratch: the cofactors of both points, their norms, and the product of all norms before.
  const record = 16 * (degree + 3);
  const [norms, before] = [16 * degree, 16 * (degree + 2)];
  const constantsOf = (point: number): number => 4 * lineWords(degree) * point;

  const forward = module.define(
    `norms${degree}`,
    i32s(4),
    (code) => {
      const [constants, xs, ys, rows] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
      const field = new LaneField(code);
      const at = code.hold(scratch);
      const product = code.hold(i32x4.splat(i32.const(1)));
      const twice = code.hold(i32x4.splat(i32.const(0xfffffffe)));
      const [x, y, constant, term] = [0, 1, 2, 3].map(() => code.local('v128'));
      code.countDown(rows, 4, () => {
        // Odd rows are antipodes of even ones.
        code.set(x, i32x4.shuffle(v128.loadSplat(xs), v128.loadSplat(xs, 4), [0, 0, 4, 4]));
        code.set(x, i32x4.shuffle(x, i32x4.subtract(twice, x), [0, 5, 2, 7]));
        code.set(y, v128.load(ys));
        code.store(at, product, before);
        for (const point of [0, 1]) {
          const line = Array.from({ length: half }, (_, k) => {
            const from = constantsOf(point) + 4 * k;
            const value = code.local('v128');
            code.set(constant, v128.loadSplat(constants, from));
            field.multiplyDoubled(value, constant, x);
            code.set(constant, v128.loadSplat(constants, from + 4 * half));
            field.multiplyDoubled(term, constant, y);
            field.add(value, value, term);
            field.add(value, value, v128.loadSplat(constants, from + 8 * half));
            return value;
          });
          const { cofactor, norm } = emitSubfieldNorm(code, degree, line);
          for (const [k, coordinate] of cofactor.entries()) {
            code.store(at, coordinate, 16 * (half * point + k));
          }
          code.store(at, norm, norms + 16 * point);
          field.multiply(product, product, norm);
        }
        code.advance(at, record);
        code.advance(xs, 8);
        code.advance(ys, 16);
      });
      code.leave(product);
    },
    'v128',
  );

  const backward = module.define(`divide${degree}`, ['v128', ...i32s(3)], (code) => {
    const inverse = code.param(0, 'v128');
    const [places, end, rows] = [1, 2, 3].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const records = code.hold(
      i32.add(scratch, i32.multiply(i32.shiftRight(rows, i32.const(2)), i32.const(record))),
    );
    const shared = code.local('v128');
    const normLanes = [0, 1].map(() => code.local('v128'));
    code.countDown(rows, 4, () => {
      code.advance(records, -record);
      code.advance(end, -16);
      for (const [point, norm] of normLanes.entries()) {
        code.set(norm, v128.load(records, norms + 16 * point));
      }
      code.set(shared, v128.load(records, before));
      field.multiply(shared, shared, inverse);
      for (const norm of normLanes) field.multiply(inverse, inverse, norm);
      const pairs: [Lanes, Lanes][][] = Array.from({ length: degree }, () => []);
      for (const point of [0, 1]) {
        const scale = code.local('v128');
        field.multiply(scale, shared, normLanes[1 - point]);
        const divisor = Array.from({ length: half }, (_, k) => {
          const value = code.hold(v128.load(records, 16 * (half * point + k)));
          field.multiply(value, value, scale);
          return value;
        });
        const value = Array.from({ length: degree }, (_, k) => {
          const place = i32.load(places, 4 * (degree * (1 + point) + k));
          return code.hold(v128.load(i32.add(place, end)));
        });
        for (const [k, more] of emitPairs(code, field, degree, value, divisor).entries()) {
          pairs[k].push(...more);
        }
      }
      const mask = lowBits(code);
      const result = code.local('v128');
      for (const [k, some] of pairs.entries()) {
        sumProducts(new WideSum(code, mask), result, some);
        code.store(i32.add(i32.load(places, 4 * k), end), result);
      }
    });
  });

  module.define(`quotient${degree}`, i32s(7), (code) => {
    const [constants, places, offset, xs, ys, rows, chunk] = [0, 1, 2, 3, 4, 5, 6].map((k) =>
      code.param(k, 'i32'),
    );
    const product = code.local('v128');
    const bytes = code.hold(i32.shiftLeft(chunk, i32.const(2)));
    code.loop((again) => {
      code.set(product, resultOf(forward, 'v128', constants, xs, ys, chunk));
      const inverse = emitBaseInverse(code, product);
      code.set(offset, i32.add(offset, bytes));
      code.set(ys, i32.add(ys, bytes));
      code.set(xs, i32.add(xs, i32.shiftRight(bytes, i32.const(1))));
      code.call(backward, inverse, places, offset, chunk);
      code.set(rows, i32.subtract(rows, chunk));
      code.branchIf(rows, again);
    });
  });
}

/**
 * (A + Bu) / (D u) = B / D + (A / (u^2 D)) u, as the products that each coordinate sums up. `divisor` is 1 / (u^2 D) for
 * degree 4, where u^2 = 2 + i, and 1 / D for degree 6, where u^2 = -1.
 */
function emitPairs(
  code: FunctionBuilder,
  field: LaneField,
  degree: 4 | 6,
  value: readonly Lanes[],
  divisor: readonly Lanes[],
): [Lanes, Lanes][][] {
  const fresh = (): Lanes => code.local('v128');
  if (degree === 4) {
    const [a0, a1, b0, b1] = value;
    const [e0, e1] = divisor;
    const [f0, f1] = [fresh(), fresh()];
    field.add(f0, e0, e0);
    field.subtract(f0, f0, e1);
    field.add(f1, e1, e1);
    field.add(f1, f1, e0);
    const complex = ([v0, v1]: Lanes[], [w0, w1]: Lanes[]): [Lanes, Lanes][][] => [
      [
        [v0, w0],
        [v1, negated(code, w1)],
      ],
      [
        [v0, w1],
        [v1, w0],
      ],
    ];
    return [...complex([b0, b1], [f0, f1]), ...complex([a0, a1], [e0, e1])];
  }
  const [f0, f1, f2] = divisor;
  const [f1x, f2x] = [f1, f2].map((coordinate) => {
    const times5 = fresh();
    field.add(times5, coordinate, coordinate);
    field.add(times5, times5, times5);
    field.add(times5, times5, coordinate);
    return times5;
  });
  const cubic = ([v0, v1, v2]: readonly Lanes[]): [Lanes, Lanes][][] => [
    [
      [v0, f0],
      [v1, f2x],
      [v2, f1x],
    ],
    [
      [v0, f1],
      [v1, f0],
      [v2, f2x],
    ],
    [
      [v0, f2],
      [v1, f1],
      [v2, f0],
    ],
  ];
  const minusLow = value.slice(0, 3).map((coordinate) => negated(code, coordinate));
  return [...cubic(value.slice(3)), ...cubic(minusLow)];
}
