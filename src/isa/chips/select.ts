/**
 * Choosing between two registers by a third.
 *
 * Assumes: limbs of registers are below 2^16, so the sum of the condition's limbs is 0 only if all are.
 * Proves: rd = rs1 if rs3 is not 0, else rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { eventLayout } from '../trace.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

const conditionAt = eventLayout('select').offsetOf('rs3').before;

export const select: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('select');
  const flags = selector(chip, ['select']);
  const adapter = instructionAdapter(chip, 'select', flags);
  const condition = isNonzero(chip, 'isChosen', add(...adapter.before('rs3')));
  adapter.after('rd').forEach((limb, i) => {
    const [chosen, other] = [adapter.before('rs1')[i]!, adapter.before('rs2')[i]!];
    // rd = other + isChosen * (chosen - other)
    const difference = mul(condition.flag, sub(chosen, other));
    chip.equal(`result limb ${i}`, limb, add(other, difference));
  });
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd = rs1 if rs3 is not 0, else rs2'],
      stride: adapter.stride,
    }),
    format: 'select',
    fill(rows) {
      adapter.fill(rows);
      flags.fill(rows);
      rows.each((row) => {
        const [low, high] = [row.event(conditionAt), row.event(conditionAt + 1)];
        const sum = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
        condition.fill((column, value) => row.set(column, value), sum);
      });
    },
  };
}
