/**
 * The composition polynomial, prover side. `spec/7-proof-system.md`, "Constraints".
 *
 * All constraints of all tables, each times its power of gamma and divided by the vanishing polynomial
 * of its own table, as one polynomial of twice the greatest height: a quotient is computed on the
 * domain of twice the table's height, summed over tables of equal height, interpolated, and lifted to
 * the full height by moving coefficients. Its two halves are committed.
 */

import type { ChipDescription } from '../air/chip.ts';
import { BLOCK_ROWS, Evaluator, planGroups } from '../air/evaluate.ts';
import { forEachLeaf } from '../air/expr.ts';
import type { ConstraintChallenges, ExtendedTable, Pause } from '../engine.ts';
import type { Ext, ExtColumn, ExtensionField } from '../field/extension.ts';
import { addColumns, createExtColumn } from '../field/extension-column.ts';
import { add, inverse, mul, sub } from '../field/m31.ts';
import { powersOf } from '../fingerprint.ts';
import type { Layout, TableLayout } from '../layout.ts';
import { liftCoefficients, splitCoefficients } from '../poly/coefficients.ts';
import { indexPoint, rowToIndexTable, vanishing } from '../poly/domain.ts';
import { evaluateOn, interpolateInPlace, interpolateRows } from '../poly/fft.ts';
import type { Instance } from '../system.ts';
import { Combination } from './combine.ts';
import { multiplyBlocks } from './extension-blocks.ts';
import { Fractions } from './fractions.ts';

/** Coefficients of both halves, see `Engine`. */
export async function compositionColumns(
  field: ExtensionField,
  instance: Instance,
  layout: Layout,
  tables: readonly ExtendedTable[],
  claimed: readonly Ext[],
  challenges: ConstraintChallenges,
  pause: Pause,
): Promise<Uint32Array[]> {
  const powers = powersOf(field, challenges.gamma, layout.constraintCount);
  const quotients = new Map<number, Uint32Array[]>();
  for (const [index, table] of layout.tables.entries()) {
    let quotient = quotients.get(table.logRows);
    if (quotient === undefined) {
      quotient = createExtColumn(field, 2 ** (table.logRows + 1));
      quotients.set(table.logRows, quotient);
    }
    const share = field.mulBase(claimed[index]!, inverse(2 ** table.logRows));
    await addQuotient(
      field,
      instance,
      table,
      tables[index]!,
      share,
      challenges,
      powers,
      quotient,
      pause,
    );
  }
  const whole = createExtColumn(field, 2 ** (layout.logRows + 1));
  for (const [logRows, quotient] of quotients) {
    for (const [k, values] of quotient.entries()) {
      interpolateInPlace(values);
      const lifted = liftCoefficients(values, layout.logRows - logRows);
      addColumns([whole[k]!], [whole[k]!], [lifted]);
      await pause();
    }
  }
  const halves = whole.map(splitCoefficients);
  return [...halves.map(({ left }) => left), ...halves.map(({ right }) => right)];
}

/** For each index of the doubled domain the index of the point one row of the table further. */
function nextIndices(logRows: number): Uint32Array {
  const toIndex = rowToIndexTable(logRows + 1);
  const next = new Uint32Array(toIndex.length);
  const mask = toIndex.length - 1;
  // One row of the table is two of the doubled domain.
  for (let row = 0; row < toIndex.length; row++) next[toIndex[row]!] = toIndex[(row + 2) & mask]!;
  return next;
}

/** 1 / v at the points of the doubled domain, where v takes one value on each quarter of the indices. */
function inverseVanishing(logRows: number): number[] {
  return [0, 1, 2, 3].map((quarter) =>
    inverse(vanishing(logRows, indexPoint(logRows + 1, quarter * 2 ** (logRows - 1)).x)),
  );
}

/** The last-row selector on the doubled domain. */
function extendedLastRow(logRows: number): Uint32Array {
  const selector = new Uint32Array(2 ** logRows);
  selector[selector.length - 1] = 1;
  return evaluateOn(interpolateRows(selector, logRows), logRows + 1);
}

function usesLastRow(chip: ChipDescription): boolean {
  let found = false;
  const visit = (leaf: { readonly kind: string }): void => {
    if (leaf.kind === 'lastRow') found = true;
  };
  for (const { expr } of chip.constraints) forEachLeaf(expr, visit);
  for (const { message, multiplicity } of chip.interactions) {
    for (const part of [...message, multiplicity]) forEachLeaf(part, visit);
  }
  return found;
}

const GROUP = 4;

