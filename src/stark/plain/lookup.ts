/**
 * The columns of the lookup argument, prover side. `spec/7-proof-system.md`, "Lookups".
 *
 * A row contributes the fraction multiplicity / denominator for each of its messages, negative for
 * receives. Two fractions share an extension column; every column but the last holds its own pair's
 * sum. The last is the running sum S of the whole row, written forward and made cyclic by the claimed
 * total: S(next row) - S(row) + claimed / rows = sum of the row's fractions. So only the last column
 * is opened in the next row, and all of a table's fractions sum to `claimed`.
 */

import { BLOCK_ROWS, Evaluator, planGroups } from '../air/evaluate.ts';
import { traceCells } from '../air/messages.ts';
import type { LookupColumns, Pause } from '../engine.ts';
import type { ExtColumn, ExtensionField } from '../field/extension.ts';
import { addColumns, createExtColumn } from '../field/extension-column.ts';
import { add, inverse, mul, sub } from '../field/m31.ts';
import type { LookupChallenges } from '../fingerprint.ts';
import type { Instance, TraceTable } from '../system.ts';
import { BlockInverter, multiplyBlocks } from './extension-blocks.ts';
import { crossSum, Fractions } from './fractions.ts';

/**
 * Of one table.
 *
 * @throws RangeError if a denominator is zero: for random challenges that has probability below 2^-90.
 */
export async function lookupColumns(
  field: ExtensionField,
  instance: Instance,
  table: TraceTable,
  challenges: LookupChallenges,
  pause: Pause,
): Promise<LookupColumns> {
  const { interactions } = table.chip;
  const { degree } = field;
  const rows = 2 ** table.logRows;
  if (interactions.length === 0) return { columns: [], claimed: field.zero() };
  const plan = planGroups(
    interactions.map(({ message, multiplicity }) => [...message, multiplicity]),
    instance.parameters,
  );
  const fractions = new Fractions(field, plan, 0, interactions, challenges);
  const evaluator = new Evaluator(plan, traceCells(instance, table));
  const count = Math.ceil(interactions.length / 2);
  const columns = Array.from({ length: count * degree }, () => new Uint32Array(rows));
  const blockRows = Math.min(BLOCK_ROWS, rows);
  const denominators = [createExtColumn(field, blockRows), createExtColumn(field, blockRows)];
  const multiplicities = [new Uint32Array(blockRows), new Uint32Array(blockRows)];
  const sum = createExtColumn(field, blockRows);
  const total = createExtColumn(field, blockRows);
  const last = columns.slice(-degree);
  const inverter = new BlockInverter(field, blockRows);
  for (let start = 0; start < rows; start += blockRows) {
    for (const coordinate of total) coordinate.fill(0);
    let active = 0;
    evaluator.evaluate(start, blockRows, (index, arrays, offsets) => {
      const multiplicity = multiplicities[active]!;
      fractions.multiplicities(index, arrays, offsets, blockRows, multiplicity);
      // A block that sends nothing costs nothing: padding, and most of a lookup table's rows.
      if (multiplicity.some((value) => value !== 0)) {
        fractions.denominators(index, arrays, offsets, blockRows, denominators[active]!);
        active++;
      }
      const isLast = index === interactions.length - 1;
      if (index % 2 === 0 && !isLast) return;
      const fractionCount = active;
      active = 0;
      if (fractionCount === 0) return;
      const [first, second] = [denominators[0]!, denominators[1]!];
      if (fractionCount === 1) {
        inverter.invert(first);
        mulRows(sum, first, multiplicities[0]!);
      } else {
        crossSum(sum, first, multiplicities[1]!, second, multiplicities[0]!);
        multiplyBlocks(field, first, first, second);
        inverter.invert(first);
        multiplyBlocks(field, sum, sum, first);
      }
      addColumns(total, total, sum);
      if (!isLast) {
        const at = (index >> 1) * degree;
        for (let k = 0; k < degree; k++) columns[at + k]!.set(sum[k]!, start);
      }
    });
    for (let k = 0; k < degree; k++) last[k]!.set(total[k]!, start);
    await pause();
  }
  const claimed = Uint32Array.from(last, sumOf);
  const share = field.mulBase(claimed, inverse(rows));
  for (let k = 0; k < degree; k++) runningSum(last[k]!, share[k]!);
  return { columns, claimed };
}

/** out[k][i] = column[k][i] * by[i], for base field multipliers. */
function mulRows(out: ExtColumn, column: ExtColumn, by: Uint32Array): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const values = column[k]!;
    for (let i = 0; i < target.length; i++) target[i] = mul(values[i]!, by[i]!);
  }
}

function sumOf(values: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum = add(sum, values[i]!);
  return sum;
}

/** Turns each row's total into the sum of all before it, less `share` for each. */
function runningSum(values: Uint32Array, share: number): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    values[i] = sum;
    sum = add(sum, sub(value, share));
  }
}
