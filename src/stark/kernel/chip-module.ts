/**
 * The module of one chip: its lookups row by row, its constraints point by point. spec/11-kernels.md, "Constraints".
 *
 * One idea: what belongs together, a constraint or a pair of messages, is an item; items are packed into
 * functions that stay small enough for the engine's compiler, each with one loop over rows, and a driver
 * calls them block by block while the columns of a block are in the cache.
 * The meaning is `plain/lookup.ts` and `plain/composition.ts`.
 */
import {
  type Callable,
  type FunctionBuilder,
  type Local,
  ModuleBuilder,
  scratch,
} from './assembler.ts';
import { type ChipPlan, pack, pairOf } from './chip-plan.ts';
import {
  BLOCK_ROWS,
  defineDenominators,
  loadDenominator,
  TERM_OPERATIONS,
} from './denominators.ts';
import { emitProduct, type Lanes, WideSum } from './extension-lanes.ts';
import {
  defineMultiplicities,
  defineNorms,
  defineQuotients,
  scratchBytes,
  signedMultiplicity,
} from './fractions.ts';
import { LaneField } from './lanes.ts';
import { MAX_PAGES } from './memory.ts';
import { type I32, i32, i32x4, i64x2, v128 } from './operations.ts';
import { ElementSum, RowCode } from './row-code.ts';
import { SCRATCH_BYTES } from './threads.ts';

/** Vector operations of the loop body of a function, about: above it the compiler of Node 20 spills more and more. */
const BODY_OPERATIONS = 500;

/** Of a product of extension elements, for each coordinate squared, about. */
const PRODUCT_OPERATIONS = 13;

/**
 * Assembles the module. Its exports:
 * - `lookups(frame, start, rows, sums)`: numerators over denominators of all pairs, each row's total in the last column;
 *   adds the totals to `degree` vectors at `sums`, and sets the vector after them if a denominator is zero;
 * - `running(frame, start, rows, from)`: the totals become sums of those before, from the element at `from` on;
 * - `constraints(frame, constants, start, rows)`: adds to the quotient.
 * `start` counts rows, `rows` is a multiple of 4; blocks are rounded to `rows`.
 */
export function assembleChip(
  plan: ChipPlan,
  isShared: boolean,
): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: readonly string[];
} {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: isShared });
  if (plan.pairs > 0) {
    defineLookups(module, plan);
    defineRunning(module, plan);
  }
  if (plan.pairs > 0 || plan.constraints.length > 0) defineConstraints(module, plan);
  return { bytes: module.assemble(), names: module.names };
}

function pairCost(plan: ChipPlan, pair: number, done: Set<number>): number {
  const { degree, graph } = plan;
  const nodes = pairOf(plan, pair).map(({ multiplicity }) => multiplicity);
  return graph.cost(nodes, done) + PRODUCT_OPERATIONS * degree * degree * 2;
}

function defineLookups(module: ModuleBuilder, plan: ChipPlan): void {
  if (scratchBytes(plan) > SCRATCH_BYTES) {
    throw new RangeError(`chip: ${plan.fractions.length} interactions are too many`);
  }
  const parts = [...defineDenominators(module, plan, 'rows'), defineMultiplicities(module, plan)];
  const norms = defineNorms(module, plan);
  const quotients = defineQuotients(module, plan);
  const totals = defineTotals(module, plan);
  module.define('lookups', ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [frame, start, rows, sums] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    forEachBlock(code, start, rows, (count) => {
      for (const part of parts) code.call(part, frame, start, count);
      code.call(norms, count, sums);
      code.call(quotients, frame, start, count);
      code.call(totals, frame, start, count, sums);
    });
  });
}

