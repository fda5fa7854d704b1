/** Where a gadget writes the cells of one row. */

import type { Column } from '../air/expr.ts';

export interface CellWriter {
  /** Sets a cell to a canonical field element. */
  set(column: Column, value: number): void;
}
