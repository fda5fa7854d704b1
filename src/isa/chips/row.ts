/** Writes one row of a table from one recorded event; a cursor, reused for all rows (`rows.ts`). */

import type { Column } from '../../stark/air/expr.ts';

const MODULUS = 0x7fffffff;

/** What of a program the rows need besides its instructions. */
export interface RowFacts {
  readonly fpLimit: number;
  /** Absolute pcs of each index table by key; key 0 has the runtime entries. */
  readonly tables: ReadonlyMap<number, Int32Array>;
}

export class Row {
  /** The program table's fixed columns: pc, then the eight parts of the message. */
  readonly #program: readonly Uint32Array[];
  readonly facts: RowFacts;
  columns: readonly Uint32Array[] = [];
  index = 0;
  events: Int32Array = new Int32Array(0);
  /** Where the event of this row begins. */
  base = 0;

  constructor(programColumns: readonly Uint32Array[], facts: RowFacts) {
    this.#program = programColumns;
    this.facts = facts;
  }

  /** Part `index` of the program message of this instruction: op, s0, s1, x0, x1, x2, x3, target. */
  message(index: number): number {
    return this.#program[index + 1]![this.pc]!;
  }

  get opcode(): number {
    return this.message(0) & 255;
  }

  /** The program counter of the event. */
  get pc(): number {
    return this.events[this.base]!;
  }

  /** Where the target of this instruction is. */
  get targetPc(): number {
    return (this.pc + this.message(7)) % MODULUS;
  }

  /** Entry `index` of the table with that key. */
  tableEntry(key: number, index: number): number {
    const pc = this.facts.tables.get(key)?.[index];
    if (pc === undefined) throw new RangeError(`table ${key}: expected an entry ${index}`);
    return pc;
  }

  /** A recorded 32-bit value, signed, at `offset` words in the event. */
  event(offset: number): number {
    return this.events[this.base + offset]!;
  }

  /** Sets a cell to a canonical field element. */
  set(column: Column, value: number): void {
    this.columns[column.index]![this.index] = value;
  }

  /** Sets a cell to the residue of a small signed number. */
  setSigned(column: Column, value: number): void {
    this.columns[column.index]![this.index] = value < 0 ? value + MODULUS : value;
  }

  get(column: Column): number {
    return this.columns[column.index]![this.index]!;
  }
}