/** Calls `body` for blocks of up to BLOCK_ROWS; `start` and `rows` count on. */
function forEachBlock(
  code: FunctionBuilder,
  start: Local<'i32'>,
  rows: Local<'i32'>,
  body: (count: Local<'i32'>) => void,
): void {
  const count = code.local('i32');
  code.loop((again) => {
    code.set(count, i32.const(BLOCK_ROWS));
    code.when(i32.lessThan(rows, i32.const(BLOCK_ROWS)), () => code.set(count, rows));
    body(count);
    code.set(start, i32.add(start, count));
    code.set(rows, i32.subtract(rows, count));
    code.branchIf(rows, again);
  });
}

/** The sum of all pairs into the last column, and added to `sums`. Parameters: frame, start, rows, sums. */
function defineTotals(module: ModuleBuilder, plan: ChipPlan): Callable {
  const { degree, layout, pairs } = plan;
  return module.define('totals', ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [frame, start, rows, sums] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const at = code.hold(i32.shiftLeft(start, i32.const(2)));
    const all = Array.from({ length: degree }, (_, k) => code.hold(v128.load(sums, 16 * k)));
    const [columns, rest, total] = [code.local('i32'), code.local('i32'), code.local('v128')];
    code.countDown(rows, 4, () => {
      all.forEach((sum, k) => {
        const cell = i32.add(i32.load(columns, layout.interaction + 4 * k), at);
        code.set(columns, frame);
        code.set(total, v128.load(cell));
        if (pairs > 1) {
          code.set(rest, i32.const(pairs - 1));
          code.countDown(rest, 1, () => {
            code.advance(columns, 4 * degree);
            field.add(total, total, v128.load(cell));
          });
          code.store(cell, total);
        }
        field.add(sum, sum, total);
      });
      code.advance(at, 16);
    });
    all.forEach((sum, k) => {
      code.store(sums, sum, 16 * k);
    });
  });
}

/** Parameters: frame, start, rows, from. */
function defineRunning(module: ModuleBuilder, plan: ChipPlan): void {
  const { degree, layout, pairs } = plan;
  module.define('running', ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [frame, start, rows, from] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const rest = code.local('i32');
    const at = code.local('i32');
    const zero = code.hold(i32x4.splat(i32.const(0)));
    const [value, moved, sum, share] = [0, 1, 2, 3].map(() => code.local('v128'));
    for (let k = 0; k < degree; k++) {
      const column = i32.load(frame, layout.interaction + 4 * (degree * (pairs - 1) + k));
      code.set(at, i32.add(column, i32.shiftLeft(start, i32.const(2))));
      code.set(rest, rows);
      code.set(sum, v128.loadSplat(from, 4 * k));
      code.set(share, v128.loadSplat(frame, layout.share + 4 * k));
      code.countDown(rest, 4, () => {
        field.subtract(value, v128.load(at), share);
        // Sums of one, two, then up to four lanes from the left.
        code.set(moved, i32x4.shuffle(zero, value, [0, 4, 5, 6]));
        field.add(value, value, moved);
        code.set(moved, i32x4.shuffle(zero, value, [0, 1, 4, 5]));
        field.add(value, value, moved);
        field.add(value, value, sum);
        code.store(at, i32x4.shuffle(sum, value, [0, 4, 5, 6]));
        code.set(sum, i32x4.shuffle(value, value, [3, 3, 3, 3]));
        code.advance(at, 16);
      });
    }
  });
}

type Item =
  | { readonly kind: 'constraint'; readonly index: number }
  | { readonly kind: 'pair'; readonly pair: number };

function defineConstraints(module: ModuleBuilder, plan: ChipPlan): void {
  const { constraints, degree, graph, pairs } = plan;
  const items: Item[] = [
    ...constraints.map((_, index): Item => ({ kind: 'constraint', index })),
    ...Array.from({ length: pairs }, (_, pair): Item => ({ kind: 'pair', pair })),
  ];
  const denominators = defineDenominators(module, plan, 'points');
  const parts = pack(items, BODY_OPERATIONS, (item, done) => {
    if (item.kind === 'pair') return pairCost(plan, item.pair, done);
    return graph.cost([constraints[item.index]!], done) + TERM_OPERATIONS * degree;
  }).map((part, number) => defineConstraintPart(module, plan, part, number));
  module.define('constraints', ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [frame, constants, start, rows] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    forEachBlock(code, start, rows, (count) => {
      for (const part of denominators) code.call(part, frame, start, count);
      for (const part of parts) code.call(part, frame, constants, start, count);
    });
  });
}

