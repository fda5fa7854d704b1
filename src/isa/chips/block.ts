/**
 * The head of a metered block: gas, stack check and slide of the operand stack in one row.
 *
 * The depth is sp mod 2048, by its bits: 11 of them, and 16 for the frame number above, on faulting
 * rows too; without the bound on the frame number every depth would be admissible modulo p.
 *
 * Assumes: sp < 2^27; need, grow <= 1024 and -need <= slide <= grow (linker); gas limbs below 2^16.
 * Proves: fault = 1 exactly if g0 < gas, need > depth or depth + grow > 1024. Without it g0 falls by
 * gas and sp moves by slide; with it nothing changes and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, metering.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, not, sub } from '../../stark/air/expr.ts';
import { range } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { gasLeft } from './gas-left.ts';
import { selector } from './selector.ts';

/** 1 / 2048 modulo 2^31 - 1. */
const INVERSE_OF_STRETCH = 2 ** 20;

export const block: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('block');
  const select = selector(chip, ['block']);
  const { real } = select;
  const fault = chip.column('fault', 'gas, entries or room are missing');
  const nextSp = chip.column('nextSp', 'wide stack pointer of the next step');
  const depth = chip.column('depth', 'entries on the operand stack of this frame');
  const lacksEntries = chip.bit('lacksEntries', 'need > depth');
  const lacksRoom = chip.bit('lacksRoom', 'depth + grow > 1024');
  const adapter = instructionAdapter(chip, 'block', { ...select, fault, nextSp });
  const { s0: need, s1: grow, x0, x1, x2: slide } = adapter.slots;
  const gas = gasLeft(chip, {
    amount: [x0!, x1!, 0, 0],
    before: adapter.before('gas register'),
    after: adapter.after('gas register'),
    fault,
    real,
  });

  // sp = 2048 k + depth
  range(chip, 'depth', 11, depth, real);
  range(chip, 'frame number', 16, mul(INVERSE_OF_STRETCH, sub(adapter.state.sp, depth)), real);
  // depth - need + 2048 lacksEntries in [0, 2048)
  range(chip, 'entries', 11, add(sub(depth, need!), mul(2048, lacksEntries)), real);
  // 1024 - depth - grow + 2048 lacksRoom in [0, 2048)
  const room = sub(sub(1024, depth), grow!);
  range(chip, 'room', 11, add(room, mul(2048, lacksRoom)), real);

  // fault = lacksGas or lacksEntries or lacksRoom
  const none = mul(not(gas.lacksGas), not(lacksEntries), not(lacksRoom));
  chip.equal('fault is any reason', fault, not(none));
  // nextSp = sp + (1 - fault) * slide
  chip.equal('next sp', nextSp, add(adapter.state.sp, mul(not(fault), slide!)));

  return {
    description: chip.build({
      assumes: ['sp < 2^27', 'need, grow <= 1024 and -need <= slide <= grow'],
      proves: [
        'fault exactly if g0 < gas, need > depth or depth + grow > 1024',
        'without fault g0 falls by gas and sp moves by slide, else nothing changes',
      ],
      stride: adapter.stride,
    }),
    format: 'block',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const sp = row.event(3);
        const entries = sp % 2048;
        const isPoor = row.message(1) > entries;
        const isFull = entries + row.message(2) > 1024;
        row.set(depth, entries);
        row.set(lacksEntries, isPoor ? 1 : 0);
        row.set(lacksRoom, isFull ? 1 : 0);
        const isOut = gas.fill(row, {
          low: row.event(5),
          high: row.event(6),
          amountLow: row.message(3) | (row.message(4) << 16),
          amountHigh: 0,
        });
        const isFault = isOut || isPoor || isFull;
        row.set(fault, isFault ? 1 : 0);
        row.set(nextSp, isFault ? sp : (sp + row.message(5)) % 0x7fffffff);
      });
      adapter.fillNextPc(rows);
    },
  };
}
