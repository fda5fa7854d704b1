/**
 * Drivers of the circle FFT: emitted functions that transform one whole column, of any size from 2^5 values, in one call.
 *
 * One idea: steps whose strides fit into a block are done block by block while the block is in the cache, and
 * what is longer in passes over all of it; the passes of `fft-passes.ts` take any stride, so that these loops are
 * the same for all sizes. spec/11-kernels.md, "Circle FFT".
 */
import type { Callable, FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';
import {
  type Direction,
  definePasses,
  defineToIndexOrder,
  defineToIndexOrderByLines,
  LOG_BASE,
  type Passes,
} from './fft-passes.ts';
import { type I32, i32, i32x4, v128 } from './operations.ts';

/** Words of a row of the table of twiddles; row n: where xs, inverse xs, ys and inverse ys of H_n are. */
export const TABLE_WORDS = 4;

/**
 * log2 of the least column that is brought to index order by whole lines. With all of it outside the caches that takes
 * 1.5 ns a value whatever the size; by vectors 1.3 ns for 2^20 values, 1.8 to 2.1 for 2^21.
 */
const LEAST_BY_LINES = 21;

const tableColumns = { xs: 0, inverseXs: 4, ys: 8, inverseYs: 12 } as const;

const add = (...terms: readonly I32[]): I32 => terms.reduce((sum, term) => i32.add(sum, term));
const log = (value: number): I32 => i32.const(value);
const powerOf2 = (exponent: I32): I32 => i32.shiftLeft(i32.const(1), exponent);

/** The address of the twiddles of H_logSize. */
function twiddlesAt(table: I32, logSize: I32, column: keyof typeof tableColumns): I32 {
  return i32.load(add(table, i32.shiftLeft(logSize, log(4))), tableColumns[column]);
}

/** What the functions of a direction have in common: one column's shape. */
interface Shape {
  readonly logSize: I32;
  readonly table: I32;
}

/** Twiddles of the steps of stride 2^logStride from `offset` bytes of a half. */
function stepTwiddles(shape: Shape, direction: Direction, logStride: I32, offset: I32): I32 {
  const column = direction === 'interpolate' ? 'inverseXs' : 'xs';
  const start = twiddlesAt(shape.table, i32.subtract(shape.logSize, logStride), column);
  return add(start, i32.shiftRight(offset, add(logStride, log(1))));
}

/**
 * Whether the next pass takes two of `rest` steps, where it could take three. Threes never leave one, and are for
 * evaluating, and for strides longer than a block, where memory is slower than the vectors. In a block the
 * interpolation is quicker by twos: V8 has too few registers for its threes (1.17 units a butterfly, 1.24 by threes).
 */
function chooseTwo(direction: Direction, rest: I32, logFirst: I32): I32 {
  const isExact = i32.or(i32.equal(rest, log(2)), i32.equal(rest, log(4)));
  if (direction === 'evaluate') return isExact;
  const isEven = i32.isZero(i32.and(rest, log(1)));
  return i32.or(isExact, i32.and(isEven, i32.equal(logFirst, log(LOG_BASE))));
}

/**
 * `steps(from, to, offset, logCount, logFirst, logSize, table)`: all steps of strides from 2^logFirst to half of 2^logCount
 * on 2^logCount values, which are those from `offset` bytes of a half; the first pass reads at `from`.
 */
function defineSteps(module: ModuleBuilder, direction: Direction, passes: Passes): Callable {
  const params = Array.from({ length: 7 }, () => 'i32' as const);
  return module.define(`${direction}Steps`, params, (code) => {
    const [from, to, offset, logCount, logFirst, logSize, table] = params.map((type, k) =>
      code.param(k, type),
    );
    const shape = { logSize, table };
    const [rest, taken, logStride] = [0, 1, 2].map(() => code.local('i32'));
    code.set(rest, i32.subtract(logCount, logFirst));
    if (direction === 'interpolate') code.set(logStride, logFirst);
    code.block((done) => {
      code.loop((again) => {
        code.branchIf(i32.isZero(rest), done);
        code.set(taken, log(3));
        code.when(chooseTwo(direction, rest, logFirst), () => code.set(taken, log(2)));
        code.when(i32.equal(rest, log(1)), () => code.set(taken, log(1)));
        code.set(rest, i32.subtract(rest, taken));
        if (direction === 'evaluate') code.set(logStride, add(logFirst, rest));
        const above = (count: number): I32 =>
          stepTwiddles(shape, direction, add(logStride, log(count)), offset);
        const blocks = powerOf2(i32.subtract(logCount, add(logStride, taken)));
        const stride = i32.shiftLeft(log(4), logStride);
        const pass = (count: 1 | 2 | 3): void => {
          const twiddles = [0, 1, 2].map((k) => (k < count ? above(k) : log(0)));
          code.call(passes.steps[count - 1], from, to, blocks, stride, ...twiddles);
        };
        code.when(
          i32.equal(taken, log(3)),
          () => pass(3),
          () =>
            code.when(
              i32.equal(taken, log(2)),
              () => pass(2),
              () => pass(1),
            ),
        );
        code.set(from, to);
        if (direction === 'interpolate') code.set(logStride, add(logStride, taken));
        code.branch(again);
      });
    });
  });
}

/** Strides 1 to 8 and the step in y from `offset` bytes of both halves, `count` values each. */
function callBase(
  code: FunctionBuilder,
  direction: Direction,
  base: Callable,
  shape: Shape,
  operands: {
    readonly from: readonly [I32, I32];
    readonly to: readonly [I32, I32];
    readonly count: I32;
    readonly offset: I32;
  },
): void {
  const ys = twiddlesAt(
    shape.table,
    shape.logSize,
    direction === 'interpolate' ? 'inverseYs' : 'ys',
  );
  code.call(
    base,
    ...operands.from,
    ...operands.to,
    operands.count,
    add(ys, operands.offset),
    ...[0, 1, 2, 3].map((k) => stepTwiddles(shape, direction, log(k), operands.offset)),
    i32.subtract(log(31), shape.logSize),
  );
}

/** Repeats the body for `offset`, plus `bytes` each time, below `end`; it must be below at first. */
function upTo(
  code: FunctionBuilder,
  offset: Local<'i32'>,
  bytes: I32,
  end: I32,
  body: () => void,
): void {
  code.loop((again) => {
    body();
    code.set(offset, add(offset, bytes));
    code.branchIf(i32.lessThan(offset, end), again);
  });
}

/**
 * `interpolate(column, logSize, logBlock, table)`: values in index order become coefficients.
 *
 * In parts, for several threads: `interpolateBlocks(column, logSize, logBlock, start, end, table)` does the blocks from
 * `start` to below `end` bytes of both halves, then `interpolateSteps` what is longer, on either half.
 */
function defineInterpolate(module: ModuleBuilder): Callable {
  const passes = definePasses(module, 'interpolate');
  const steps = defineSteps(module, 'interpolate', passes);
  const six = Array.from({ length: 6 }, () => 'i32' as const);
  const blocks = module.define('interpolateBlocks', six, (code) => {
    const [column, logSize, logBlock, start, end, table] = six.map((type, k) =>
      code.param(k, type),
    );
    const shape = { logSize, table };
    const high = code.hold(add(column, i32.shiftLeft(log(2), logSize)));
    const blockBytes = code.hold(i32.shiftLeft(log(4), logBlock));
    const at = code.local('i32');
    upTo(code, start, blockBytes, end, () => {
      const halves = [add(column, start), add(high, start)] as const;
      callBase(code, 'interpolate', passes.base, shape, {
        from: halves,
        to: halves,
        count: powerOf2(logBlock),
        offset: start,
      });
      for (const half of halves) {
        code.set(at, half);
        code.call(steps, at, at, start, logBlock, log(LOG_BASE), logSize, table);
      }
    });
  });
  const params = ['i32', 'i32', 'i32', 'i32'] as const;
  return module.define('interpolate', params, (code) => {
    const [column, logSize, logBlock, table] = params.map((type, k) => code.param(k, type));
    const logHalf = code.hold(i32.subtract(logSize, log(1)));
    const halfBytes = code.hold(i32.shiftLeft(log(4), logHalf));
    code.call(blocks, column, logSize, logBlock, log(0), halfBytes, table);
    const at = code.hold(column);
    code.call(steps, at, at, log(0), logHalf, logBlock, logSize, table);
    code.set(at, add(at, halfBytes));
    code.call(steps, at, at, log(0), logHalf, logBlock, logSize, table);
  });
}

/**
 * `evaluate(coefficients, logCoefficients, values, logSize, logBlock, table)`: 2^logCoefficients coefficients become values
 * on H_logSize elsewhere. The steps over the padding are copies, which the first pass of each copy makes as it reads.
 *
 * In parts: `evaluateSteps` for either half of each copy, as far down as blocks, then `evaluateBlocks(values, logSize,
 * logBlock, start, end, table)` in place.
 */
function defineEvaluate(module: ModuleBuilder): Callable {
  const passes = definePasses(module, 'evaluate');
  const steps = defineSteps(module, 'evaluate', passes);
  // evaluateBlock(fromLow, fromHigh, low, high, offset, logBlock, logSize, table): a block at `offset` of both halves.
  const eight = Array.from({ length: 8 }, () => 'i32' as const);
  const block = module.define('evaluateBlock', eight, (code) => {
    const [fromLow, fromHigh, low, high, offset, logBlock, logSize, table] = eight.map((type, k) =>
      code.param(k, type),
    );
    const shape = { logSize, table };
    const halves = [
      [fromLow, low],
      [fromHigh, high],
    ] as const;
    code.when(i32.notEqual(logBlock, log(LOG_BASE)), () => {
      for (const [from, to] of halves) {
        code.call(steps, from, to, offset, logBlock, log(LOG_BASE), logSize, table);
        code.set(from, to);
      }
    });
    callBase(code, 'evaluate', passes.base, shape, {
      from: [fromLow, fromHigh],
      to: [low, high],
      count: powerOf2(logBlock),
      offset,
    });
  });
  const six = Array.from({ length: 6 }, () => 'i32' as const);
  const blocks = module.define('evaluateBlocks', six, (code) => {
    const [values, logSize, logBlock, start, end, table] = six.map((type, k) =>
      code.param(k, type),
    );
    const blockBytes = code.hold(i32.shiftLeft(log(4), logBlock));
    const halfBytes = code.hold(i32.shiftLeft(log(2), logSize));
    const [low, high] = [code.local('i32'), code.local('i32')];
    upTo(code, start, blockBytes, end, () => {
      code.set(low, add(values, start));
      code.set(high, add(low, halfBytes));
      code.call(block, low, high, low, high, start, logBlock, logSize, table);
    });
  });
  return module.define('evaluate', six, (code) => {
    const [coefficients, logCoefficients, values, logSize, logBlock, table] = six.map((type, k) =>
      code.param(k, type),
    );
    const logCopy = code.hold(i32.subtract(logCoefficients, log(1)));
    const copyBytes = code.hold(i32.shiftLeft(log(4), logCopy));
    const halfBytes = code.hold(i32.shiftLeft(log(2), logSize));
    const from = [coefficients, code.hold(add(coefficients, copyBytes))];
    const to = [code.local('i32'), code.local('i32')];
    const start = code.local('i32');
    upTo(code, start, copyBytes, halfBytes, () => {
      code.set(to[0], add(values, start));
      code.set(to[1], add(to[0], halfBytes));
      code.when(
        i32.equal(logCopy, logBlock),
        () => code.call(block, ...from, ...to, start, logBlock, logSize, table),
        () => {
          from.forEach((source, k) => {
            code.call(steps, source, to[k], start, logCopy, logBlock, logSize, table);
          });
          code.call(blocks, values, logSize, logBlock, start, add(start, copyBytes), table);
        },
      );
    });
  });
}

/** `interpolateRows(rows, column, logSize, logBlock, table)`: values in row order become coefficients elsewhere. */
function defineInterpolateRows(
  module: ModuleBuilder,
  toIndexOrder: Callable,
  byLines: Callable,
  interpolate: Callable,
): Callable {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.define('interpolateRows', params, (code) => {
    const [rows, column, logSize, logBlock, table] = params.map((type, k) => code.param(k, type));
    const half = code.hold(powerOf2(i32.subtract(logSize, log(1))));
    const places = [rows, column, add(column, i32.shiftLeft(half, log(2))), half];
    code.when(
      i32.lessThan(logSize, log(LEAST_BY_LINES)),
      () => code.call(toIndexOrder, ...places),
      () => code.call(byLines, ...places),
    );
    code.call(interpolate, column, logSize, logBlock, table);
  });
}

/**
 * `extendRows(rows, column, values, logSize, logBlock, table)`: both of the above, to the domain of twice as many points: a
 * column is one task from its rows to its values. A column of one value, as the upper limbs of narrow words or a flag that
 * no row sets, needs no transform: it is its own coefficient.
 */
function defineExtendRows(
  module: ModuleBuilder,
  interpolateRows: Callable,
  evaluate: Callable,
): void {
  const fill = module.define('fill', ['i32', 'i32', 'i32'], (code) => {
    const [column, count, word] = [0, 1, 2].map((k) => code.param(k, 'i32'));
    const value = code.hold(i32x4.splat(word));
    code.countDown(count, 4, () => {
      code.store(column, value);
      code.advance(column, 16);
    });
  });
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  module.define('extendRows', params, (code) => {
    const [rows, column, values, logSize, logBlock, table] = params.map((type, k) =>
      code.param(k, type),
    );
    const logValues = i32.add(logSize, i32.const(1));
    const first = code.hold(v128.loadSplat(rows));
    const [at, rest] = [code.hold(rows), code.hold(powerOf2(logSize))];
    code.block((done) => {
      code.block((varied) => {
        code.countDown(rest, 4, () => {
          code.branchIf(v128.anyTrue(v128.xor(v128.load(at), first)), varied);
          code.advance(at, 16);
        });
        code.call(fill, column, powerOf2(logSize), i32.const(0));
        code.storeWord(column, i32.load(rows));
        code.call(fill, values, powerOf2(logValues), i32.load(rows));
        code.branch(done);
      });
      code.call(interpolateRows, rows, column, logSize, logBlock, table);
      code.call(evaluate, column, logSize, values, logValues, logBlock, table);
    });
  });
}

/** `interpolateRows`, `interpolate`, `evaluate`, `extendRows` and what they call. */
export function defineTransforms(module: ModuleBuilder): void {
  const toIndexOrder = defineToIndexOrder(module);
  const interpolate = defineInterpolate(module);
  const byLines = defineToIndexOrderByLines(module);
  const rows = defineInterpolateRows(module, toIndexOrder, byLines, interpolate);
  defineExtendRows(module, rows, defineEvaluate(module));
}
