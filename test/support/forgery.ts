/**
 * Lies over a whole trace, told as an attacker would: after cells are changed, everything that follows
 * freely is put right again (the order of the boundary, the counts of lookups), so that what fails is
 * the rule that forbids the lie and nothing else.
 */

import { countLookups } from '../../src/isa/lookups.ts';
import type { Program } from '../../src/isa/program.ts';
import { indexTable, poolTable, programTable } from '../../src/isa/program-tables.ts';
import { type CheckFailure, checkTrace } from '../../src/stark/air/check.ts';
import type { Instance, Trace, TraceTable } from '../../src/stark/system.ts';
import { byteTable } from '../../src/stark/tables/bytes.ts';
import { rangeTable } from '../../src/stark/tables/range.ts';

const P = 0x7fffffff;
const lookupTables = [rangeTable, byteTable, programTable, indexTable, poolTable];

/** One row of a table, by the names of its columns. Values are taken modulo p. */
export class ForgedRow {
  readonly table: TraceTable;
  readonly index: number;

  constructor(table: TraceTable, index: number) {
    this.table = table;
    this.index = index;
  }

  get(name: string): number {
    return this.column(name)[this.index]!;
  }

  set(name: string, value: number): this {
    this.column(name)[this.index] = ((value % P) + P) % P;
    return this;
  }

  /** Adds to the cell. */
  move(name: string, by: number): this {
    return this.set(name, this.get(name) + by);
  }

  /** The value in four limbs of that name. */
  setLimbs(prefix: string, value: bigint): this {
    for (let i = 0; i < 4; i++) {
      this.set(`${prefix}${i}`, Number((value >> BigInt(16 * i)) & 0xffffn));
    }
    return this;
  }

  limbs(prefix: string): bigint {
    let value = 0n;
    for (let i = 3; i >= 0; i--) value = (value << 16n) | BigInt(this.get(`${prefix}${i}`));
    return value;
  }

  has(name: string): boolean {
    return this.table.chip.columns.some((column) => column.name === name);
  }

  /** Becomes padding. */
  clear(): this {
    for (const column of this.table.columns) column[this.index] = 0;
    return this;
  }

  copy(other: ForgedRow): this {
    this.table.columns.forEach((column, k) => {
      column[this.index] = other.table.columns[k]![other.index]!;
    });
    return this;
  }

  private column(name: string): Uint32Array {
    const index = this.table.chip.columns.findIndex((column) => column.name === name);
    if (index < 0) throw new RangeError(`${this.table.chip.name}: no column ${name}`);
    return this.table.columns[index]!;
  }
}

/** A copy of a trace, to be spoiled. Places of the program are known by the names of its functions. */
export class Forgery {
  readonly instance: Instance;
  readonly tables: readonly TraceTable[];
  readonly #places: ReadonlyMap<string, number>;
  /** Padding rows taken so far, by table. */
  readonly #taken = new Map<TraceTable, number>();

