/**
 * What prover and verifier are given: a machine as a value, an instance of it, a trace.
 *
 * The proof system knows no instruction. A `System` is fixed once for the machine, an `Instance` is
 * what both sides know of one run (program and statement), a `Trace` is what only the prover knows.
 */

import type { Bus, ChipDescription } from './air/chip.ts';

/** Columns of a fixed table, in row order, each of `2^logRows` canonical field elements. */
export interface FixedTable {
  readonly logRows: number;
  readonly columns: readonly Uint32Array[];
}

export interface System {
  /** Bound into every transcript; changes whenever the meaning of a chip changes. */
  readonly name: string;
  /** In canonical order: proofs list their tables in this order. Names are unique. */
  readonly chips: readonly ChipDescription[];
  readonly buses: readonly Bus[];
  /** Fixed columns that are the same for every program, by chip name. */
  readonly constantTables: ReadonlyMap<
    string,
    { readonly logRows: number; columns(): Uint32Array[] }
  >;
  /** Merkle root over all constant tables at blowup 2: a generated constant, recomputed by a test. */
  readonly constantRoot: Uint8Array;
  /** The sum over all rows, padding included, of rows times stride stays below this. */
  readonly clockLimit: number;
}

/** A message that the verifier itself sends or receives. */
export interface PublicTerm {
  readonly bus: Bus;
  readonly direction: 'send' | 'receive';
  readonly message: readonly number[];
  readonly multiplicity: number;
}

export interface Instance {
  readonly system: System;
  /** Digest of everything fixed columns, parameters and public terms are computed from. */
  readonly digest: Uint8Array;
  /** The statement, canonically encoded, at most {@link MAX_STATEMENT_BYTES}; absorbed before the first challenge. */
  readonly statement: Uint8Array;
  /** Values of the parameters that expressions name. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Fixed columns that depend on the instance, by chip name: every chip with source `program`. */
  readonly fixedTables: ReadonlyMap<string, FixedTable>;
  readonly publicTerms: readonly PublicTerm[];
}

/**
 * Longest statement. A verifier builds tables from it before it can look at the body, some hundred bytes for each
 * of its own; and inputs and outputs of this length are more than one proof can hold.
 */
export const MAX_STATEMENT_BYTES = 2 ** 23;

export interface TraceTable {
  readonly chip: ChipDescription;
  /** At least 4. Tables of `fixedSource` other than `none` have the height of their fixed columns. */
  readonly logRows: number;
  /** Rows that are no padding. */
  readonly realRows: number;
  /** One array of `2^logRows` canonical elements for each main column. */
  readonly columns: readonly Uint32Array[];
}

export interface Trace {
  /** In the order of `system.chips`; instances of one chip adjacent, taller first. Chips without rows are absent. */
  readonly tables: readonly TraceTable[];
}

const constantColumns = new WeakMap<object, Uint32Array[]>();

/**
 * The fixed columns of a chip, undefined if it has none. Those of constant tables are made once.
 *
 * @throws TypeError if the system or the instance does not give them.
 */
export function fixedTableOf(instance: Instance, chip: ChipDescription): FixedTable | undefined {
  if (chip.fixedSource === 'none') return undefined;
  if (chip.fixedSource === 'program') {
    const table = instance.fixedTables.get(chip.name);
    if (table === undefined) throw new TypeError(`${chip.name}: expected fixed columns`);
    return table;
  }
  const table = instance.system.constantTables.get(chip.name);
  if (table === undefined) throw new TypeError(`${chip.name}: expected a constant table`);
  let columns = constantColumns.get(table);
  if (columns === undefined) {
    columns = table.columns();
    constantColumns.set(table, columns);
  }
  return { logRows: table.logRows, columns };
}

/** log2 of the rows of a chip's fixed columns, undefined if it has none. Throws as {@link fixedTableOf}. */
export function fixedLogRows(instance: Instance, chip: ChipDescription): number | undefined {
  if (chip.fixedSource !== 'constant') return fixedTableOf(instance, chip)?.logRows;
  const table = instance.system.constantTables.get(chip.name);
  if (table === undefined) throw new TypeError(`${chip.name}: expected a constant table`);
  return table.logRows;
}
