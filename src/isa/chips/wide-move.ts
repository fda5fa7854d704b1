/**
 * Move of a wide register.
 *
 * The value read is the value written, so there is nothing to check but the accesses.
 *
 * Assumes: nothing of the limbs; what is written stood in a register before.
 * Proves: rd = rs1.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { mul } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';

export const wideMove: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-move');
  const real = chip.bit('real', 'an instruction');
  const value = chip.columns('value', 16, 'the value moved');
  const adapter = instructionAdapter(chip, 'wideUnary', {
    real,
    opcode: mul(instructions.wmove.opcode, real),
    before: { rs1: value },
    after: { rd: value },
  });

  return {
    description: chip.build({ assumes: [], proves: ['rd = rs1'], stride: adapter.stride }),
    format: 'wideUnary',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
    },
  };
}
