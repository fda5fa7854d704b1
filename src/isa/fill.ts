/**
 * From the recording of a run to the trace that is proven: plans the tables, then fills every chip's
 * columns from its events, the boundary from the touched cells, and the counts of the lookup tables
 * from the messages that the filled tables send.
 */

import { type BoundaryRow, wideBoundary, wordBoundary } from '../memory/boundary.ts';
import { imageTable } from '../memory/image.ts';
import { wideRefresh, wordRefresh } from '../memory/refresh.ts';
import type { ChipDescription } from '../stark/air/chip.ts';
import type { Instance, Trace, TraceTable } from '../stark/system.ts';
import type { InstructionChip } from './chips/chip.ts';
import { FILL_ROWS, RowBlock } from './chips/rows.ts';
import { type ImageEntries, imageEntries } from './image.ts';
import { type CountRows, lookupCounter } from './lookups.ts';
import { instructionChips, machine } from './machine.ts';
import { programTable } from './program-tables.ts';
import { boundaryRow, eventsOf, type Recording, type Rows } from './trace.ts';

const LEAST_LOG_ROWS = 4;
/** Below this a table is not split: the fixed cost of an instance outweighs its padding. */
const SPLIT_FROM = 2 ** 12;
/** A split must save at least this part of the rows. */
const SPLIT_GAIN = 1 / 16;

/**
 * Heights (log2) for `count` rows that have no order: one table, or up to three whose sum is nearer to
 * the count, taller first.
 */
export function planInstances(count: number, pieces = 3): number[] {
  const whole = Math.max(LEAST_LOG_ROWS, Math.ceil(Math.log2(Math.max(1, count))));
  if (count < SPLIT_FROM || pieces === 1 || 2 ** whole === count) return [whole];
  const split = [whole - 1, ...planInstances(count - 2 ** (whole - 1), pieces - 1)];
  const rows = split.reduce((sum, logRows) => sum + 2 ** logRows, 0);
  return 2 ** whole - rows >= SPLIT_GAIN * count ? split : [whole];
}

/** A table of the trace before it is filled. */
export interface PlannedTable {
  readonly chip: ChipDescription;
  readonly logRows: number;
  readonly realRows: number;
  /** The first of the chip's rows that this instance holds. */
  readonly firstRow: number;
}

/** Gives an array of that many zeros: the memory of one column. */
export type Allocate = (length: number) => Uint32Array;

/** All columns of all tables as parts of one array. */
function arenaFor(planned: readonly PlannedTable[]): Allocate {
  const cells = planned.reduce(
    (sum, { chip, logRows }) => sum + chip.columns.length * 2 ** logRows,
    0,
  );
  const arena = new Uint32Array(cells);
  let offset = 0;
  return (length) => {
    offset += length;
    return arena.subarray(offset - length, offset);
  };
}

/** The tables of the trace of a recorded run, in their order: what {@link fillTrace} will fill. */
export function planTrace(
  recording: Recording,
  instance: Instance,
  outputCells: number,
): PlannedTable[] {
  return planTables(recording, instance, boundaryOf(recording, outputCells));
}

/**
 * Fills the trace of a recorded run. `instance` must be that of the same program and statement.
 * `allocate` is called once for each column, in the order of {@link planTrace}; by default the columns
 * are parts of one array. `onFilled` hears of each table that will not change any more; of those that count lookups,
 * the others tell them, it does not. The recording is not needed afterwards.
 */
export function fillTrace(
  recording: Recording,
  instance: Instance,
  outputCells: number,
  allocate?: Allocate,
  onFilled: (table: TraceTable) => void = () => {},
): Trace {
  const boundary = boundaryOf(recording, outputCells);
  const planned = planTables(recording, instance, boundary);
  const allocateColumn = allocate ?? arenaFor(planned);
  const tables = planned.map(({ chip, logRows, realRows }) => ({
    chip,
    logRows,
    realRows,
    columns: chip.columns.map(() => allocateColumn(2 ** logRows)),
  }));
  const byName = new Map<string, InstructionChip>(
    instructionChips.map((chip) => [chip.description.name, chip]),
  );
  const program = instance.fixedTables.get(programTable.name)!.columns;
  const rows = new RowBlock(program, {
    fpLimit: recording.program.limits.fpLimit,
    tables: new Map(recording.program.tables.map(({ key, pcs }) => [key, pcs])),
  });
  const counterOf = lookupCounter(instance, tables);
  tables.forEach((table, i) => {
    const count = counterOf(table);
    const { firstRow, realRows } = planned[i]!;
    const chip = byName.get(table.chip.name);
    if (chip) {
      fillEvents(rows, chip, table, recording, firstRow, count);
      onFilled(table);
      return;
    }
    if (table.chip === wordBoundary.description) fillBoundary(table, wordBoundary, boundary.word);
    else if (table.chip === wideBoundary.description)
      fillBoundary(table, wideBoundary, boundary.wide);
    else if (table.chip === wordRefresh.description || table.chip === wideRefresh.description) {
      const isWord = table.chip === wordRefresh.description;
      const { data, words } = isWord ? recording.refreshes.word : recording.refreshes.wide;
      const { fill } = isWord ? wordRefresh : wideRefresh;
      for (let k = 0; k < realRows; k++) fill(table.columns, k, data, (firstRow + k) * words);
    } else if (table.chip === imageTable) {
      table.columns[0]!.set(instance.fixedTables.get(imageTable.name)!.columns[0]!);
    }
    count(0, realRows);
    if (table.chip.fixedSource === 'none') onFilled(table);
  });
  return { tables };
}

