/**
 * A word as a wide word, its upper limbs zero.
 *
 * Assumes: nothing of the limbs; what is written stood in a register before.
 * Proves: wide rd = word rs1.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { mul } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const widen: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('widen');
  const real = chip.bit('real', 'an instruction');
  const source = chip.columns('source', 4, 'the word');
  const adapter = instructionAdapter(chip, 'widen', {
    real,
    opcode: mul(instructions.widen.opcode, real),
    before: { rs1: source },
    after: { rd: [...source, ...Array<number>(WIDE_LIMBS - source.length).fill(0)] },
  });

  const read = limbReader('widen', 'rs1');
  const limbs = new Uint16Array(source.length);
  return {
    description: chip.build({
      assumes: [],
      proves: ['wide rd = word rs1'],
      stride: adapter.stride,
    }),
    format: 'widen',
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
