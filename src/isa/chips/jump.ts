/**
 * The unconditional jump inside a unit.
 *
 * Assumes: the program table holds targets relative to their own pc.
 * Proves: the machine goes on at pc + target.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const jump: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('jump');
  const select = selector(chip, ['jump']);
  const adapter = instructionAdapter(chip, 'jump', { ...select, alwaysTaken: true });
  return {
    description: chip.build({
      assumes: ['targets in the program table are relative to their pc'],
      proves: ['the machine goes on at pc + target'],
      stride: adapter.stride,
    }),
    format: 'jump',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
