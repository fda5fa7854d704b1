/**
 * Counts what the filled tables look up into the multiplicity columns of the lookup tables.
 *
 * Of a message only what decides the row of the lookup table is evaluated: of a fetch the pc, of a
 * byte lookup the operands. The rest of the message must agree with that row, which the bus proves.
 */

import type { ChipDescription, Interaction } from '../stark/air/chip.ts';
import { BLOCK_ROWS, constantMember, Evaluator, planGroups } from '../stark/air/evaluate.ts';
import { traceCells } from '../stark/air/messages.ts';
import type { Instance, TraceTable } from '../stark/system.ts';
import { byteBus, byteTable } from '../stark/tables/bytes.ts';
import { RANGE_LOG_ROWS, rangeBus, rangeRow, rangeTable } from '../stark/tables/range.ts';
import { poolBus, programBus, tableBus } from './buses.ts';
import { indexTable, poolTable, programTable } from './program-tables.ts';

/** Counts up to a block of lookups: `parts` as the lookup has chosen them, the multiplicity last. */
type Count = (parts: readonly Int32Array[], offsets: Int32Array, rowCount: number) => void;

interface Lookup {
  readonly bus: number;
  /** How many components of the message, from the first on, decide the row. */
  readonly parts: number;
  /** `first` is the first component where it is the same in all messages, else -1. */
  readonly counter: (first: number) => Count;
}

/** Counts the lookups of `count` rows from `first` on. */
export type CountRows = (first: number, count: number) => void;

/** Counts the lookups of all tables into the multiplicity columns, which must be zero before. */
export function countLookups(instance: Instance, tables: readonly TraceTable[]): void {
  const counterOf = lookupCounter(instance, tables);
  for (const table of tables) counterOf(table)(0, 2 ** table.logRows);
}

/**
 * Counts lookups into the multiplicity columns of `tables`, table by table and in any order of rows. Every
 * row is to be counted once; rows of padding send nothing in an honest trace and may be left out.
 */
export function lookupCounter(
  instance: Instance,
  tables: readonly TraceTable[],
): (table: TraceTable) => CountRows {
  const lookups = new Map(lookupsInto(instance, tables).map((lookup) => [lookup.bus, lookup]));
  const isLookup = ({ bus, direction }: Interaction): boolean =>
    direction === 'send' && lookups.has(bus.id);
  return (table) => {
    const interactions = table.chip.interactions.filter(isLookup);
    if (interactions.length === 0) return () => {};
    const groups = interactions.map(({ bus, message, multiplicity }) => [
      ...message.slice(0, lookups.get(bus.id)!.parts),
      multiplicity,
    ]);
    const plan = planGroups(groups, instance.parameters);
    const counters = interactions.map(({ bus }, i) =>
      lookups.get(bus.id)!.counter(constantMember(plan, i, 0)),
    );
    const evaluator = new Evaluator(plan, traceCells(instance, table));
    return (first, count) => {
      for (let start = first; start < first + count; start += BLOCK_ROWS) {
        const rows = Math.min(BLOCK_ROWS, first + count - start);
        evaluator.evaluate(start, rows, (group, parts, offsets, rowCount) =>
          counters[group]!(parts, offsets, rowCount),
        );
      }
    };
  };
}

function lookupsInto(instance: Instance, tables: readonly TraceTable[]): Lookup[] {
  const counts = (chip: ChipDescription): readonly Uint32Array[] =>
    tables.find((entry) => entry.chip === chip)?.columns ?? [];
  const fixed = (chip: ChipDescription): readonly Uint32Array[] =>
    instance.fixedTables.get(chip.name)!.columns;
  const ranges = counts(rangeTable)[0]!;
  const bytes = counts(byteTable);
  const program = counts(programTable)[0]!;
  const index = counts(indexTable)[0]!;
  const pool = counts(poolTable)[0]!;

  const indexRows = new Map<number, Map<number, number>>();
  const [keys, indices] = fixed(indexTable);
  keys!.forEach((key, row) => {
    const ofKey = indexRows.get(key) ?? new Map<number, number>();
    indexRows.set(key, ofKey.set(indices![row]!, row));
  });
  const poolRows = new Map<number, number>();
  fixed(poolTable)[0]!.forEach((key, row) => {
    poolRows.set(key, row);
  });

  return [
    {
      bus: rangeBus.id,
      parts: 2,
      counter: (bits) =>
        bits >= 0 && bits < RANGE_LOG_ROWS
          ? (parts, offsets, count) => countRange(ranges, bits, parts, offsets, count)
          : (parts, offsets, count) => countRanges(ranges, parts, offsets, count),
    },
    {
      bus: byteBus.id,
      parts: 3,
      counter: (operation) =>
        operation > 0 && operation <= bytes.length
          ? (parts, offsets, count) => countPairs(bytes[operation - 1]!, parts, offsets, count)
          : (parts, offsets, count) => countBytes(bytes, parts, offsets, count),
    },
    {
      bus: programBus.id,
      parts: 1,
      counter: () => (parts, offsets, count) => countPlaces(program, parts, offsets, count),
    },
    {
      bus: tableBus.id,
      parts: 2,
      counter: () => (parts, offsets, count) =>
        countFound(index, parts, offsets, count, (key, at) => indexRows.get(key)?.get(at) ?? -1),
    },
    {
      bus: poolBus.id,
      parts: 1,
      counter: () => (parts, offsets, count) =>
        countFound(pool, parts, offsets, count, (key) => poolRows.get(key) ?? -1),
    },
  ];
}

