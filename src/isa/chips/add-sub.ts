/**
 * Addition and subtraction of words, 64 and 32 bits wide.
 *
 * The sum says left + right = result, the difference result + right = left. The carry out of each
 * limb is a linear form, and that it is a bit is the whole rule.
 *
 * Assumes: limbs of registers and immediates are below 2^16.
 * Proves: rd = rs1 +- rs2 modulo 2^64, or modulo 2^32 with a clear upper half.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { mul, sub } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { range } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const addSub: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('add-sub');
  const select = selector(chip, ['add', 'sub', 'add32', 'sub32']);
  const adapter = instructionAdapter(chip, 'alu', select);
  const left = adapter.before('rs1');
  const right = adapter.before('rs2');
  const result = adapter.after('rd');

  const sumCarries = carriesOf(left, right, result);
  const differenceCarries = carriesOf(result, right, left);
  for (let i = 0; i < 4; i++) {
    const adds = i < 2 ? select.any('add', 'add32') : select.flag.add;
    const subs = i < 2 ? select.any('sub', 'sub32') : select.flag.sub;
    // adds * carry * (carry - 1) = 0
    const carry = sumCarries[i]!;
    chip.zero(`carry ${i} of the sum`, mul(adds, carry, sub(carry, 1)));
    const borrow = differenceCarries[i]!;
    chip.zero(`carry ${i} of the difference`, mul(subs, borrow, sub(borrow, 1)));
  }
  for (const i of [2, 3]) {
    chip.zero(`upper limb ${i} is clear`, mul(select.any('add32', 'sub32'), result[i]!));
  }
  result.forEach((limb, i) => {
    range(chip, `result limb ${i}`, 16, limb, select.real);
  });

  return {
    description: chip.build({
      assumes: ['limbs of registers and immediates are below 2^16'],
      proves: ['rd = rs1 +- rs2 modulo 2^64, or modulo 2^32 with a clear upper half'],
      stride: adapter.stride,
    }),
    format: 'alu',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
    },
  };
}
