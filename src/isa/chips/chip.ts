/** An instruction chip: the description that the proof system gets, and how its rows are filled. */

import type { ChipDescription } from '../../stark/air/chip.ts';
import type { FormatName } from '../formats.ts';
import type { RowBlock } from './rows.ts';

export interface InstructionChip {
  /** Its name is the `chip` of the instructions it proves. */
  readonly description: ChipDescription;
  readonly format: FormatName;
  /** Fills the rows from the recorded events. Every main column is set or left 0, as it was before. */
  fill(rows: RowBlock): void;
}
