import { describe, expect, it } from 'vitest';
import { ChipBuilder } from '../../../src/stark/air/chip.ts';
import { chipMarkdown, chipTableMarkdown, reportChip } from '../../../src/stark/air/describe.ts';
import { Evaluator, planGroups } from '../../../src/stark/air/evaluate.ts';
import { createPointEvaluator } from '../../../src/stark/air/evaluate-at.ts';
import { add, type Expr, lastRow, mul, next, parameter, sub } from '../../../src/stark/air/expr.ts';
import { countLookups } from '../../../src/stark/air/messages.ts';
import { Multiset } from '../../../src/stark/air/multiset.ts';
import { lastRowAt } from '../../../src/stark/constraints.ts';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { pointFromChallenge } from '../../../src/stark/poly/domain.ts';
import { evaluateWithWeights, lagrangeAt } from '../../../src/stark/poly/lagrange.ts';
import { rangeBus } from '../../../src/stark/tables/range.ts';
import { createExample, createSystem, fibonacci, P, squares } from '../../support/synthetic.ts';
import { createDice } from '../../support/tampering.ts';

const chip = new ChipBuilder('any');
const main = chip.columns('main', 4, 'a column');
const fixed = [chip.fixedColumn('fixed', 'a column')];

/** A random expression of about the given depth, with shared parts. */
function randomExpr(dice: (bound: number) => number, depth: number, made: Expr[]): Expr {
  if (made.length > 0 && dice(5) === 0) return made[dice(made.length)]!;
  if (depth === 0) {
    const leaves: Expr[] = [
      main[dice(4)]!,
      next(main[dice(4)]!),
      fixed[0]!,
      lastRow,
      parameter('limit'),
      { kind: 'constant', value: [0, 1, P - 1, dice(P)][dice(4)]! },
    ];
    return leaves[dice(leaves.length)]!;
  }
  const left = randomExpr(dice, depth - 1, made);
  const right = randomExpr(dice, depth - 1, made);
  const kind = (['add', 'sub', 'mul'] as const)[dice(3)]!;
  const expr: Expr = { kind, left, right };
  made.push(expr);
  return expr;
}

describe('batch evaluation', () => {
  for (const [name, rows] of [
    ['one block', 64],
    ['many blocks', 4096],
  ] as const) {
    it(`agrees with evaluation at a point, row by row: ${name}`, () => {
      const dice = createDice(rows);
      const edge = (): number => (dice(4) === 0 ? P - 1 - dice(2) : dice(P));
      const columns = main.map(() => Uint32Array.from({ length: rows }, edge));
      const fixedColumn = Uint32Array.from({ length: rows }, edge);
      const parameters = { limit: edge() };
      const made: Expr[] = [];
      const groups = Array.from({ length: 12 }, (_, i) =>
        Array.from({ length: 1 + (i % 3) }, () => randomExpr(dice, 5, made)),
      );
      const evaluator = new Evaluator(planGroups(groups, parameters), {
        rows,
        main: columns,
        fixed: [fixedColumn],
      });
      const results = groups.map((group) => group.map(() => new Uint32Array(rows)));
      let start = 0;
      evaluator.evaluateAll(
        (group, arrays, offsets, count) => {
          arrays.forEach((array, k) => {
            results[group]![k]!.set(array.subarray(offsets[k]!, offsets[k]! + count), start);
          });
        },
        (from) => {
          start = from;
        },
      );
      for (const row of [0, 1, 63, rows - 2, rows - 1, dice(rows), dice(rows)]) {
        const evaluate = createPointEvaluator(qm31, {
          main: (column) => qm31.fromBase(columns[column]![row]!),
          next: (column) => qm31.fromBase(columns[column]![(row + 1) % rows]!),
          fixed: () => qm31.fromBase(fixedColumn[row]!),
          lastRow: () => qm31.fromBase(row === rows - 1 ? 1 : 0),
          parameter: () => parameters.limit,
        });
        groups.forEach((group, g) => {
          group.forEach((expr, k) => {
            expect(qm31.fromBase(results[g]![k]![row]!)).toEqual(evaluate(expr));
          });
        });
      }
    });
  }

  it('computes a subexpression once, however it is written', () => {
    const product = () => mul(main[0]!, main[1]!);
    const swapped = mul(main[1]!, main[0]!);
    const plan = planGroups([[add(product(), swapped)], [sub(product(), 1)]], {});
    // mul, add, emit, subtract one, emit: four numbers each.
    expect(plan.operations.length).toBe(5 * 4);
  });

  it('names a parameter that is not given', () => {
    expect(() => planGroups([[parameter('limit')]], {})).toThrow('parameter limit');
    expect(() => planGroups([[parameter('limit')]], { limit: P })).toThrow('parameter limit');
  });

  it('hands out the lookups of a trace, with their multiplicities', () => {
    const { instance, trace } = createExample({ system: createSystem() });
    const seen = new Map<number, number>();
    countLookups(instance, trace.tables, rangeBus, ([bits, value], multiplicity) => {
      expect(bits).toBe(8);
      seen.set(value!, (seen.get(value!) ?? 0) + multiplicity);
    });
    const counts = trace.tables.at(-1)!.columns[0]!;
    expect([...seen.values()].reduce((sum, count) => sum + count)).toBe(3 * (29 + 13));
    for (const [value, count] of seen) expect(counts[value]).toBe(count);
  });
});

