/**
 * Coefficients and low degree extensions of columns, plain.
 */

import { type CommittedTable, LOG_BLOWUP, type Pause, type RowTable } from '../engine.ts';
import { evaluateOn, interpolateRows } from '../poly/fft.ts';

/** From columns in row order. */
export async function extendTable(
  { columns, logRows }: RowTable,
  pause: Pause,
): Promise<CommittedTable> {
  const coefficients: Uint32Array[] = [];
  for (const column of columns) {
    coefficients.push(interpolateRows(column, logRows));
    await pause();
  }
  return extendCoefficients(coefficients, logRows, pause);
}

/** From columns of coefficients, which are kept. */
export async function extendCoefficients(
  coefficients: readonly Uint32Array[],
  logRows: number,
  pause: Pause,
): Promise<CommittedTable> {
  const extended: Uint32Array[] = [];
  for (const column of coefficients) {
    extended.push(evaluateOn(column, logRows + LOG_BLOWUP));
    await pause();
  }
  return { logRows, coefficients, extended };
}
