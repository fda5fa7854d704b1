/**
 * Reading the byte length of a window.
 *
 * Assumes: the length limbs of windows are below 2^16: checked when a window is set.
 * Proves: rd is the byte length of the window.
 * Spec: `spec/2-instructions.md`, context.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const getWindow: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('get-window');
  const select = selector(chip, ['getm']);
  const value = chip.columns('window', 4, 'segment, length in two limbs, writable');
  const adapter = instructionAdapter(chip, 'getWindow', {
    ...select,
    before: { window: value },
    after: { rd: [value[1]!, value[2]!, 0, 0] },
  });
  return {
    description: chip.build({
      assumes: ['length limbs of windows are below 2^16'],
      proves: ['rd is the byte length of the window'],
      stride: adapter.stride,
    }),
    format: 'getWindow',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
