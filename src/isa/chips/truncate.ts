/**
 * The low 64 bits of a wide word as a word.
 *
 * Assumes: nothing of the limbs; what is written stood in a register before.
 * Proves: word rd = wide rs1 modulo 2^64.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { mul } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const truncate: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('truncate');
  const real = chip.bit('real', 'an instruction');
  const source = chip.columns('source', WIDE_LIMBS, 'the wide word');
  const adapter = instructionAdapter(chip, 'truncate', {
    real,
    opcode: mul(instructions.truncate.opcode, real),
    before: { rs1: source },
    after: { rd: source.slice(0, 4) },
  });

  const read = limbReader('truncate', 'rs1');
  const limbs = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: [],
      proves: ['word rd = wide rs1 modulo 2^64'],
      stride: adapter.stride,
    }),
    format: 'truncate',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        read(row, limbs);
        source.forEach((column, i) => {
          row.set(column, limbs[i]!);
        });
      });
    },
  };
}
