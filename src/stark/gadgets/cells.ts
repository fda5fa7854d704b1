/** Where a gadget writes the cells of one row. */

import type { Column } from '../air/expr.ts';

export interface CellWriter {
  /** Sets a cell to a canonical field element. */
  set(column: Column, value: number): void;
}

/** Rows of a table, one after the other, that a gadget fills from columns that are filled. */
export interface CellBlock {
  /** The first of the rows. */
  readonly first: number;
  readonly count: number;
  /** The whole column. */
  column(column: Column): Uint32Array;
}