/** Adds some constraints, each times its constant, to the quotient. Parameters: frame, constants, start, rows. */
function defineConstraintPart(
  module: ModuleBuilder,
  plan: ChipPlan,
  items: readonly Item[],
  number: number,
): Callable {
  const { constraints, degree, graph, layout } = plan;
  return module.define(`constraints${number}`, ['i32', 'i32', 'i32', 'i32'], (code) => {
    const [frame, constants, start, rows] = [0, 1, 2, 3].map((k) => code.param(k, 'i32'));
    const at = code.hold(i32.shiftLeft(start, i32.const(2)));
    const room = code.hold(scratch);
    code.countDown(rows, 4, () => {
      const rowCode = new RowCode(code, graph, layout, frame, at, 'points');
      const sums = Array.from({ length: degree }, (_, k) => {
        const sum = new WideSum(code, rowCode.mask);
        const before = rowCode.column(layout.quotient + 4 * k);
        code.set(sum.low, i64x2.extendLow(before));
        code.set(sum.high, i64x2.extendHigh(before));
        return sum;
      });
      const sum = new ElementSum(code, sums);
      for (const item of items) {
        if (item.kind === 'constraint') {
          const value = rowCode.value(constraints[item.index]!);
          sum.add(value, constants, 4 * degree * item.index);
          continue;
        }
        const values = emitPair(plan, rowCode, room, item.pair);
        values.forEach((value, k) => {
          const index = constraints.length + degree * item.pair + k;
          sum.add(value, constants, 4 * degree * index);
        });
      }
      sum.finish().forEach((value, k) => {
        code.store(rowCode.rowsOf(layout.quotient + 4 * k), value);
      });
      code.advance(at, 16);
      code.advance(room, 16);
    });
  });
}

/** (X d1 - m1) d2 - m2 d1, or X d1 - m1 for a fraction alone: zero where X is the sum of the pair. */
function emitPair(plan: ChipPlan, rows: RowCode, room: I32, pair: number): Lanes[] {
  const { degree } = plan;
  const { code, field } = rows;
  const [first, second] = pairOf(plan, pair);
  const d1 = loadDenominator(plan, code, room, first!.index);
  const alone = emitProduct(code, degree, pairSum(plan, rows, pair), d1);
  field.subtract(alone[0]!, alone[0]!, signedMultiplicity(rows, first!));
  if (second === undefined) return alone;
  const m2 = signedMultiplicity(rows, second);
  const doubled = code.hold(i32x4.add(m2, m2));
  const d2 = loadDenominator(plan, code, room, second.index);
  return emitProduct(code, degree, alone, d2).map((value, k) => {
    const product = code.local('v128');
    field.multiplyDoubled(product, d1[k]!, doubled);
    field.subtract(product, value, product);
    return product;
  });
}

/** The sum of a pair: its column, or for the last one S(next) - S + share less all other columns. */
function pairSum({ degree, layout, pairs }: ChipPlan, rows: RowCode, pair: number): Lanes[] {
  const { field } = rows;
  const columnOf = (of: number, k: number): number => layout.interaction + 4 * (degree * of + k);
  return Array.from({ length: degree }, (_, k) => {
    if (pair < pairs - 1) return rows.column(columnOf(pair, k));
    const sum = rows.nextColumn(columnOf(pair, k));
    field.subtract(sum, sum, rows.column(columnOf(pair, k)));
    field.add(sum, sum, rows.splat(layout.share + 4 * k));
    for (let other = 0; other < pairs - 1; other++) {
      field.subtract(sum, sum, rows.column(columnOf(other, k)));
    }
    return sum;
  });
}
