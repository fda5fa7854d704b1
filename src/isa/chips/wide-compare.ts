/**
 * Comparison of wide words to a wide 0 or 1.
 *
 * The relation is that of `wide-condition.ts`; the result needs one column, its other limbs are zero.
 * The opcode is weq + less + 2 greater + 2 signed. Two cells over the budget of 105: both signs cost a
 * lookup, and saving one would take as many columns.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = 1 if rs1 = rs2, rs1 < rs2, rs1 > rs2 (unsigned, signed), else 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { conditionFlags, wideCondition } from './wide-condition.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const wideCompare: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-compare');
  const base = instructions.weq.opcode;
  const flags = conditionFlags(chip);
  const result = chip.bit('result', 'the relation holds');
  const adapter = instructionAdapter(chip, 'wideAlu', {
    real: flags.real,
    opcode: add(mul(base, flags.real), flags.less, mul(2, flags.greater), mul(2, flags.signed)),
    after: { rd: [result, ...Array<number>(WIDE_LIMBS - 1).fill(0)] },
  });
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const condition = wideCondition(chip, { left, right, flags, holds: result });

  const readLeft = limbReader('wideAlu', 'rs1');
  const readRight = limbReader('wideAlu', 'rs2');
  const a = new Uint16Array(WIDE_LIMBS);
  const b = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = 1 if rs1 = rs2, rs1 < rs2, rs1 > rs2 (unsigned, signed), else 0'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      rows.each((row) => {
        // weq, wlt, wgt, wslt, wsgt
        const number = row.opcode - base;
        row.set([flags.equal, flags.less, flags.greater, flags.less, flags.greater][number]!, 1);
        if (number >= 3) row.set(flags.signed, 1);
        const holds = condition.fill(row, readLeft(row, a), readRight(row, b));
        row.set(result, holds ? 1 : 0);
      });
    },
  };
}
