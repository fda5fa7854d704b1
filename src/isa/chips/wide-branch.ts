/**
 * Compare-and-branch on wide words.
 *
 * The relation is that of `wide-condition.ts`; half of the instructions ask for its contrary. The
 * opcode is wbeq + contrary + 2 less + 4 greater + 4 signed.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: the machine goes to the target exactly if the condition holds, else to the next instruction.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { conditionFlags, wideCondition } from './wide-condition.ts';
import { limbReader, WIDE_LIMBS } from './wide-operands.ts';

export const wideBranch: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-branch');
  const base = instructions.wbeq.opcode;
  const flags = conditionFlags(chip);
  const contrary = chip.bit('contrary', 'branches where the relation does not hold');
  const taken = chip.bit('taken', 'the machine goes to the target');
  const { real, less, greater, signed } = flags;
  const adapter = instructionAdapter(chip, 'wideBranch', {
    real,
    opcode: add(mul(base, real), contrary, mul(2, less), mul(4, greater), mul(4, signed)),
    taken,
  });
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  // holds = taken XOR contrary
  const holds = sub(add(taken, contrary), mul(2, taken, contrary));
  const condition = wideCondition(chip, { left, right, flags, holds });

  const readLeft = limbReader('wideBranch', 'rs1');
  const readRight = limbReader('wideBranch', 'rs2');
  const a = new Uint16Array(WIDE_LIMBS);
  const b = new Uint16Array(WIDE_LIMBS);
  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['goes to the target exactly if the condition of the instruction holds'],
      stride: adapter.stride,
    }),
    format: 'wideBranch',
    fill(rows) {
      adapter.fill(rows);
      rows.each((row) => {
        // The relations in order: =, <, >, < signed, > signed, each followed by its contrary.
        const number = row.opcode - base;
        const relation = number >> 1;
        row.set([flags.equal, less, greater, less, greater][relation]!, 1);
        if (relation >= 3) row.set(signed, 1);
        row.set(contrary, number & 1);
        const isHeld = condition.fill(row, readLeft(row, a), readRight(row, b));
        const goes = isHeld !== ((number & 1) === 1);
        row.set(taken, goes ? 1 : 0);
      });
      adapter.fillNextPc(rows);
    },
  };
}
