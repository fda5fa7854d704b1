/**
 * The jump to a runtime entry by number, through table 0.
 *
 * Proves: the machine goes on at the runtime entry that the instruction names.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { tableBus } from '../buses.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const jumpRuntime: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('jump-runtime');
  const select = selector(chip, ['jumpr']);
  const nextPc = chip.column('nextPc', 'program counter of the next step');
  const adapter = instructionAdapter(chip, 'jumpRuntime', { ...select, nextPc });
  chip.send('runtime entry', tableBus, [0, adapter.slots.x0!, nextPc], select.real);
  return {
    description: chip.build({
      assumes: ['key 0 of the table bus has the runtime entries'],
      proves: ['the machine goes on at the runtime entry of that number'],
      stride: adapter.stride,
    }),
    format: 'jumpRuntime',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        row.set(nextPc, row.tableEntry(0, row.message(3)));
      });
    },
  };
}
