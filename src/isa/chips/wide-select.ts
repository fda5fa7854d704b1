/**
 * Choice between two wide words by a word.
 *
 * Assumes: limbs of registers are below 2^16, so that the four of the word sum to zero only as zeros.
 * Proves: rd = rs1 if the word rs3 is not 0, else rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { limbReader } from './wide-operands.ts';

export const wideSelect: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-select');
  const real = chip.bit('real', 'an instruction');
  const adapter = instructionAdapter(chip, 'wideSelect', {
    real,
    opcode: mul(instructions.wselect.opcode, real),
  });
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const chosen = isNonzero(chip, 'chosen', add(...adapter.before('rs3')));
  adapter.after('rd').forEach((limb, i) => {
    // result = right + chosen * (left - right)
    const difference = sub(left[i]!, right[i]!);
    chip.equal(`result limb ${i}`, limb, add(right[i]!, mul(chosen.flag, difference)));
  });

  const readCondition = limbReader('wideSelect', 'rs3');
  const limbs = new Uint16Array(4);
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd = rs1 if the word rs3 is not 0, else rs2'],
      stride: adapter.stride,
    }),
    format: 'wideSelect',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
      rows.each((row) => {
        readCondition(row, limbs);
        const sum = limbs[0]! + limbs[1]! + limbs[2]! + limbs[3]!;
        chosen.fill((column, value) => row.set(column, value), sum);
      });
    },
  };
}
