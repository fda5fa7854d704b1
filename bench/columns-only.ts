/** A chip without messages: what the prover does for a cell that asks nobody. Synthetic; it proves nothing of use. */

import { ChipBuilder } from '../src/stark/air/chip.ts';
import { add, mul, next } from '../src/stark/air/expr.ts';
import { add as addElements, mul as multiply } from '../src/stark/field/m31.ts';
import type { Instance, System, Trace } from '../src/stark/system.ts';

const COLUMNS = 64;

/** Each column is the product of two before it plus a third; each row goes on where the one before ended. */
export function columnsOnly(logRows: number): { instance: Instance; trace: Trace; cells: number } {
  const chip = new ChipBuilder('columns only');
  const columns = chip.columns('value', COLUMNS, 'a value');
  const at = (k: number) => columns[k]!;
  for (let k = 3; k < COLUMNS; k++) {
    chip.equal(`value ${k}`, at(k), add(mul(at(k - 1), at(k - 2)), at(k - 3)));
  }
  // The rows form a cycle only if nothing is said across them; a first column of zeros makes the rule hold.
  chip.zero('start', mul(at(0), next(at(0))));
  const description = chip.build({ assumes: [], proves: [] });
  const system: System = {
    name: 'columns only',
    chips: [description],
    buses: [],
    constantTables: new Map(),
    constantRoot: new Uint8Array(32),
    clockLimit: 2 ** 29,
  };
  const rows = 2 ** logRows;
  const values = Array.from({ length: COLUMNS }, () => new Uint32Array(rows));
  for (let row = 0; row < rows; row++) {
    values[1]![row] = row + 1;
    values[2]![row] = 2 * row + 3;
    for (let k = 3; k < COLUMNS; k++) {
      const product = multiply(values[k - 1]![row]!, values[k - 2]![row]!);
      values[k]![row] = addElements(product, values[k - 3]![row]!);
    }
  }
  const instance: Instance = {
    system,
    digest: new Uint8Array(32),
    statement: new Uint8Array(0),
    parameters: {},
    fixedTables: new Map(),
    publicTerms: [],
  };
  const table = { chip: description, logRows, realRows: rows, columns: values };
  return { instance, trace: { tables: [table] }, cells: COLUMNS * rows };
}
