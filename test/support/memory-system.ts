/**
 * A small system around the memory argument: accesses as given, boundary, refreshes, image and ranges.
 *
 * The accesses stand for the instruction chips: they claim what was read and written when. A test chooses
 * what boundary and refreshes say, and asks the trace checker, with all rules or without some: a forgery
 * that passes without a rule and not with it shows what the rule is for.
 */

import { access } from '../../src/memory/access.ts';
import { type BoundaryRow, wideBoundary, wordBoundary } from '../../src/memory/boundary.ts';
import { imageBus, memoryBus, outputBus, wideBus } from '../../src/memory/buses.ts';
import { imageTable } from '../../src/memory/image.ts';
import { wideRefresh, wordRefresh } from '../../src/memory/refresh.ts';
import { type CheckFailure, checkTrace } from '../../src/stark/air/check.ts';
import { ChipBuilder, type ChipDescription } from '../../src/stark/air/chip.ts';
import { countLookups } from '../../src/stark/air/messages.ts';
import { MODULUS } from '../../src/stark/field/m31.ts';
import type { Instance, PublicTerm, TraceTable } from '../../src/stark/system.ts';
import {
  RANGE_LOG_ROWS,
  rangeBus,
  rangeFixedColumns,
  rangeRow,
  rangeTable,
} from '../../src/stark/tables/range.ts';

/** Rows of every table but the ranges. */
const LOG_ROWS = 4;
export const TABLE_ROWS = 2 ** LOG_ROWS;

export interface AccessRow {
  readonly high: number;
  readonly low: number;
  readonly previousTime: number;
  readonly time: number;
  readonly before: readonly number[];
  /** The same as `before` for a read. */
  readonly after?: readonly number[];
}

export interface RefreshRow {
  readonly high: number;
  readonly low: number;
  readonly before: number;
  readonly now: number;
  readonly value: readonly number[];
}

/** New values of cells by table, row and column; negative ones stand for their residues. */
type Changes = Readonly<Record<number, Readonly<Record<string, number>>>>;

export interface Claim {
  readonly width: 'word' | 'wide';
  readonly accesses: readonly AccessRow[];
  /** In the order of the table; `undefined` is a row of zeros. */
  readonly boundary: readonly (BoundaryRow | undefined)[];
  readonly boundaryCells?: Changes;
  readonly refreshes?: readonly RefreshRow[];
  readonly refreshCells?: Changes;
  /** Entries of the image table: space, address, four limbs. */
  readonly image?: readonly (readonly number[])[];
  readonly imageCells?: Changes;
  /** What the verifier expects of the output segment: address, four limbs. */
  readonly output?: readonly (readonly number[])[];
}

/** A row of the boundary whose cell starts at zero. */
export function cell(
  high: number,
  low: number,
  rest: Partial<BoundaryRow> & Pick<BoundaryRow, 'last'>,
): BoundaryRow {
  const zeros = Array.from(rest.last, () => 0);
  return { high, low, firstTime: 0, lastTime: 0, first: zeros, isImage: false, ...rest };
}

const accessChips = { word: accessChip('word'), wide: accessChip('wide') };

function accessChip(width: 'word' | 'wide'): ChipDescription {
  const chip = new ChipBuilder('accesses');
  const real = chip.bit('real', 'an access');
  const space = chip.column('space', 'space of the cell');
  const address = chip.column('address', 'address of the cell');
  const time = chip.column('time', 'now');
  const limbs = width === 'word' ? 4 : 16;
  access(chip, 'cell', {
    bus: width === 'word' ? memoryBus : wideBus,
    space,
    address,
    time,
    before: chip.columns('before', limbs, 'value before'),
    after: chip.columns('after', limbs, 'value after'),
    multiplicity: real,
  });
  return chip.build({ assumes: [], proves: [] });
}

