/**
 * The call inside a unit: slide the frame, write the return record, go to the target.
 *
 * Where the frame pointer would pass the program's limit, nothing is written and the machine goes
 * to runtime entry 0, which ends the run as "call stack exhausted".
 *
 * Assumes: slide >= 1 (refused by the linker otherwise) and < 2^16; fp < fpLimit <= 2^28.
 * Proves: fp' = fp + slide, the record at fp' is (pc + 1, fp, sp), the machine goes on at
 * pc + target; or fp + slide >= fpLimit, nothing changed, and it goes on at runtime entry 0.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { tableBus } from '../buses.ts';
import { instructionAdapter, stateColumns } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { frameLimit } from './frame-limit.ts';
import { selector } from './selector.ts';

export const call: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('call');
  const select = selector(chip, ['call']);
  const state = stateColumns(chip);
  const nextPc = chip.column('nextPc', 'program counter of the next step');
  const nextFp = chip.column('nextFp', 'frame pointer of the next step');
  const slid = chip.column('slid', 'fp + slide');
  const limit = frameLimit(chip, slid, select.real);
  const adapter = instructionAdapter(chip, 'call', {
    ...select,
    stateColumns: state,
    fault: limit.isExhausted,
    nextPc,
    nextFp,
    record: slid,
    after: { record: [add(state.pc, 1), state.fp, state.sp, 0] },
  });
  const target = adapter.target!;
  // slid = fp + slide
  chip.equal('slide', slid, add(state.fp, adapter.slots.x0!));
  // nextFp = isExhausted ? fp : slid
  chip.equal('next fp', nextFp, add(slid, mul(limit.isExhausted, sub(state.fp, slid))));
  // not exhausted: nextPc = pc + target
  chip.zero('next pc', mul(sub(1, limit.isExhausted), sub(nextPc, add(state.pc, target))));
  chip.send('runtime entry 0', tableBus, [0, 0, nextPc], limit.isExhausted);

  return {
    description: chip.build({
      assumes: ['slide is 1 to 2^16 - 1', 'fp < fpLimit <= 2^28'],
      proves: [
        'the frame slides, the record at the new fp is (pc + 1, fp, sp), the machine goes to the target',
        'or the new fp would pass the limit and the machine goes to runtime entry 0, nothing changed',
      ],
      stride: adapter.stride,
    }),
    format: 'call',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const fp = row.event(2);
        const newFp = fp + row.message(3);
        row.set(slid, newFp);
        limit.fill(row, newFp, row.facts.fpLimit);
        const isExhausted = row.get(limit.isExhausted) === 1;
        row.set(nextFp, isExhausted ? fp : newFp);
        row.set(nextPc, isExhausted ? row.tableEntry(0, 0) : row.targetPc);
      });
    },
  };
}
