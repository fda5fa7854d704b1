/**
 * Moving a register or an immediate of 64 bits into a register.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd is the second source.
 * Spec: `spec/2-instructions.md`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const move: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('move');
  const select = selector(chip, ['move']);
  const value = chip.columns('value', 4, 'the value moved');
  const adapter = instructionAdapter(chip, 'move', {
    ...select,
    before: { rs2: value },
    after: { rd: value },
  });
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd is the second source'],
      stride: adapter.stride,
    }),
    format: 'move',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