/** The failures of the claim under all rules but the deleted ones; none if it is accepted. */
export function failuresOf(claim: Claim, deleted: readonly string[] = []): readonly CheckFailure[] {
  const isWord = claim.width === 'word';
  const boundary = isWord ? wordBoundary : wideBoundary;
  const refresh = isWord ? wordRefresh : wideRefresh;
  const missing = new Set(deleted);
  const without = (description: ChipDescription): ChipDescription => {
    const isKept = ({ name }: { readonly name: string }): boolean => {
      missing.delete(name);
      return !deleted.includes(name);
    };
    return {
      ...description,
      constraints: description.constraints.filter(isKept),
      interactions: description.interactions.filter(isKept),
    };
  };
  const accesses = without(accessChips[claim.width]);
  const tables = [
    fillTable(accesses, claim.accesses.length, (set, i) => {
      const row = claim.accesses[i]!;
      set('real', 1);
      set('space', row.high);
      set('address', row.low);
      set('time', row.time);
      set('cellTime', row.previousTime);
      row.before.forEach((limb, k) => {
        set(`before${k}`, limb);
      });
      (row.after ?? row.before).forEach((limb, k) => {
        set(`after${k}`, limb);
      });
    }),
    fillTable(without(boundary.description), claim.boundary.length, (set, i, columns) => {
      const row = claim.boundary[i];
      if (row) boundary.fill(columns, i, row, claim.boundary[i + 1]);
      changeCells(set, claim.boundaryCells?.[i]);
    }),
    fillTable(without(refresh.description), claim.refreshes?.length ?? 0, (set, i, columns) => {
      const row = claim.refreshes![i]!;
      const words = Int32Array.of(row.high, row.low, row.before, row.now, ...row.value);
      refresh.fill(columns, i, words, 0);
      changeCells(set, claim.refreshCells?.[i]);
    }),
    fillTable(without(imageTable), TABLE_ROWS, (set, i) => {
      set('sent', i < (claim.image?.length ?? 0) ? 1 : 0);
      changeCells(set, claim.imageCells?.[i]);
    }),
  ];
  if (missing.size > 0)
    throw new RangeError(`deleted: no rule is named ${[...missing].join(', ')}`);
  const ranges: TraceTable = {
    chip: rangeTable,
    logRows: RANGE_LOG_ROWS,
    realRows: 2 ** RANGE_LOG_ROWS,
    columns: [new Uint32Array(2 ** RANGE_LOG_ROWS)],
  };
  const instance = instanceOf(claim, [...tables.map(({ chip }) => chip), rangeTable]);
  countLookups(instance, tables, rangeBus, (message, count) => {
    // What is in no range has no row: the bus will tell.
    const row = rangeRow(message[0]!, message[1]!);
    if (message[1]! < 2 ** message[0]!) {
      ranges.columns[0]![row] = (ranges.columns[0]![row]! + count) % MODULUS;
    }
  });
  const result = checkTrace(instance, { tables: [...tables, ranges] });
  return result.ok ? [] : result.failures;
}

type Setter = (name: string, value: number) => void;

function changeCells(set: Setter, changes: Readonly<Record<string, number>> | undefined): void {
  for (const [name, value] of Object.entries(changes ?? {})) set(name, value);
}

function fillTable(
  chip: ChipDescription,
  rows: number,
  fill: (set: Setter, index: number, columns: readonly Uint32Array[]) => void,
): TraceTable {
  const columns = chip.columns.map(() => new Uint32Array(TABLE_ROWS));
  for (let i = 0; i < rows; i++) {
    const set: Setter = (name, value) => {
      const column = chip.columns.find((entry) => entry.name === name);
      if (column === undefined) throw new RangeError(`${chip.name}: no column ${name}`);
      columns[column.index]![i] = ((value % MODULUS) + MODULUS) % MODULUS;
    };
    fill(set, i, columns);
  }
  return { chip, logRows: LOG_ROWS, realRows: rows, columns };
}

const constantRoot = new Uint8Array(32);
const constantTables = new Map([
  [rangeTable.name, { logRows: RANGE_LOG_ROWS, columns: rangeFixedColumns }],
]);

function instanceOf(claim: Claim, chips: readonly ChipDescription[]): Instance {
  const image = imageTable.fixedColumns.map(() => new Uint32Array(TABLE_ROWS));
  claim.image?.forEach((entry, i) => {
    [1, ...entry].forEach((value, k) => {
      image[k]![i] = value;
    });
  });
  const publicTerms: PublicTerm[] = (claim.output ?? []).map((message) => ({
    bus: outputBus,
    direction: 'receive',
    message,
    multiplicity: 1,
  }));
  return {
    system: {
      name: 'memory alone',
      chips,
      buses: [memoryBus, wideBus, imageBus, outputBus, rangeBus],
      constantTables,
      constantRoot,
      clockLimit: 2 ** 29,
    },
    digest: new Uint8Array(32),
    statement: new Uint8Array(0),
    parameters: {},
    fixedTables: new Map([[imageTable.name, { logRows: LOG_ROWS, columns: image }]]),
    publicTerms,
  };
}

/** What of a claim fails: names of constraints, and of buses with whose message is left over. */
export function reasonsOf(failures: readonly CheckFailure[]): string[] {
  const reasons = failures.map((failure) => {
    if (failure.kind === 'constraint') return failure.constraint;
    if (failure.kind === 'bus')
      return failure.bus === 'range' ? failure.interaction : `bus ${failure.bus}`;
    return failure.reason;
  });
  return [...new Set(reasons)].sort();
}
