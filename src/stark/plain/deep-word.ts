/**
 * The DEEP word on the whole evaluation domain, prover side. `deep.ts` has its meaning.
 *
 * Columns are batched as coefficients, half as many as there are points, and for each height apart;
 * only the sum for a height is evaluated.
 */

import type { DeepLine } from '../deep.ts';
import { type CoefficientsOf, LOG_BLOWUP, type Pause } from '../engine.ts';
import type { ExtColumn, ExtensionField } from '../field/extension.ts';
import { createExtColumn } from '../field/extension-column.ts';
import { add, mul, sub } from '../field/m31.ts';
import type { Layout } from '../layout.ts';
import { halfCosetPoints } from '../poly/domain.ts';
import { evaluateOn } from '../poly/fft.ts';
import { COMBINE_ROWS, Combination } from './combine.ts';
import { BlockInverter, multiplyBlocks } from './extension-blocks.ts';

/** `coefficients(opening)` are those of the opened column. The word comes in index order. */
export async function deepWord(
  field: ExtensionField,
  layout: Layout,
  coefficients: CoefficientsOf,
  powers: Uint32Array,
  lines: readonly [DeepLine, DeepLine],
  pause: Pause,
): Promise<Uint32Array[]> {
  const logSize = layout.logRows + LOG_BLOWUP;
  const word = createExtColumn(field, 2 ** logSize);
  for (const point of [0, 1] as const) {
    // From the lowest height up, so that what is lifted is only ever as large as what it is added to.
    let sums = createExtColumn(field, 1);
    const byHeight = [...batches(field, layout, coefficients, powers, point)];
    byHeight.sort(([left], [right]) => left - right);
    for (const [logRows, batch] of byHeight) {
      const sum = createExtColumn(field, 2 ** logRows);
      const combination = new Combination(field.degree);
      const offsets = new Int32Array(batch.columns.length);
      const rows = Math.min(COMBINE_ROWS, 2 ** logRows);
      for (let start = 0; start < 2 ** logRows; start += rows) {
        offsets.fill(start);
        combination.begin(rows);
        combination.add(batch.columns, offsets, batch.columns.length, batch.factors, 0);
        combination.finish(sum, start);
        await pause();
      }
      for (const [k, coordinate] of sum.entries()) {
        const values = evaluateOn(coordinate, logRows + LOG_BLOWUP);
        addLifted(values, sums[k]!);
        sums[k] = values;
        await pause();
      }
    }
    if (sums[0]!.length < 2 ** logSize) {
      const lower = sums;
      sums = createExtColumn(field, 2 ** logSize);
      for (const [k, values] of sums.entries()) addLifted(values, lower[k]!);
    }
    addQuotient(field, logSize, word, sums, lines[point]);
    await pause();
  }
  return word;
}

/** values[i] += lower[i >> lift]: the values of a function of a smaller domain on this one. */
function addLifted(values: Uint32Array, lower: Uint32Array): void {
  const lift = Math.log2(values.length / lower.length);
  for (let i = 0; i < values.length; i++) values[i] = add(values[i]!, lower[i >>> lift]!);
}

interface Batch {
  readonly columns: Int32Array[];
  /** Powers of delta, consecutive elements. */
  readonly factors: Uint32Array;
}

/** What is opened at a point, by height. */
function batches(
  field: ExtensionField,
  layout: Layout,
  coefficients: CoefficientsOf,
  powers: Uint32Array,
  point: 0 | 1,
): Map<number, Batch> {
  const found = new Map<number, { columns: Int32Array[]; factors: number[] }>();
  layout.openings.forEach((opening, position) => {
    if (opening.point !== point) return;
    const column = coefficients(opening);
    const logRows = Math.log2(column.length);
    const batch = found.get(logRows) ?? { columns: [], factors: [] };
    found.set(logRows, batch);
    batch.columns.push(new Int32Array(column.buffer, column.byteOffset, column.length));
    batch.factors.push(...field.at(powers, position * field.degree));
  });
  return new Map(
    Array.from(found, ([logRows, { columns, factors }]) => [
      logRows,
      { columns, factors: Uint32Array.from(factors) },
    ]),
  );
}

/** word += (sums - line) / denominator, block by block. */
function addQuotient(
  field: ExtensionField,
  logSize: number,
  word: ExtColumn,
  sums: ExtColumn,
  line: DeepLine,
): void {
  const { xs, ys } = halfCosetPoints(logSize);
  const half = xs.length;
  const rows = Math.min(COMBINE_ROWS, half);
  const denominators = createExtColumn(field, rows);
  const values = createExtColumn(field, rows);
  const inverter = new BlockInverter(field, rows);
  for (let start = 0; start < 2 * half; start += rows) {
    // The upper half of the indices holds the conjugates of the lower half.
    const isConjugate = start >= half;
    const from = isConjugate ? start - half : start;
    for (let k = 0; k < field.degree; k++) {
      const [byX, byY, rest] = [line.byX[k]!, line.byY[k]!, line.rest[k]!];
      const [slope, offset] = [line.slope[k]!, line.offset[k]!];
      const denominator = denominators[k]!;
      const value = values[k]!;
      const sum = sums[k]!;
      for (let i = 0; i < rows; i++) {
        const y = isConjugate ? sub(0, ys[from + i]!) : ys[from + i]!;
        denominator[i] = add(add(mul(byX, xs[from + i]!), mul(byY, y)), rest);
        value[i] = sub(sum[start + i]!, add(mul(slope, y), offset));
      }
    }
    inverter.invert(denominators);
    multiplyBlocks(field, values, values, denominators);
    for (let k = 0; k < field.degree; k++) {
      const target = word[k]!;
      const value = values[k]!;
      for (let i = 0; i < rows; i++) target[start + i] = add(target[start + i]!, value[i]!);
    }
  }
}
