/**
 * Whether the change of one cell of a trace is noticed: by a rule on its row or on the row before it, or
 * because a message says something else than before. Lookups into the range and byte tables only have to
 * hold, since their counts are the attacker's too. Exact, and much faster than checking the whole trace.
 */

import type { Instance, TraceTable } from '../../src/stark/system.ts';
import { fixedTableOf } from '../../src/stark/system.ts';
import { type CompiledRules, compileRules, type Face } from './rules.ts';

export class CellChanges {
  readonly #table: TraceTable;
  readonly #fixed: readonly Uint32Array[];
  readonly #rules: CompiledRules;
  /** Rows before the changed one that see it. */
  readonly #before: number;

  constructor(instance: Instance, table: TraceTable) {
    this.#table = table;
    this.#fixed = fixedTableOf(instance, table.chip)?.columns ?? [];
    const alone = compileRules(table.chip, instance.parameters);
    this.#before = alone.rowCount > 1 ? 1 : 0;
    this.#rules = this.#before === 0 ? alone : compileRules(table.chip, instance.parameters, [], 3);
  }

  /** Whether the trace stays acceptable and says the same with `value` in that cell, which holds another now. */
  isUnnoticed(column: number, row: number, value: number): boolean {
    const cells = this.#cellsAround(row);
    const told = messages(this.#rules.faces, cells);
    cells[this.#before * this.#table.columns.length + column] = value;
    if (this.#rules.rules.some((rule) => rule.isBroken(cells))) return false;
    const now = messages(this.#rules.faces, cells);
    return told.size === now.size && [...told].every(([text, count]) => now.get(text) === count);
  }

  /** Main cells, fixed cells and last-row marks of the rows around one, as compiled rules want them. */
  #cellsAround(row: number): Uint32Array {
    const { columns, logRows } = this.#table;
    const height = 2 ** logRows;
    const { rowCount, cellCount } = this.#rules;
    const cells = new Uint32Array(cellCount);
    let at = 0;
    const rows = Array.from(
      { length: rowCount },
      (_, i) => (row - this.#before + i + height) % height,
    );
    for (const source of [columns, this.#fixed]) {
      for (const index of rows) for (const column of source) cells[at++] = column[index]!;
    }
    for (const index of rows) cells[at++] = index === height - 1 ? 1 : 0;
    return cells;
  }
}

/** What the rows say, with multiplicities; a receive counts against a send. */
function messages(faces: readonly Face[], cells: Uint32Array): Map<string, number> {
  const found = new Map<string, number>();
  for (const { bus, direction, multiplicity, message } of faces) {
    const times = multiplicity.value(cells);
    if (times === 0) continue;
    const text = `${bus} ${direction} ${message.map((form) => form.value(cells)).join(' ')}`;
    found.set(text, (found.get(text) ?? 0) + times);
  }
  return found;
}