describe('a multiset', () => {
  it('keeps exact signed counts of many messages', () => {
    const multiset = new Multiset(2);
    const columns = [new Int32Array(5000), new Int32Array(5000)];
    const offsets = new Int32Array(2);
    for (let i = 0; i < 5000; i++) {
      columns[0]![i] = i;
      columns[1]![i] = i % 7;
      multiset.put(columns, offsets, i, 1, 1, 0, i);
    }
    for (let i = 4999; i > 0; i--) multiset.put(columns, offsets, i, 1, -1, 1, i);
    // Minus one sent is one received; p - 1 of them are not zero as integers.
    multiset.put(columns, offsets, 7, P - 1, 1, 2, 7);
    const left: unknown[] = [];
    multiset.forEachUnbalanced((...entry) => left.push(entry));
    expect(left).toEqual([
      [[0, 0], 1, 1, 0, 0],
      [[7, 0], -1, P - 1, 0, 7],
    ]);
  });
});

describe('the last-row selector in closed form', () => {
  for (const field of [qm31, degree6]) {
    it(`is the Lagrange polynomial of the last row over ${field.name}`, () => {
      const dice = createDice(5);
      for (const logRows of [4, 5, 9]) {
        const t = Uint32Array.from({ length: field.degree }, () => dice(P));
        const point = pointFromChallenge(field, t)!;
        const selector = new Uint32Array(2 ** logRows);
        selector[selector.length - 1] = 1;
        const expected = evaluateWithWeights(field, lagrangeAt(field, point, logRows)!, selector);
        expect(lastRowAt(field, logRows, point)).toEqual(expected);
      }
    });
  }
});

describe('the report of a chip', () => {
  it('counts what is committed', () => {
    expect(reportChip(squares)).toEqual({
      name: 'squares',
      columns: 5,
      fixedColumns: 0,
      nextColumns: 0,
      constraints: 2,
      greatestDegree: 2,
      terms: 4,
      lookupColumns: 2,
      cells: { degree4: 13, degree6: 17 },
      stride: 2,
    });
    expect(reportChip(fibonacci)).toMatchObject({
      nextColumns: 4,
      greatestDegree: 3,
      lookupColumns: 1,
    });
  });

  it('writes pages that name every column, rule and message', () => {
    const page = chipMarkdown(squares);
    for (const { name } of [...squares.columns, ...squares.constraints, ...squares.interactions]) {
      expect(page).toContain(name);
    }
    expect(page).toContain('`value * value - (low + 256 * high)`');
    expect(chipTableMarkdown([squares]).split('\n')[2]).toBe(
      '| squares | 5 | 0 | 2 | 2 | 4 | 13 | 17 | 2 |',
    );
  });
});
