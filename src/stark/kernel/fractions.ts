/**
 * Fractions of a chip's lookups for a block of rows: m1 / d1 + m2 / d2 for each pair, from denominators in the scratch.
 *
 * One idea: the inverse of d is its conjugates' product over its norm, and norms are base elements. So what is
 * inverted together, in a chain of running products, are base elements, and no product of two extension elements
 * is left: a fraction is the conjugate of d times an element of the subfield. spec/11-kernels.md, "Constraints".
 */
import {
  type Callable,
  type FunctionBuilder,
  type Local,
  type ModuleBuilder,
  scratch,
} from './assembler.ts';
import type { ChipPlan, Fraction } from './chip-plan.ts';
import { BLOCK_ROWS, denominatorAt } from './denominators.ts';
import { emitBaseInverse, emitRelativeNorm, emitSubfieldNorm } from './extension-inverse.ts';
import { type Lanes, lowBits, negated, sumProducts, WideSum } from './extension-lanes.ts';
import { LaneField } from './lanes.ts';
import { i32, i32x4, v128 } from './operations.ts';
import { RowCode } from './row-code.ts';

/** A coordinate of a block. */
const VECTOR_BYTES = 4 * BLOCK_ROWS;

/** What a fraction has beside its denominator: subfield coordinates of the cofactor, then these. */
const extras = ({ degree }: ChipPlan) => {
  const cofactor = degree / 2;
  return { norm: cofactor, before: cofactor + 1, multiplicity: cofactor + 2, count: cofactor + 3 };
};

/** Byte offset in the scratch of an extra of a fraction. */
function extraAt(plan: ChipPlan, fraction: number, extra: number): number {
  const first = denominatorAt(plan, plan.fractions.length, 0);
  return first + VECTOR_BYTES * (extras(plan).count * fraction + extra);
}

/** Bytes of scratch that a block takes. */
export function scratchBytes(plan: ChipPlan): number {
  return extraAt(plan, plan.fractions.length, 0) + 16;
}

/** Writes the multiplicities of all fractions, negated for receives. Parameters: frame, start, rows. */
export function defineMultiplicities(module: ModuleBuilder, plan: ChipPlan): Callable {
  const { fractions, graph, layout } = plan;
  return module.define('multiplicities', ['i32', 'i32', 'i32'], (code) => {
    const [frame, start, rows] = [0, 1, 2].map((k) => code.param(k, 'i32'));
    const at = code.hold(i32.shiftLeft(start, i32.const(2)));
    const room = code.hold(scratch);
    code.countDown(rows, 4, () => {
      const rowCode = new RowCode(code, graph, layout, frame, at, 'rows');
      for (const fraction of fractions) {
        const value = signedMultiplicity(rowCode, fraction);
        code.store(room, value, extraAt(plan, fraction.index, extras(plan).multiplicity));
      }
      code.advance(at, 16);
      code.advance(room, 16);
    });
  });
}

/** The multiplicity, negated for receives: in [0, p]. */
export function signedMultiplicity(rows: RowCode, { interaction, multiplicity }: Fraction): Lanes {
  const value = rows.value(multiplicity);
  return interaction.direction === 'send' ? value : rows.negated(value);
}

/** Calls `body` for all pairs of fractions, with the fractions of the pair, and for one that is alone at the end. */
function forEachPair(
  code: FunctionBuilder,
  { fractions, pairs }: ChipPlan,
  order: 'up' | 'down',
  advance: (pairs: 1 | -1) => void,
  body: (fractions: readonly number[]) => void,
): void {
  const whole = Math.floor(fractions.length / 2);
  const loop = (): void => {
    if (whole === 0) return;
    const rest = code.hold(i32.const(whole));
    code.countDown(rest, 1, () => {
      if (order === 'down') advance(-1);
      body([0, 1]);
      if (order === 'up') advance(1);
    });
  };
  const alone = (): void => {
    if (whole < pairs) body([0]);
  };
  if (order === 'up') loop();
  alone();
  if (order === 'down') loop();
}

/**
 * Norms of all denominators, the product of all before each, and the inverse of all behind the extras; a denominator that
 * is zero sets the vector after `degree` ones at `sums`. Parameters: rows, sums.
 */
export function defineNorms(module: ModuleBuilder, plan: ChipPlan): Callable {
  const { degree, fractions } = plan;
  const { norm: normAt, before, count } = extras(plan);
  return module.define('norms', ['i32', 'i32'], (code) => {
    const [rows, sums] = [0, 1].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const all = code.hold(i32x4.splat(i32.const(1)));
    const [denominators, extra] = [code.hold(scratch), code.hold(scratch)];
    const [from, to, rest] = [0, 1, 2].map(() => code.local('i32'));
    const advance = (): void => {
      code.advance(denominators, 2 * degree * VECTOR_BYTES);
      code.advance(extra, 2 * count * VECTOR_BYTES);
    };
    forEachPair(code, plan, 'up', advance, (of) => {
      code.set(from, denominators);
      code.set(to, extra);
      code.set(rest, rows);
      code.countDown(rest, 4, () => {
        for (const fraction of of) {
          const value = Array.from({ length: degree }, (_, k) =>
            code.hold(v128.load(from, denominatorAt(plan, fraction, k))),
          );
          const relative = emitRelativeNorm(code, degree, value);
          const { cofactor, norm } = emitSubfieldNorm(code, degree, relative);
          cofactor.forEach((coordinate, k) => {
            code.store(to, coordinate, extraAt(plan, fraction, k));
          });
          code.store(to, norm, extraAt(plan, fraction, normAt));
          code.store(to, all, extraAt(plan, fraction, before));
          field.multiply(all, all, norm);
        }
        code.advance(from, 16);
        code.advance(to, 16);
      });
    });
    const isZero = i32x4.equal(all, i32x4.splat(i32.const(0)));
    const flag = 16 * degree;
    code.store(sums, v128.or(v128.load(sums, flag), isZero), flag);
    code.store(scratch, emitBaseInverse(code, all), extraAt(plan, fractions.length, 0));
  });
}

