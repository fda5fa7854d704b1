/**
 * The linker: a runtime and guests become a program, or the first broken rule is named.
 *
 * It puts the units one behind the other, makes targets absolute, resolves tables and constants to keys and checks
 * everything that the proof takes for granted about code. The verifier links for itself. `spec/9-programs.md`.
 */

import { createCode, shapeOf } from './encoding.ts';
import { instructions } from './instructions.ts';
import {
  type Code,
  DEFAULT_FP_LIMIT,
  FIRST_FREE_SEGMENT,
  type Image,
  type ImageCells,
  type ImageGlobal,
  type ImageWindow,
  OUTPUT_SEGMENT,
  PRIVATE_SEGMENT,
  type Program,
  type ProgramExport,
  type ProgramTable,
  type ProgramUnit,
  PUBLIC_SEGMENT,
  type Unit,
  type VmKind,
  WINDOW_BYTE_LIMIT,
} from './program.ts';
import { checkUnit, type LinkError, type LinkErrorCode, PC_LIMIT } from './unit-check.ts';

export type { LinkError, LinkErrorCode } from './unit-check.ts';

export interface LinkOptions {
  readonly vm: VmKind;
  /**
   * The privileged unit. Its entry `invalid` stands at pc 0 and ends with status invalid; a run begins at its entry
   * `start`; a return from frame 0 goes to its entry `end`, or to pc 0 if there is none.
   */
  readonly runtime: Unit;
  readonly guests: readonly Unit[];
  readonly argumentCells?: number;
  readonly resultCells?: number;
  readonly exports?: readonly ProgramExport[];
  /** {@link DEFAULT_FP_LIMIT} if left out. */
  readonly fpLimit?: number;
  /** Windows m3 and up; m0, m1 and m2 (output, public and private input) are made here. */
  readonly windows?: readonly ImageWindow[];
  /** g1 and up. */
  readonly globals?: readonly ImageGlobal[];
  /** Initial cells of segments from 3 on. */
  readonly cells?: readonly ImageCells[];
  /** Byte lengths of m0, m1 and m2; {@link DEFAULT_WINDOW_BYTES} each if left out. */
  readonly outputBytes?: number;
  readonly publicBytes?: number;
  readonly privateBytes?: number;
}

export type Linked =
  | { readonly ok: true; readonly value: Program }
  | { readonly ok: false; readonly error: LinkError };

export const DEFAULT_WINDOW_BYTES = 2 ** 28;

/** Addresses: cells below 2^29, segments below 2^28, `fp` below 2^28. */
const CELL_LIMIT = 2 ** 29;
const SEGMENT_LIMIT = 2 ** 28;
const FP_BOUND = 2 ** 28;
const GREATEST_CELL_COUNT = 1024;

/** Links the units. Throws nothing for whatever units it is given. Linear in their sizes. */
export function link(options: LinkOptions): Linked {
  const { runtime, guests } = options;
  const units = [runtime, ...guests];
  const error =
    checkRuntime(runtime) ??
    checkGuests(guests) ??
    firstError(units, (unit) => checkUnit(unit, runtime.runtimeEntries.length)) ??
    checkTogether(units) ??
    checkLimits(options);
  if (error) return { ok: false, error };
  const placed = placeUnits(units);
  const tables = resolveTables(placed);
  if ('code' in tables) return { ok: false, error: tables };
  const recordPc = entryOf(runtime, 'end') ?? 0;
  const image = makeImage(options, recordPc);
  const imageError = checkImage(image);
  if (imageError) return { ok: false, error: imageError };
  return {
    ok: true,
    value: {
      vm: options.vm,
      units: placed,
      code: joinCode(placed),
      tables,
      pool: joinPools(placed),
      poolKeys: joinPoolKeys(placed),
      runtimeEntries: runtime.runtimeEntries,
      entry: entryOf(runtime, 'start')!,
      limits: { fpLimit: options.fpLimit ?? DEFAULT_FP_LIMIT },
      image,
      argumentCells: options.argumentCells ?? 0,
      resultCells: options.resultCells ?? 0,
      exports: options.exports ?? [],
    },
  };
}

/** Local pc of the named entry point. */
export function entryOf(unit: Unit, name: string): number | undefined {
  return unit.entries.find((entry) => entry.name === name)?.pc;
}

