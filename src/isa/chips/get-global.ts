/**
 * Reading a global register into a word register.
 *
 * Assumes: limbs of globals are below 2^16.
 * Proves: rd is the global register.
 * Spec: `spec/2-instructions.md`, context.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const getGlobal: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('get-global');
  const select = selector(chip, ['getg']);
  const value = chip.columns('value', 4, 'value of the global register');
  const adapter = instructionAdapter(chip, 'getGlobal', {
    ...select,
    before: { global: value },
    after: { rd: value },
  });
  return {
    description: chip.build({
      assumes: ['limbs of globals are below 2^16'],
      proves: ['rd is the global register'],
      stride: adapter.stride,
    }),
    format: 'getGlobal',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