/** Adds one table's quotient to `quotient`. */
export async function addQuotient(
  field: ExtensionField,
  instance: Instance,
  table: TableLayout,
  extended: ExtendedTable,
  share: Ext,
  challenges: ConstraintChallenges,
  powers: Uint32Array,
  quotient: ExtColumn,
  pause: Pause,
): Promise<void> {
  const { chip, logRows, firstConstraint } = table;
  const { degree } = field;
  const { constraints, interactions } = chip;
  const rows = 2 ** (logRows + 1);
  const blockRows = Math.min(BLOCK_ROWS, rows);
  const constraintGroups = Math.ceil(constraints.length / GROUP);
  const groups = Array.from({ length: constraintGroups }, (_, i) =>
    constraints.slice(i * GROUP, (i + 1) * GROUP).map(({ expr }) => expr),
  );
  const plan = planGroups(
    [...groups, ...interactions.map(({ message, multiplicity }) => [...message, multiplicity])],
    instance.parameters,
  );
  const gammaOf = (lookupColumn: number): Ext =>
    field.at(powers, (firstConstraint + constraints.length + lookupColumn) * degree);
  const fractions = new Fractions(
    field,
    plan,
    constraintGroups,
    interactions,
    challenges,
    (interaction) => (interaction % 2 === 0 ? gammaOf(interaction >> 1) : undefined),
  );
  const nextRow = nextIndices(logRows);
  const evaluator = new Evaluator(plan, {
    rows,
    main: extended.main,
    fixed: extended.fixed,
    nextRow,
    ...(usesLastRow(chip) ? { lastRow: extendedLastRow(logRows) } : {}),
  });
  const inverses = inverseVanishing(logRows);
  const combination = new Combination(degree);
  const block = (): Uint32Array[] => createExtColumn(field, blockRows);
  const [first, second, value, result] = [block(), block(), block(), block()];
  const multiplicities = [new Uint32Array(blockRows), new Uint32Array(blockRows)];
  const lastColumn = table.lookupColumns - 1;

  for (let start = 0; start < rows; start += blockRows) {
    const columnAt = (column: number): Uint32Array[] =>
      extended.interaction
        .slice(column * degree, (column + 1) * degree)
        .map((coordinate) => coordinate.subarray(start, start + blockRows));
    combination.begin(blockRows);
    for (const coordinate of result) coordinate.fill(0);
    evaluator.evaluate(start, blockRows, (group, arrays, offsets) => {
      if (group < constraintGroups) {
        combination.add(arrays, offsets, arrays.length, powers, firstConstraint + group * GROUP);
        return;
      }
      const index = group - constraintGroups;
      const side = index % 2;
      fractions.denominators(index, arrays, offsets, blockRows, side === 0 ? first : second);
      fractions.multiplicities(index, arrays, offsets, blockRows, multiplicities[side]!);
      if (side === 0 && index < interactions.length - 1) return;
      const column = index >> 1;
      // gamma * ((X d1 - m1) d2 - m2 d1), or gamma * (X d1 - m1) for a fraction alone, where X is the
      // sum of the pair and `first` holds gamma * d1.
      let pairSum: ExtColumn = columnAt(column);
      if (column === lastColumn) {
        const sums = extended.interaction.slice(lastColumn * degree);
        stepOfSum(value, sums, nextRow, start, share);
        for (let before = 0; before < lastColumn; before++) subColumn(value, columnAt(before));
        pairSum = value;
      }
      multiplyBlocks(field, value, pairSum, first);
      subConstantTimes(value, gammaOf(column), multiplicities[0]!);
      if (side === 1) {
        multiplyBlocks(field, value, value, second);
        subTimes(value, first, multiplicities[1]!);
      }
      addColumns(result, result, value);
    });
    combination.finish(value, 0);
    addColumns(result, result, value);
    for (let k = 0; k < degree; k++) {
      const target = quotient[k]!;
      const values = result[k]!;
      for (let i = 0; i < blockRows; i++) {
        const at = start + i;
        target[at] = add(target[at]!, mul(values[i]!, inverses[at >>> (logRows - 1)]!));
      }
    }
    await pause();
  }
}

/** out = S(next) - S + share. */
function stepOfSum(
  out: ExtColumn,
  sums: ExtColumn,
  nextRow: Uint32Array,
  start: number,
  share: Ext,
): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const sum = sums[k]!;
    for (let i = 0; i < target.length; i++) {
      const step = sub(sum[nextRow[start + i]!]!, sum[start + i]!);
      target[i] = add(step, share[k]!);
    }
  }
}

function subColumn(out: ExtColumn, column: ExtColumn): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const values = column[k]!;
    for (let i = 0; i < target.length; i++) target[i] = sub(target[i]!, values[i]!);
  }
}

/** out -= constant * by, for a base field column `by`. */
function subConstantTimes(out: ExtColumn, constant: Ext, by: Uint32Array): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const factor = constant[k]!;
    for (let i = 0; i < target.length; i++) target[i] = sub(target[i]!, mul(by[i]!, factor));
  }
}

/** out -= column * by, for a base field column `by`. */
function subTimes(out: ExtColumn, column: ExtColumn, by: Uint32Array): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const values = column[k]!;
    for (let i = 0; i < target.length; i++) {
      target[i] = sub(target[i]!, mul(values[i]!, by[i]!));
    }
  }
}