function refuse(code: LinkErrorCode, unit: string, pc: number, message: string): LinkError {
  return { code, unit, pc, message };
}

function firstError<T>(
  items: readonly T[],
  check: (item: T) => LinkError | undefined,
): LinkError | undefined {
  for (const item of items) {
    const error = check(item);
    if (error) return error;
  }
  return undefined;
}

function checkRuntime(runtime: Unit): LinkError | undefined {
  const no = (message: string): LinkError => refuse('no-stub', runtime.name, -1, message);
  if (!runtime.isPrivileged) {
    return refuse('not-privileged', runtime.name, -1, 'the runtime is not privileged');
  }
  if (entryOf(runtime, 'invalid') !== 0) return no('expected the entry `invalid` at pc 0');
  const start = entryOf(runtime, 'start');
  if (start === undefined || start === 0) return no('expected an entry `start` behind pc 0');
  if (runtime.runtimeEntries.length === 0) return no('expected runtime entry 0, for call depth');
  return undefined;
}

function checkGuests(guests: readonly Unit[]): LinkError | undefined {
  return firstError(guests, (guest) =>
    guest.isPrivileged
      ? refuse('not-privileged', guest.name, -1, 'a guest is privileged')
      : undefined,
  );
}

function checkTogether(units: readonly Unit[]): LinkError | undefined {
  const sources = new Map<string, string>();
  let length = 0;
  let halts = 0;
  for (const unit of units) {
    const source = unit.sourceDigest.join();
    const other = sources.get(source);
    if (other !== undefined) {
      return refuse('duplicate-source', unit.name, -1, `the same source as ${other}`);
    }
    sources.set(source, unit.name);
    length += unit.code.op.length;
    if (length > PC_LIMIT) {
      return refuse('too-long', unit.name, -1, `expected at most ${PC_LIMIT} instructions`);
    }
    for (let pc = 0; pc < unit.code.op.length; pc++) {
      if (unit.code.op[pc] !== instructions.halt.opcode) continue;
      halts++;
      if (halts > 1) return refuse('halt-count', unit.name, pc, 'a second halt');
    }
  }
  return halts === 1 ? undefined : refuse('halt-count', '', -1, 'expected one halt, got none');
}

function checkLimits(options: LinkOptions): LinkError | undefined {
  const fpLimit = options.fpLimit ?? DEFAULT_FP_LIMIT;
  if (!isBetween(fpLimit, 1, FP_BOUND)) {
    return refuse('limits', '', -1, `fpLimit: expected 1 to ${FP_BOUND}, got ${fpLimit}`);
  }
  for (const name of ['argumentCells', 'resultCells'] as const) {
    const count = options[name] ?? 0;
    if (!isBetween(count, 0, GREATEST_CELL_COUNT)) {
      return refuse(
        'limits',
        '',
        -1,
        `${name}: expected 0 to ${GREATEST_CELL_COUNT}, got ${count}`,
      );
    }
  }
  return undefined;
}

function isBetween(value: number, least: number, greatest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= greatest;
}

function placeUnits(units: readonly Unit[]): ProgramUnit[] {
  let base = 0;
  return units.map((unit) => {
    const placed = { unit, base };
    base += unit.code.op.length;
    return placed;
  });
}

/** Number in the program of the unit's table 0 and constant 0. */
function countsBefore(units: readonly ProgramUnit[]): { tables: number[]; constants: number[] } {
  let tables = 1; // the runtime entries
  let constants = 0;
  const out: { tables: number[]; constants: number[] } = { tables: [], constants: [] };
  for (const { unit } of units) {
    out.tables.push(tables);
    out.constants.push(constants);
    tables += unit.tables.length;
    constants += unit.pool.length / 8;
  }
  return out;
}

function resolveTables(units: readonly ProgramUnit[]): ProgramTable[] | LinkError {
  const tables: ProgramTable[] = [{ key: 0, pcs: units[0]!.unit.runtimeEntries }];
  const entries = units.map(({ unit }) => new Map(unit.entries.map(({ name, pc }) => [name, pc])));
  for (const { unit, base } of units) {
    const resolved = unit.tables.map((table) => table.map((pc) => pc + base));
    for (const { table, index, guest, entry } of unit.imports) {
      const from = units[guest + 1];
      const pc = guest < 0 ? undefined : entries[guest + 1]?.get(entry);
      if (from === undefined || pc === undefined) {
        return refuse('no-such-import', unit.name, -1, `guest ${guest} has no entry ${entry}`);
      }
      resolved[table]![index] = from.base + pc;
    }
    resolved.forEach((pcs, number) => {
      tables.push({ key: base + 1 + number, pcs });
    });
  }
  return tables;
}

