/**
 * Branches on the comparison of two words.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: the machine goes to the target if the relation holds between rs1 and rs2, else to the next
 * instruction.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { relationOf } from './relation.ts';

export const branch: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('branch');
  const relation = relationOf(chip, instructions.beq.opcode);
  const taken = chip.column('taken', 'the relation holds');
  const adapter = instructionAdapter(chip, 'branch', { ...relation, taken });
  const compared = relation.compare(adapter);
  chip.equal('answer', taken, compared.answer);

  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['goes to the target if the relation holds between rs1 and rs2'],
      stride: adapter.stride,
    }),
    format: 'branch',
    fill(rows) {
      adapter.fill(rows);
      compared.fill(rows, taken);
      adapter.fillNextPc(rows);
    },
  };
}
