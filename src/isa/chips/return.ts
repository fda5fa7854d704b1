/**
 * The return: pc, fp and sp come from the return record at fp.
 *
 * Assumes: records are written by calls only, or are image (frame 0).
 * Proves: the machine goes on with the pc, fp and sp of the record at fp.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const returnChip: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('return');
  const select = selector(chip, ['return']);
  const record = ['pc', 'fp', 'sp'].map((name) =>
    chip.column(`record_${name}`, `${name} of the record`),
  );
  const [nextPc, nextFp, nextSp] = record;
  const adapter = instructionAdapter(chip, 'return', {
    ...select,
    nextPc: nextPc!,
    nextFp: nextFp!,
    nextSp: nextSp!,
    before: { record: [...record, 0] },
  });
  return {
    description: chip.build({
      assumes: ['records are written by calls only, or are image'],
      proves: ['the machine goes on with the pc, fp and sp of the record at fp'],
      stride: adapter.stride,
    }),
    format: 'return',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      record.forEach((column, i) => {
        rows.copy(column, 5 + i);
      });
    },
  };
}