function planTables(recording: Recording, instance: Instance, boundary: Boundary): PlannedTable[] {
  const counts = new Map<string, number>([
    [wordBoundary.description.name, boundary.word.length],
    [wideBoundary.description.name, boundary.wide.length],
    [wordRefresh.description.name, recording.refreshes.word.count],
    [wideRefresh.description.name, recording.refreshes.wide.count],
  ]);
  for (const { chip, count } of recording.events) counts.set(chip, count);
  return machine.chips.flatMap((chip): PlannedTable[] => {
    const fixed = instance.fixedTables.get(chip.name) ?? machine.constantTables.get(chip.name);
    if (fixed) return [{ chip, logRows: fixed.logRows, realRows: 2 ** fixed.logRows, firstRow: 0 }];
    const count = counts.get(chip.name) ?? 0;
    if (count === 0) return [];
    let firstRow = 0;
    return planInstances(count, chip.instances === 'one' ? 1 : 3).map((logRows) => {
      const realRows = Math.min(2 ** logRows, count - firstRow);
      const table = { chip, logRows, realRows, firstRow };
      firstRow += realRows;
      return table;
    });
  });
}

/** Fills a table block by block, and counts the lookups of each while its cells are in the cache. */
function fillEvents(
  rows: RowBlock,
  chip: InstructionChip,
  table: TraceTable,
  recording: Recording,
  firstRow: number,
  countRows: CountRows,
): void {
  const events = eventsOf(recording, chip.description.name);
  rows.setTable(table.columns, events.data, events.words);
  for (let first = 0; first < table.realRows; first += FILL_ROWS) {
    const count = Math.min(FILL_ROWS, table.realRows - first);
    rows.setRange(first, count, firstRow + first);
    chip.fill(rows);
    countRows(first, count);
  }
}

function fillBoundary(
  table: TraceTable,
  chip: typeof wordBoundary,
  rows: readonly BoundaryRow[],
): void {
  rows.forEach((entry, i) => {
    chip.fill(table.columns, i, entry, rows[i + 1]);
  });
}

interface Boundary {
  readonly word: readonly BoundaryRow[];
  readonly wide: readonly BoundaryRow[];
}

function boundaryOf(recording: Recording, outputCells: number): Boundary {
  const image = imageEntries(recording.program, recording.statement);
  return {
    word: inOrder(completed(recording.boundary.word, image, outputCells)),
    wide: inOrder(touched(recording.boundary.wide)),
  };
}

/** Ascending addresses. */
function inOrder(rows: BoundaryRow[]): BoundaryRow[] {
  return rows.sort((left, right) => left.high - right.high || left.low - right.low);
}

function touched(recorded: Rows): BoundaryRow[] {
  const isWide = recorded.words === boundaryRow.words.wide;
  const lastAt = isWide ? boundaryRow.last.wide : boundaryRow.last.word;
  const { data, words } = recorded;
  return Array.from({ length: recorded.count }, (_, i): BoundaryRow => {
    const base = i * words;
    return {
      high: data[base + boundaryRow.high]!,
      low: data[base + boundaryRow.low]!,
      firstTime: data[base + boundaryRow.firstTime]!,
      lastTime: data[base + boundaryRow.lastTime]!,
      first: data.subarray(base + boundaryRow.first, base + lastAt),
      last: data.subarray(base + lastAt, base + words),
      isImage: false,
    };
  });
}

/** Adds the cells that need a row though the run did not touch them: the image, and the output expected. */
function completed(recorded: Rows, image: ImageEntries, outputCells: number): BoundaryRow[] {
  const rows = touched(recorded);
  const at = new Map<number, Map<number, number>>();
  rows.forEach(({ high, low }, i) => {
    let space = at.get(high);
    if (space === undefined) {
      space = new Map();
      at.set(high, space);
    }
    space.set(low, i);
  });
  const untouched = (
    high: number,
    low: number,
    value: ArrayLike<number>,
    isImage: boolean,
  ): void => {
    rows.push({ high, low, firstTime: 0, lastTime: 0, first: value, last: value, isImage });
  };
  image.forEach((high, low, limbs) => {
    const index = at.get(high)?.get(low);
    if (index === undefined) untouched(high, low, limbs, true);
    else rows[index] = { ...rows[index]!, isImage: true };
  });
  for (let cell = 0; cell < outputCells; cell++) {
    if (!at.get(OUTPUT_SPACE)?.has(cell)) untouched(OUTPUT_SPACE, cell, [0, 0, 0, 0], false);
  }
  return rows;
}

const OUTPUT_SPACE = 4;