  constructor(instance: Instance, trace: Trace, program: Program) {
    this.instance = instance;
    this.tables = trace.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => column.slice()),
    }));
    const { unit, base } = program.units[0]!;
    this.#places = new Map(unit.functions.map(({ name, start }) => [name, base + start]));
  }

  rows(chip: string): ForgedRow[] {
    return this.tables
      .filter((table) => table.chip.name === chip)
      .flatMap((table) =>
        Array.from({ length: table.realRows }, (_, index) => new ForgedRow(table, index)),
      );
  }

  pcOf(place: string): number {
    const pc = this.#places.get(place);
    if (pc === undefined) throw new RangeError(`place: ${place} is not known`);
    return pc;
  }

  /** The first step executed at the place. */
  at(place: string): ForgedRow {
    const pc = this.pcOf(place);
    for (const table of this.tables) {
      if (table.chip.stride === 0) continue;
      const found = this.rows(table.chip.name).find((row) => row.get('pc') === pc);
      if (found) return found;
    }
    throw new RangeError(`place: ${place} is never executed`);
  }

  /** The row of the boundary with that address on the memory bus. */
  cell(high: number, low: number): ForgedRow {
    const found = this.boundary().find((row) => spaceOf(row) === high && addressOf(row) === low);
    if (!found) throw new RangeError(`cell: (${high}, ${low}) has no row`);
    return found;
  }

  boundary(): ForgedRow[] {
    return this.rows('word-boundary');
  }

  /** The next padding row of a chip's last table. */
  free(chip: string): ForgedRow {
    const table = this.tables.findLast((entry) => entry.chip.name === chip);
    const taken = table ? (this.#taken.get(table) ?? 0) : 0;
    if (!table || table.realRows + taken >= 2 ** table.logRows) {
      throw new RangeError(`${chip}: no padding row is left`);
    }
    this.#taken.set(table, taken + 1);
    return new ForgedRow(table, table.realRows + taken);
  }

  /** Makes room before row `index` of a boundary and returns the new row, all zero. */
  insert(chip: 'word-boundary' | 'wide-boundary', index: number): ForgedRow {
    const last = this.free(chip).index;
    const table = this.tables.find((entry) => entry.chip.name === chip)!;
    for (const column of table.columns) column.copyWithin(index + 1, index, last);
    return new ForgedRow(table, index).clear();
  }

  /** Takes a row out of a boundary. */
  remove(chip: 'word-boundary' | 'wide-boundary', index: number): void {
    const table = this.tables.find((entry) => entry.chip.name === chip)!;
    for (const column of table.columns) {
      column.copyWithin(index, index + 1);
      column[column.length - 1] = 0;
    }
  }

  /** Puts the columns right that say how the rows of the boundaries are ordered. */
  reorder(): void {
    for (const chip of ['word-boundary', 'wide-boundary'] as const) {
      const table = this.tables.find((entry) => entry.chip.name === chip);
      if (!table) continue;
      const rows = Array.from({ length: 2 ** table.logRows }, (_, i) => new ForgedRow(table, i));
      rows.forEach((row, i) => {
        const next = rows[i + 1];
        const isOrdered = next !== undefined && isReal(next);
        row.set('ordered', isOrdered ? 1 : 0);
        if (!isOrdered) return;
        const isSame = spaceOf(next) === spaceOf(row);
        const gap = isSame ? addressOf(next) - addressOf(row) : spaceOf(next) - spaceOf(row);
        const distance = (((gap - 1) % P) + P) % P;
        if (chip === 'wide-boundary') row.set('stepHigh', distance >>> 16);
        else {
          row.set('same', isSame ? 1 : 0);
          row.set('gap0', distance & 0xffff).set('gap1', distance >>> 16);
        }
      });
    }
  }

  /** Counts the lookups anew. */
  recount(): void {
    for (const table of this.tables) {
      if (!lookupTables.includes(table.chip)) continue;
      for (const column of table.columns) column.fill(0);
    }
    countLookups(this.instance, this.tables);
    for (const table of this.tables) {
      if (!lookupTables.includes(table.chip)) continue;
      // Something may have been looked up -1 times.
      for (const column of table.columns) {
        for (let i = 0; i < column.length; i++) column[i] = column[i]! % P;
      }
    }
  }

  /** The rules broken: constraints as `chip: name`, lookups as `bus: chip: name`, other buses as `bus name`. */
  brokenRules(): string[] {
    const checked = checkTrace(this.instance, { tables: this.tables });
    if (checked.ok) return [];
    const rules = new Set(checked.failures.map(ruleOf));
    // Where a look-up fails, the entry that was counted for it is left over.
    const lookups = [...rules].filter((rule) => rule.split(': ').length === 3);
    const isLeftOver = (rule: string): boolean => / (program|index|pool)-table: entry$/.test(rule);
    for (const rule of lookups) {
      const bus = rule.split(': ')[0];
      const others = lookups.filter((other) => other.startsWith(`${bus}: `) && !isLeftOver(other));
      if (isLeftOver(rule) && others.length > 0) rules.delete(rule);
    }
    return [...rules].sort();
  }
}

const lookupBuses = ['range', 'byte', 'program', 'table', 'pool'];

function ruleOf(failure: CheckFailure): string {
  switch (failure.kind) {
    case 'shape':
      return `${failure.chip}: shape`;
    case 'constraint':
      return `${failure.chip}: ${failure.constraint}`;
    case 'bus':
      return lookupBuses.includes(failure.bus)
        ? `${failure.bus}: ${failure.chip}: ${failure.interaction}`
        : `bus ${failure.bus}`;
  }
}

function isReal(row: ForgedRow): boolean {
  if (row.has('real')) return row.get('real') !== 0;
  return [0, 1, 2, 3, 4].some((space) => row.get(`space${space}`) !== 0);
}

/** What stands for the space in messages. */
function spaceOf(row: ForgedRow): number {
  if (!row.has('space0')) return 0;
  const space = [0, 1, 2, 3, 4].reduce((sum, i) => sum + i * row.get(`space${i}`), 0);
  return (space + row.get('high0') + row.get('high1') * 2 ** 16) % P;
}

function addressOf(row: ForgedRow): number {
  return (row.get('low0') + row.get('low1') * 2 ** 16) % P;
}
