/**
 * A block of rows of one table, filled from as many recorded events.
 *
 * What only copies, a word of the event or a part of the instruction, is written column by column: a
 * plain loop over the block for each, which costs a tenth of a call for each cell. What a core computes
 * goes row by row with a cursor (`row.ts`). Blocks are short enough that their events stay in the cache
 * while one column after the other is read from them.
 */

import type { Column } from '../../stark/air/expr.ts';
import type { Access } from '../formats.ts';
import { eventHead } from '../trace.ts';
import {
  clearImmediate,
  clearWhere,
  copyWords,
  gather,
  gatherPcs,
  goOn,
  lookUp,
  markImmediates,
  splitBytes,
  splitImmediates,
  splitLanes,
  takeImmediate,
  upperBytes,
} from './column-loops.ts';
import { Row, type RowFacts } from './row.ts';

/** Most rows of a block. */
export const FILL_ROWS = 512;

export class RowBlock {
  /** The program table's fixed columns: pc, then the eight parts of the message. */
  readonly #program: readonly Uint32Array[];
  readonly #row: Row;
  #columns: readonly Uint32Array[] = [];
  #events: Int32Array = new Int32Array(0);
  /** Words of an event. */
  #words = 0;
  /** Where the event of the first row begins. */
  #base = 0;
  /** The first row of the table that belongs to the block. */
  #first = 0;
  #count = 0;
  /** Program counter and first part of the message (opcode, and the mark of immediates) of each row. */
  readonly #pcs = new Int32Array(FILL_ROWS);
  readonly #operations = new Int32Array(FILL_ROWS);

  constructor(programColumns: readonly Uint32Array[], facts: RowFacts) {
    this.#program = programColumns;
    this.#row = new Row(programColumns, facts);
  }

  /** Where the following blocks are: the columns of a table, and events of `words` words each. */
  setTable(columns: readonly Uint32Array[], events: Int32Array, words: number): void {
    this.#columns = columns;
    this.#events = events;
    this.#words = words;
    this.#row.columns = columns;
    this.#row.events = events;
  }

  /** The block: `count` rows from `first` on, at most `FILL_ROWS`, of the events from `firstEvent` on. */
  setRange(first: number, count: number, firstEvent: number): void {
    this.#first = first;
    this.#count = count;
    this.#base = firstEvent * this.#words;
    gatherPcs(this.#pcs, count, this.#events, this.#base + eventHead.pc, this.#words);
    gather(this.#operations, 0, count, this.#program[1]!, this.#pcs);
  }

  /** The whole column: the rows of the block are the `count` ones from `first` on. */
  column(column: Column): Uint32Array {
    return this.#columns[column.index]!;
  }

  get first(): number {
    return this.#first;
  }

  get count(): number {
    return this.#count;
  }

  /** Calls `fill` for each row. */
  each(fill: (row: Row) => void): void {
    const row = this.#row;
    row.base = this.#base;
    row.index = this.#first;
    for (let i = 0; i < this.#count; i++) {
      fill(row);
      row.base += this.#words;
      row.index += 1;
    }
  }

  /** Sets the column to one value. */
  set(column: Column, value: number): void {
    this.#columns[column.index]!.fill(value, this.#first, this.#first + this.#count);
  }

  /** Sets the column to the word of the events at `offset`. */
  copy(column: Column, offset: number): void {
    const to = this.#columns[column.index]!;
    copyWords(to, this.#first, this.#count, this.#events, this.#base + offset, this.#words);
  }

  /** Sets the column to part `index` of the program message: op, s0, s1, x0, x1, x2, x3, target. */
  message(column: Column, index: number): void {
    const to = this.#columns[column.index]!;
    gather(to, this.#first, this.#count, this.#program[index + 1]!, this.#pcs);
  }

  /** Sets the column to the target where `goes` is 1, else to the pc of the instruction behind this one. */
  nextPc(column: Column, goes: Column, target: Column): void {
    const to = this.#columns[column.index]!;
    const [isGoing, distance] = [this.column(goes), this.column(target)];
    goOn(to, isGoing, distance, this.#first, this.#count, this.#pcs);
  }

  /** Sets the column to 1 where the instruction has an immediate, else to 0. */
  isImmediate(column: Column): void {
    markImmediates(this.#columns[column.index]!, this.#first, this.#count, this.#operations);
  }

  /** Sets the column to what `values` has for the opcode of the instruction. */
  byOpcode(column: Column, values: Uint8Array): void {
    lookUp(this.#columns[column.index]!, this.#first, this.#count, this.#operations, values);
  }

  /** Sets the column to 0 where another one is not. */
  clearWhere(column: Column, where: Column): void {
    clearWhere(this.column(column), this.column(where), this.#first, this.#count);
  }

  /** Sets `columns` to the recorded value of that space at `offset`, as it stands in a message. */
  value(space: Access['space'], columns: readonly Column[], offset: number): void {
    if (space === 'window') {
      this.copy(columns[0]!, offset);
      this.#limbs(columns[1]!, columns[2]!, offset + 1);
      this.copy(columns[3]!, offset + 2);
    } else if (space === 'record') {
      for (let i = 0; i < 3; i++) this.copy(columns[i]!, offset + i);
      this.set(columns[3]!, 0);
    } else {
      for (let i = 0; i < columns.length; i += 2) {
        this.#limbs(columns[i]!, columns[i + 1]!, offset + (i >> 1));
      }
    }
  }

  /** Sets `columns`, four for each lane, to the bytes of the lanes from `offset` on. */
  bytes(columns: readonly Column[], offset: number): void {
    for (let i = 0; i < columns.length; i += 4) {
      splitBytes(
        this.column(columns[i]!),
        this.column(columns[i + 1]!),
        this.column(columns[i + 2]!),
        this.column(columns[i + 3]!),
        this.#first,
        this.#count,
        this.#events,
        this.#base + offset + (i >> 2),
        this.#words,
      );
    }
  }

  /** Sets the column to the upper byte of the limbs in another one. */
  upperByte(column: Column, limb: Column): void {
    upperBytes(this.column(column), this.column(limb), this.#first, this.#count);
  }

  /** Where the instruction has an immediate, sets two columns to the bytes of part `index` of its message. */
  immediateBytes(low: Column, high: Column, index: number): void {
    const [lows, highs] = [this.column(low), this.column(high)];
    const limbs = this.#program[index + 1]!;
    splitImmediates(lows, highs, this.#first, this.#count, this.#operations, limbs, this.#pcs);
  }

  /** Where the instruction has an immediate, sets the column to another one, or to 0. */
  immediate(column: Column, from: Column | undefined): void {
    const to = this.#columns[column.index]!;
    if (from === undefined) {
      clearImmediate(to, this.#first, this.#count, this.#operations);
    } else {
      const source = this.#columns[from.index]!;
      takeImmediate(to, source, this.#first, this.#count, this.#operations);
    }
  }

  #limbs(low: Column, high: Column, offset: number): void {
    splitLanes(
      this.#columns[low.index]!,
      this.#columns[high.index]!,
      this.#first,
      this.#count,
      this.#events,
      this.#base + offset,
      this.#words,
    );
  }
}
