/**
 * Narrowing of a wide word to a word, with a fault where it does not fit.
 *
 * The upper twelve limbs are all zero exactly if their sum is, which stays below 2^20; the fault is that
 * the sum is not zero, both ways by its inverse.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: word rd = wide rs1 if rs1 < 2^64, else nothing is written and the machine goes to the target.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, not } from '../../stark/air/expr.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const narrow: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('narrow');
  const real = chip.bit('real', 'an instruction');
  const source = chip.columns('source', WIDE_LIMBS, 'the wide word');
  const upper = isNonzero(chip, 'fault', add(...source.slice(4)));
  // fault * (1 - real) = 0
  chip.zero('padding does not fault', mul(upper.flag, not(real)));
  const adapter = instructionAdapter(chip, 'narrow', {
    real,
    opcode: mul(instructions.narrow.opcode, real),
    before: { rs1: source },
    after: { rd: source.slice(0, 4) },
    fault: upper.flag,
  });

  const read = limbReader('narrow', 'rs1');
  const limbs = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['word rd = wide rs1 if rs1 < 2^64, else nothing is written and pc is the target'],
      stride: adapter.stride,
    }),
    format: 'narrow',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        read(row, limbs);
        let sum = 0;
        for (let i = 4; i < WIDE_LIMBS; i++) sum += limbs[i]!;
        upper.fill((column, value) => row.set(column, value), sum);
        // Last: the lower limbs are the value of rd too, which a faulting row does not write.
        source.forEach((column, i) => {
          row.set(column, limbs[i]!);
        });
      });
      adapter.fillNextPc(rows);
    },
  };
}
