/**
 * The DEEP word: one function that is of low degree only if every column is, and has the values
 * claimed at zeta and one row further. `spec/7-proof-system.md`, "DEEP".
 *
 * A base field column takes conjugate values at conjugate points, so the line in y through its values
 * at a point and the conjugate one is subtracted, and the difference divided by the line through both
 * points. Columns of lower tables are read as functions on the greatest domain, so the same two points
 * serve all. Position i of `layout.openings` has the factor delta^i.
 */

import type { Ext, ExtensionField } from './field/extension.ts';
import { powersOf } from './fingerprint.ts';
import type { OpenedRows } from './hash/merkle-verify.ts';
import { type Layout, type TreeName, treeNames } from './layout.ts';
import {
  addExtPoints,
  type CirclePoint,
  type ExtPoint,
  indexPoint,
  subgroupGenerator,
  toExtPoint,
} from './poly/domain.ts';

/** The denominator `byX * x + byY * y + rest` and the line `slope * y + offset` of one point. */
export interface DeepLine {
  readonly byX: Ext;
  readonly byY: Ext;
  readonly rest: Ext;
  readonly slope: Ext;
  readonly offset: Ext;
}

/** zeta and zeta + g, the point one row further in the tallest table and so in every table. */
export function openedPoints(
  field: ExtensionField,
  logRows: number,
  zeta: ExtPoint,
): readonly [ExtPoint, ExtPoint] {
  const step = toExtPoint(field, subgroupGenerator(logRows));
  return [zeta, addExtPoints(field, zeta, step)];
}

/** Both lines, batched with the powers of delta. `values`: consecutive elements, one for each opening. */
export function deepLines(
  field: ExtensionField,
  layout: Layout,
  values: Uint32Array,
  powers: Uint32Array,
  points: readonly [ExtPoint, ExtPoint],
): readonly [DeepLine, DeepLine] {
  const sums = [0, 1].map(() => ({ value: field.zero(), conjugate: field.zero() }));
  layout.openings.forEach(({ point }, position) => {
    const power = field.at(powers, position * field.degree);
    const value = field.at(values, position * field.degree);
    const sum = sums[point]!;
    sum.value = field.add(sum.value, field.mul(power, value));
    sum.conjugate = field.add(sum.conjugate, field.mul(power, field.conjugate(value)));
  });
  const line = (point: ExtPoint, sum: { value: Ext; conjugate: Ext }): DeepLine => {
    const byX = field.sub(field.conjugate(point.y), point.y);
    const byY = field.sub(point.x, field.conjugate(point.x));
    const rest = field.neg(field.add(field.mul(point.x, byX), field.mul(point.y, byY)));
    const slope = field.mul(field.sub(sum.conjugate, sum.value), field.inverse(byX));
    const offset = field.sub(sum.value, field.mul(slope, point.y));
    return { byX, byY, rest, slope, offset };
  };
  return [line(points[0], sums[0]!), line(points[1], sums[1]!)];
}

/** The denominator at a point of the evaluation domain; not zero for an admissible zeta. */
export function denominatorOf(field: ExtensionField, line: DeepLine, point: CirclePoint): Ext {
  const x = field.mulBase(line.byX, point.x);
  const y = field.mulBase(line.byY, point.y);
  return field.add(field.add(x, y), line.rest);
}

/** How the verifier computes the word where it is queried, from the opened rows of all trees. */
export function createWordReader(
  field: ExtensionField,
  layout: Layout,
  logBlowup: number,
  powers: Uint32Array,
  lines: readonly [DeepLine, DeepLine],
  rows: Readonly<Record<TreeName, OpenedRows | undefined>>,
): (index: number) => Ext {
  const logSize = layout.logRows + logBlowup;
  const plan = readingPlan(layout, logSize);
  const { degree } = field;
  return (index) => {
    const sums = [field.zero(), field.zero()];
    for (const { tree, table, shift, openings } of plan) {
      const row = rows[tree]!.row(table, Math.floor(index / 2 ** shift));
      for (const { column, point, position } of openings) {
        field.mulBaseAddAt(sums[point]!, 0, powers, position * degree, row[column]!);
      }
    }
    const at = indexPoint(logSize, index);
    let word = field.zero();
    for (const [point, line] of lines.entries()) {
      const value = field.add(field.mulBase(line.slope, at.y), line.offset);
      const quotient = field.mul(
        field.sub(sums[point]!, value),
        field.inverse(denominatorOf(field, line, at)),
      );
      word = field.add(word, quotient);
    }
    return word;
  };
}

interface ReadRow {
  readonly tree: TreeName;
  readonly table: number;
  /** From an index of the word to an index of the tree's tallest table. */
  readonly shift: number;
  readonly openings: { column: number; point: 0 | 1; position: number }[];
}

/** The rows of all trees that an index of the word needs, with what is read from each. */
function readingPlan(layout: Layout, logSize: number): ReadRow[] {
  const rowsOf = (tree: TreeName): ReadRow[] => {
    const shift = logSize - treeLogSize(layout, tree);
    return layout.trees[tree].map((_, table) => ({ tree, table, shift, openings: [] }));
  };
  const rows: Record<TreeName, ReadRow[]> = {
    main: rowsOf('main'),
    interaction: rowsOf('interaction'),
    constant: rowsOf('constant'),
    composition: rowsOf('composition'),
  };
  layout.openings.forEach(({ tree, table, column, point }, position) => {
    rows[tree][table]!.openings.push({ column, point, position });
  });
  return treeNames.flatMap((tree) => rows[tree]);
}

/** log2 of the leaves of a tree that is not empty. */
export function treeLogSize(layout: Layout, tree: TreeName): number {
  return Math.max(0, ...layout.trees[tree].map(({ logHeight }) => logHeight));
}

/** Where a tree is opened for the queried indices of the word. */
export function treeIndices(
  layout: Layout,
  logBlowup: number,
  tree: TreeName,
  indices: Uint32Array,
): Uint32Array {
  const shift = layout.logRows + logBlowup - treeLogSize(layout, tree);
  return indices.map((index) => index >>> shift);
}

export function deepPowers(field: ExtensionField, layout: Layout, delta: Ext): Uint32Array {
  return powersOf(field, delta, layout.openings.length);
}
