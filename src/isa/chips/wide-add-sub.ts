/**
 * Addition, subtraction and complement of wide words.
 *
 * The sum says left + right = result modulo 2^256, the difference result + right = left, the complement
 * left + result = all ones. The carry out of each limb is a linear form, and that it is a bit is the rule.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 + rs2, rs1 - rs2 (modulo 2^256), or NOT rs1 whatever rs2.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { range } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const wideAddSub: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-add-sub');
  const select = selector(chip, ['wadd', 'wsub', 'wnot']);
  const adapter = instructionAdapter(chip, 'wideAlu', select);
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const result = adapter.after('rd');

  const sumCarries = carriesOf(left, right, result);
  const differenceCarries = carriesOf(result, right, left);
  const { wadd, wsub, wnot } = select.flag;
  result.forEach((limb, i) => {
    // is_wadd * carry * (carry - 1) = 0
    const carry = sumCarries[i]!;
    chip.zero(`carry ${i} of the sum`, mul(wadd, carry, sub(carry, 1)));
    // is_wsub * borrow * (borrow - 1) = 0
    const borrow = differenceCarries[i]!;
    chip.zero(`carry ${i} of the difference`, mul(wsub, borrow, sub(borrow, 1)));
    // is_wnot * (left + result - (2^16 - 1)) = 0
    chip.zero(`limb ${i} of the complement`, mul(wnot, sub(add(left[i]!, limb), 0xffff)));
    range(chip, `result limb ${i}`, 16, limb, select.real);
  });

  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 + rs2 or rs1 - rs2 modulo 2^256, or NOT rs1'],
      stride: adapter.stride,
    }),
    format: 'wideAlu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
