/**
 * Setting a memory window: privileged. The fields of a window are checked here, once, not at each use.
 *
 * Assumes: limbs of registers are below 2^16; `writable` is 0 or 1 in the instruction.
 * Proves: fault = 1 exactly if rs1 >= 2^28 or rs2 >= 2^32. Without it the window becomes (rs1, rs2,
 * writable); with it nothing changes and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, context.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, not, sub } from '../../stark/air/expr.ts';
import { isNonzero } from '../../stark/gadgets/is-nonzero.ts';
import { range } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const setWindow: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('set-window');
  const select = selector(chip, ['setm']);
  const { real } = select;
  const segment = chip.columns('segment', 4, 'limbs of rs1, the segment');
  const length = chip.columns('length', 4, 'limbs of rs2, the byte length');
  const writable = chip.column('writable', 'the window may be written');
  const fault = chip.column('fault', 'segment or length too large');
  const adapter = instructionAdapter(chip, 'setWindow', {
    ...select,
    fault,
    before: { rs1: segment, rs2: length },
    after: {
      window: [add(segment[0]!, mul(2 ** 16, segment[1]!)), length[0]!, length[1]!, writable],
    },
  });
  chip.equal('writable is of the instruction', writable, adapter.slots.x0!);
  // Four limbs: the sum stays below 2^18.
  const upper = add(segment[2]!, segment[3]!, length[2]!, length[3]!);
  const isLarge = isNonzero(chip, 'isLarge', upper);
  // 4095 - segment[1] + 2^16 isHigh in [0, 2^16), |4095 - segment[1]| < 2^16
  const isHigh = chip.bit('isHigh', 'limb 1 of the segment is 2^12 or more');
  range(chip, 'segment', 16, add(sub(4095, segment[1]!), mul(2 ** 16, isHigh)), real);
  // fault = isLarge or isHigh
  chip.equal('fault is any reason', fault, not(mul(not(isLarge.flag), not(isHigh))));
  // Else a padding row could write its window with multiplicity -1, that is backwards.
  chip.zero('padding does not fault', mul(fault, not(real)));
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16', 'writable is 0 or 1 in the instruction'],
      proves: [
        'the window becomes (rs1, rs2, writable), or fault exactly if rs1 >= 2^28 or rs2 >= 2^32',
      ],
      stride: adapter.stride,
    }),
    format: 'setWindow',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.message(writable, 3);
      rows.each((row) => {
        const limb = (offset: number, half: number): number =>
          (row.event(offset) >>> (16 * half)) & 0xffff;
        const sum = limb(6, 0) + limb(6, 1) + limb(9, 0) + limb(9, 1);
        isLarge.fill((column, value) => row.set(column, value), sum);
        const isPast = limb(5, 1) >= 4096;
        row.set(isHigh, isPast ? 1 : 0);
        const isFault = sum !== 0 || isPast;
        row.set(fault, isFault ? 1 : 0);
      });
      adapter.fillNextPc(rows);
    },
  };
}
