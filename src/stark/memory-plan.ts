/**
 * What a proof takes of memory, from the heights of its tables alone: known before anything is computed.
 * spec/11-kernels.md, "Memory".
 */

import { lookupColumnCount } from './air/chip.ts';
import type { Profile } from './parameters.ts';
import { fixedLogRows, type Instance, type TraceTable } from './system.ts';

/** What an engine must have room for. */
export interface MemoryPlan {
  /** log2 of the points of the greatest domain. */
  readonly logSize: number;
  /** Of all arrays at the fullest moment, at most. */
  readonly bytes: number;
  /** Rows of all tables. */
  readonly rows: number;
}

/** Between two arrays and at their ends, in bytes, at most. */
const ARRAY_OVERHEAD = 1200;
const WORD = 4;
const DIGEST = 32;

/** The heights of the tables to come, and nothing else, decide. */
export function memoryOf(
  instance: Instance,
  { field }: Profile,
  tables: readonly Pick<TraceTable, 'chip' | 'logRows'>[],
): MemoryPlan {
  const { degree } = field;
  const logRows = Math.max(0, ...tables.map((table) => table.logRows));
  let rows = 0;
  let arrays = 0;
  // Rows, coefficients and values twice as many of main columns; the same of lookup columns, whose coefficients come
  // where the rows of main columns were.
  let main = 0;
  let lookups = 0;
  let fixed = 0;
  const heights = new Set<number>();
  for (const { chip, logRows: log } of tables) {
    const height = 2 ** log;
    const lookupColumns = degree * lookupColumnCount(chip);
    rows += height;
    main += chip.columns.length * height;
    lookups += lookupColumns * height;
    arrays += 3 * chip.columns.length + 3 * lookupColumns;
    heights.add(log);
  }
  for (const chip of instance.system.chips) {
    const log = fixedLogRows(instance, chip);
    if (log === undefined) continue;
    fixed += 5 * chip.fixedColumns.length * 2 ** log;
    arrays += 4 * chip.fixedColumns.length;
  }
  const tall = 2 ** logRows;
  // Quotients by height, twice the coefficients of the halves, and values; then the DEEP sums and the word.
  const composition = degree * tall * (2 + 2 + 2 + 4) + degree * 2 * tall * 6;
  arrays += degree * (4 * heights.size + 60);
  const trees = 3 * (2 * 2 * tall) + 2 * tall;
  const words = main * 3 + Math.max(main, lookups) + lookups * 3 + fixed + composition;
  return {
    logSize: logRows + 1,
    rows,
    bytes: WORD * words + DIGEST * trees + ARRAY_OVERHEAD * arrays + 2 ** 22,
  };
}
