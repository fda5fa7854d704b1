/**
 * Writing a global register: privileged.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: the global register becomes rs1.
 * Spec: `spec/2-instructions.md`, context.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const setGlobal: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('set-global');
  const select = selector(chip, ['setg']);
  const value = chip.columns('value', 4, 'value of rs1');
  const adapter = instructionAdapter(chip, 'setGlobal', {
    ...select,
    before: { rs1: value },
    after: { global: value },
  });
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['the global register becomes rs1'],
      stride: adapter.stride,
    }),
    format: 'setGlobal',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
