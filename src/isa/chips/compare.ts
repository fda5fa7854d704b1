/**
 * Comparison of words, the answer as 0 or 1.
 *
 * The upper limbs of the result are constants and have no columns. 72 cells a row, one above the
 * budget: equality needs the sign of a difference, which an order has in its answer.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = 1 if the relation holds between rs1 and rs2, else 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { relationOf } from './relation.ts';

export const compare: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('compare');
  const relation = relationOf(chip, instructions.seq.opcode);
  const holds = chip.column('holds', 'the relation holds');
  const adapter = instructionAdapter(chip, 'alu', { ...relation, after: { rd: [holds, 0, 0, 0] } });
  const compared = relation.compare(adapter);
  chip.equal('answer', holds, compared.answer);

  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = 1 if the relation holds between rs1 and rs2, else 0'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      compared.fill(rows, holds);
    },
  };
}