function joinCode(units: readonly ProgramUnit[]): Code {
  const last = units[units.length - 1]!;
  const code = createCode(last.base + last.unit.code.op.length);
  const before = countsBefore(units);
  units.forEach(({ unit, base }, number) => {
    for (const name of ['op', 'rd', 'rs1', 'rs2', 'immLow', 'immHigh'] as const) {
      code[name].set(unit.code[name], base);
    }
    for (let pc = 0; pc < unit.code.op.length; pc++) {
      for (const { kind } of shapeOf[unit.code.op[pc]!]!.references) {
        if (kind === 'target') code.target[base + pc] = base + pc + unit.code.target[pc]!;
        else if (kind === 'table') code.immLow[base + pc]! += before.tables[number]!;
        else if (kind === 'pool') code.immLow[base + pc]! += before.constants[number]!;
      }
    }
  });
  return code;
}

function joinPools(units: readonly ProgramUnit[]): Int32Array {
  const pool = new Int32Array(units.reduce((sum, { unit }) => sum + unit.pool.length, 0));
  let at = 0;
  for (const { unit } of units) {
    pool.set(unit.pool, at);
    at += unit.pool.length;
  }
  return pool;
}

function joinPoolKeys(units: readonly ProgramUnit[]): Int32Array {
  return Int32Array.from(
    units.flatMap(({ unit, base }) =>
      Array.from({ length: unit.pool.length / 8 }, (_, i) => base + i),
    ),
  );
}

function makeImage(options: LinkOptions, recordPc: number): Image {
  const standard = (window: number, byteLength: number | undefined, isWritable: boolean) => ({
    window,
    segment: window,
    byteLength: byteLength ?? DEFAULT_WINDOW_BYTES,
    isWritable,
  });
  return {
    cells: [...(options.cells ?? [])].sort((left, right) => left.segment - right.segment),
    windows: [
      standard(OUTPUT_SEGMENT, options.outputBytes, true),
      standard(PUBLIC_SEGMENT, options.publicBytes, false),
      standard(PRIVATE_SEGMENT, options.privateBytes, false),
      ...[...(options.windows ?? [])].sort((left, right) => left.window - right.window),
    ],
    globals: [...(options.globals ?? [])].sort((left, right) => left.global - right.global),
    recordPc,
  };
}

/** Every address once, ascending, in bounds: the boundary consumes each entry of the image exactly once. */
function checkImage({ cells, windows, globals }: Image): LinkError | undefined {
  const no = (message: string): LinkError => refuse('image', '', -1, message);
  let previous = -1;
  for (const { window, segment, byteLength } of windows) {
    if (!isBetween(window, previous + 1, 15))
      return no(`window m${window}: twice, below m3 or above m15`);
    if (!isBetween(segment, 0, SEGMENT_LIMIT - 1)) return no(`m${window}: segment ${segment}`);
    if (!isBetween(byteLength, 0, WINDOW_BYTE_LIMIT)) {
      return no(`m${window}: expected at most ${WINDOW_BYTE_LIMIT} bytes, got ${byteLength}`);
    }
    previous = window;
  }
  previous = 0;
  for (const { global } of globals) {
    if (!isBetween(global, previous + 1, 63))
      return no(`global g${global}: twice, g0 or above g63`);
    previous = global;
  }
  previous = FIRST_FREE_SEGMENT - 1;
  for (const entry of cells) {
    if (!isBetween(entry.segment, previous + 1, SEGMENT_LIMIT - 1)) {
      return no(`segment ${entry.segment}: twice, below ${FIRST_FREE_SEGMENT} or too large`);
    }
    if (entry.lanes.length !== 2 * entry.cells.length) {
      return no(`segment ${entry.segment}: expected two lanes for each cell`);
    }
    let cellBefore = -1;
    for (const cell of entry.cells) {
      if (!isBetween(cell, cellBefore + 1, CELL_LIMIT - 1)) {
        return no(`segment ${entry.segment}: cell ${cell} twice, out of order or too large`);
      }
      cellBefore = cell;
    }
    previous = entry.segment;
  }
  return undefined;
}
