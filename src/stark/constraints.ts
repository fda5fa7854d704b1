/**
 * The constraints at the out-of-domain point, verifier side: what the composition polynomial must be
 * there, computed from the opened values alone. `spec/7-proof-system.md`, "Constraints".
 */

import { createPointEvaluator } from './air/evaluate-at.ts';
import { parameterValue } from './air/expr.ts';
import type { Ext, ExtensionField } from './field/extension.ts';
import { inverse } from './field/m31.ts';
import { denominatorAt, powersOf } from './fingerprint.ts';
import type { Layout, TableLayout } from './layout.ts';
import {
  addExtPoints,
  doubleExtPoint,
  type ExtPoint,
  rowPoint,
  toExtPoint,
  vanishingExt,
} from './poly/domain.ts';
import { evaluateWithWeights, lagrangeAt } from './poly/lagrange.ts';
import type { Instance } from './system.ts';

export interface PointClaims {
  readonly zeta: ExtPoint;
  readonly alpha: Ext;
  readonly beta: Ext;
  readonly gamma: Ext;
  /** Each table's lookup sum. */
  readonly claimed: readonly Ext[];
  /** The opened value at a position of `layout.openings`. */
  readonly opened: (position: number) => Ext;
}

/** The composition polynomial at zeta by its committed halves: left + v * right. */
export function openedComposition(
  field: ExtensionField,
  layout: Layout,
  { zeta, opened }: PointClaims,
): Ext {
  const first = layout.openings.length - 2 * field.degree;
  const half = (from: number): Ext =>
    sumOnBasis(
      field,
      Array.from({ length: field.degree }, (_, k) => opened(from + k)),
    );
  const left = half(first);
  const right = half(first + field.degree);
  return field.add(left, field.mul(vanishingExt(field, layout.logRows, zeta.x), right));
}

/**
 * The composition polynomial at zeta by the constraints; undefined if a point is in a domain, which
 * an admissible zeta excludes.
 */
export function expectedComposition(
  field: ExtensionField,
  instance: Instance,
  layout: Layout,
  claims: PointClaims,
): Ext | undefined {
  const powers = powersOf(field, claims.gamma, layout.constraintCount);
  const weights = new Map<number, Uint32Array | undefined>();
  const weightsAt = (logRows: number, point: ExtPoint): Uint32Array | undefined => {
    if (!weights.has(logRows)) weights.set(logRows, lagrangeAt(field, point, logRows));
    return weights.get(logRows);
  };
  let sum = field.zero();
  for (const [index, table] of layout.tables.entries()) {
    const point = doubleExtPoint(field, claims.zeta, layout.logRows - table.logRows);
    const fixed = fixedValues(field, instance, table, claims, () =>
      weightsAt(table.logRows, point),
    );
    if (fixed === undefined) return undefined;
    // Before anything divides: no point of a table's own domain gets past this line.
    const vanishing = vanishingExt(field, table.logRows, point.x);
    if (field.isZero(vanishing)) return undefined;
    const value = tableConstraints(field, instance, table, claims, index, point, fixed, powers);
    sum = field.add(sum, field.mul(value, field.inverse(vanishing)));
  }
  return sum;
}

/** Values of a table's fixed columns: opened ones if constant, else computed from the instance. */
function fixedValues(
  field: ExtensionField,
  instance: Instance,
  { chip, constantHere }: TableLayout,
  { opened }: PointClaims,
  weights: () => Uint32Array | undefined,
): Ext[] | undefined {
  if (chip.fixedSource === 'none') return [];
  if (chip.fixedSource === 'constant') return constantHere.map(opened);
  const known = weights();
  const table = instance.fixedTables.get(chip.name);
  if (known === undefined || table === undefined) return undefined;
  return table.columns.map((column) => evaluateWithWeights(field, known, column));
}

/** Sum of gamma^i times constraint i of one table, lookup columns included. */
function tableConstraints(
  field: ExtensionField,
  instance: Instance,
  table: TableLayout,
  claims: PointClaims,
  index: number,
  point: ExtPoint,
  fixed: readonly Ext[],
  powers: Uint32Array,
): Ext {
  const { chip, logRows } = table;
  const { opened } = claims;
  const evaluate = createPointEvaluator(field, {
    main: (column) => opened(table.mainHere[column]!),
    next: (column) => opened(table.mainNext[column]!),
    fixed: (column) => fixed[column]!,
    lastRow: () => lastRowAt(field, logRows, point),
    parameter: (name) => parameterValue(instance.parameters, name),
  });
  let position = table.firstConstraint;
  let sum = field.zero();
  const include = (value: Ext): void => {
    const power = field.at(powers, position++ * field.degree);
    sum = field.add(sum, field.mul(power, value));
  };
  for (const { expr } of chip.constraints) include(evaluate(expr));

  const fraction = (interaction: number): { top: Ext; bottom: Ext } | undefined => {
    const found = chip.interactions[interaction];
    if (found === undefined) return undefined;
    const bottom = denominatorAt(field, claims, found.bus, found.message.map(evaluate));
    const top = evaluate(found.multiplicity);
    return { top: found.direction === 'send' ? top : field.neg(top), bottom };
  };
  const columns = Array.from({ length: table.lookupColumns }, (_, column) =>
    sumOnBasis(
      field,
      table.interactionHere.slice(column * field.degree, (column + 1) * field.degree).map(opened),
    ),
  );
  for (let column = 0; column < columns.length; column++) {
    let pairSum = columns[column]!;
    if (column === columns.length - 1) {
      // The last column is the running sum of the row: its own pair is what the others leave.
      const share = field.mulBase(claims.claimed[index]!, inverse(2 ** logRows));
      const further = sumOnBasis(field, table.interactionNext.map(opened));
      pairSum = field.add(field.sub(further, pairSum), share);
      for (const other of columns.slice(0, -1)) pairSum = field.sub(pairSum, other);
    }
    const first = fraction(2 * column)!;
    const second = fraction(2 * column + 1);
    const alone = field.sub(field.mul(pairSum, first.bottom), first.top);
    if (second === undefined) {
      include(alone);
    } else {
      include(field.sub(field.mul(alone, second.bottom), field.mul(second.top, first.bottom)));
    }
  }
  return sum;
}

/** The element of the extension polynomial whose base coordinates have these values. */
function sumOnBasis(field: ExtensionField, coordinates: readonly Ext[]): Ext {
  return coordinates.reduce(
    (sum, value, k) => field.add(sum, field.mul(value, field.basis(k))),
    field.zero(),
  );
}

/**
 * The polynomial that is 1 in the last row and 0 in all others, at a point outside the domain.
 *
 * With D the difference from the point of the last row and N = 2^logRows it is
 * y(D N/2) (1 + x(D)) / (N y(D)): the kernel (1/N) sum of w^k over |k| <= N/2, the ends halved, which
 * lies in the space of the circle FFT.
 */
export function lastRowAt(field: ExtensionField, logRows: number, point: ExtPoint): Ext {
  const { x, y } = rowPoint(logRows, 2 ** logRows - 1);
  const minus = toExtPoint(field, { x, y: y === 0 ? 0 : 0x7fffffff - y });
  const difference = addExtPoints(field, point, minus);
  const top = field.mul(
    doubleExtPoint(field, difference, logRows - 1).y,
    field.add(field.one(), difference.x),
  );
  const bottom = field.mulBase(difference.y, 2 ** logRows);
  return field.mul(top, field.inverse(bottom));
}