/** The sums of all pairs into their columns, from what `norms` has left. Parameters: frame, start, rows. */
export function defineQuotients(module: ModuleBuilder, plan: ChipPlan): Callable {
  const { degree, fractions, layout } = plan;
  const whole = Math.floor(fractions.length / 2);
  const { norm: normAt, before, multiplicity, count } = extras(plan);
  return module.define('quotients', ['i32', 'i32', 'i32'], (code) => {
    const [frame, start, rows] = [0, 1, 2].map((k) => code.param(k, 'i32'));
    const field = new LaneField(code);
    const mask = lowBits(code);
    const inverse = code.hold(v128.load(scratch, extraAt(plan, fractions.length, 0)));
    const offset = (bytes: number): Local<'i32'> => code.hold(i32.add(scratch, i32.const(bytes)));
    const denominators = offset(2 * degree * VECTOR_BYTES * whole);
    const extra = offset(2 * count * VECTOR_BYTES * whole);
    const columns = code.hold(i32.add(frame, i32.const(4 * degree * whole)));
    const end = code.hold(i32.shiftLeft(i32.add(start, rows), i32.const(2)));
    const bytes = code.hold(i32.shiftLeft(rows, i32.const(2)));
    const [from, by, at, rest] = [0, 1, 2, 3].map(() => code.local('i32'));
    const product = (left: Lanes, right: Lanes): Lanes => {
      const result = code.local('v128');
      field.multiply(result, left, right);
      return result;
    };
    const goBack = (): void => {
      code.advance(denominators, -2 * degree * VECTOR_BYTES);
      code.advance(extra, -2 * count * VECTOR_BYTES);
      code.advance(columns, -4 * degree);
    };
    forEachPair(code, plan, 'down', goBack, (of) => {
      code.set(from, i32.add(denominators, bytes));
      code.set(by, i32.add(extra, bytes));
      code.set(at, end);
      code.set(rest, rows);
      code.countDown(rest, 4, () => {
        for (const pointer of [from, by, at]) code.advance(pointer, -16);
        const terms = Array.from({ length: degree }, (): (readonly [Lanes, Lanes])[] => []);
        for (const fraction of of.toReversed()) {
          const load = (k: number): Lanes => code.hold(v128.load(by, extraAt(plan, fraction, k)));
          const scale = product(product(inverse, load(before)), load(multiplicity));
          field.multiply(inverse, inverse, load(normAt));
          const factor = Array.from({ length: degree / 2 }, (_, k) => product(load(k), scale));
          const value = Array.from({ length: degree }, (_, k) =>
            code.hold(v128.load(from, denominatorAt(plan, fraction, k))),
          );
          conjugateTerms(code, field, degree, value, factor).forEach((pair, k) => {
            terms[k]!.push(...pair);
          });
        }
        terms.forEach((list, k) => {
          const result = code.local('v128');
          sumProducts(new WideSum(code, mask), result, list);
          code.store(i32.add(i32.load(columns, layout.interaction + 4 * k), at), result);
        });
      });
    });
  });
}

/** The products that sum to the coordinates of (A - Bu) f, for A + Bu = `value` and f = `factor` in the subfield. */
function conjugateTerms(
  code: FunctionBuilder,
  field: LaneField,
  degree: 4 | 6,
  value: readonly Lanes[],
  factor: readonly Lanes[],
): (readonly (readonly [Lanes, Lanes])[])[] {
  const [low, high] = [value.slice(0, degree / 2), value.slice(degree / 2)];
  const minus = factor.map((coordinate) => negated(code, coordinate));
  if (degree === 4) {
    const [f0, f1] = factor as [Lanes, Lanes];
    const [n0, n1] = minus as [Lanes, Lanes];
    const [a0, a1] = low as [Lanes, Lanes];
    const [b0, b1] = high as [Lanes, Lanes];
    return [
      [
        [a0, f0],
        [a1, n1],
      ],
      [
        [a0, f1],
        [a1, f0],
      ],
      [
        [b0, n0],
        [b1, f1],
      ],
      [
        [b0, n1],
        [b1, n0],
      ],
    ];
  }
  const times5 = (coordinate: Lanes): Lanes => {
    const result = code.local('v128');
    field.add(result, coordinate, coordinate);
    field.add(result, result, result);
    field.add(result, result, coordinate);
    return result;
  };
  const cubic = (left: readonly Lanes[], right: readonly Lanes[]) => {
    const [l0, l1, l2] = left as [Lanes, Lanes, Lanes];
    const [r0, r1, r2] = right as [Lanes, Lanes, Lanes];
    const [x1, x2] = [times5(r1), times5(r2)];
    return [
      [
        [l0, r0],
        [l1, x2],
        [l2, x1],
      ],
      [
        [l0, r1],
        [l1, r0],
        [l2, x2],
      ],
      [
        [l0, r2],
        [l1, r1],
        [l2, r0],
      ],
    ] as const;
  };
  return [...cubic(low, factor), ...cubic(high, minus)];
}