// A lookup that no row answers is left out: the bus then does not balance, which `check` reports.

/** Ranges of `bits` bits each. */
function countRange(
  counts: Uint32Array,
  bits: number,
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
): void {
  const [, values, multiplicities] = parts;
  const [, from, multiplicityFrom] = offsets;
  const first = rangeRow(bits, 0);
  for (let i = 0; i < rowCount; i++) {
    const count = multiplicities![multiplicityFrom! + i]!;
    const value = values![from! + i]!;
    // A value out of range has the place of another one.
    if (count !== 0 && value < first) counts[first + value] = counts[first + value]! + count;
  }
}

function countRanges(
  counts: Uint32Array,
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
): void {
  const [widths, values, multiplicities] = parts;
  const [widthFrom, from, multiplicityFrom] = offsets;
  for (let i = 0; i < rowCount; i++) {
    const count = multiplicities![multiplicityFrom! + i]!;
    const width = widths![widthFrom! + i]!;
    const value = values![from! + i]!;
    if (count === 0 || width >= RANGE_LOG_ROWS || value >>> width !== 0) continue;
    const row = rangeRow(width, value);
    counts[row] = counts[row]! + count;
  }
}

/** Byte lookups of one operation. */
function countPairs(
  counts: Uint32Array,
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
): void {
  const [, lefts, rights, multiplicities] = parts;
  const [, leftFrom, rightFrom, multiplicityFrom] = offsets;
  for (let i = 0; i < rowCount; i++) {
    const count = multiplicities![multiplicityFrom! + i]!;
    const left = lefts![leftFrom! + i]!;
    const right = rights![rightFrom! + i]!;
    if (count === 0 || (left | right) > 255) continue;
    const row = (left << 8) | right;
    counts[row] = counts[row]! + count;
  }
}

/** Byte lookups; the operation names the column of counts. */
function countBytes(
  counts: readonly Uint32Array[],
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
): void {
  const [operations, lefts, rights, multiplicities] = parts;
  const [operationFrom, leftFrom, rightFrom, multiplicityFrom] = offsets;
  for (let i = 0; i < rowCount; i++) {
    const count = multiplicities![multiplicityFrom! + i]!;
    const operation = operations![operationFrom! + i]!;
    const left = lefts![leftFrom! + i]!;
    const right = rights![rightFrom! + i]!;
    if (count === 0 || operation === 0 || operation > counts.length || (left | right) > 255)
      continue;
    const column = counts[operation - 1]!;
    const row = (left << 8) | right;
    column[row] = column[row]! + count;
  }
}

/** Lookups whose first component is the row. */
function countPlaces(
  counts: Uint32Array,
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
): void {
  const [rows, multiplicities] = parts;
  const [from, multiplicityFrom] = offsets;
  for (let i = 0; i < rowCount; i++) {
    const count = multiplicities![multiplicityFrom! + i]!;
    const row = rows![from! + i]!;
    if (count !== 0 && row < counts.length) counts[row] = counts[row]! + count;
  }
}

/** Lookups whose row is found by the first component and the second, if there is one. */
function countFound(
  counts: Uint32Array,
  parts: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
  rowOf: (key: number, index: number) => number,
): void {
  const last = parts.length - 1;
  for (let i = 0; i < rowCount; i++) {
    const count = parts[last]![offsets[last]! + i]!;
    if (count === 0) continue;
    const row = rowOf(parts[0]![offsets[0]! + i]!, parts[1]![offsets[1]! + i]!);
    if (row >= 0) counts[row] = counts[row]! + count;
  }
}
