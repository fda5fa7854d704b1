/**
 * The call of a runtime entry by number: a call whose target comes from table 0, so that the rows of
 * a unit are the same wherever the runtime stands.
 *
 * Assumes: slide >= 1 and < 2^16; fp < fpLimit <= 2^28; key 0 of the table bus has the runtime entries.
 * Proves: as the call chip, with the runtime entry for the target.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { tableBus } from '../buses.ts';
import { instructionAdapter, stateColumns } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { frameLimit } from './frame-limit.ts';
import { selector } from './selector.ts';

export const callRuntime: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('call-runtime');
  const select = selector(chip, ['callr']);
  const state = stateColumns(chip);
  const nextPc = chip.column('nextPc', 'program counter of the next step');
  const nextFp = chip.column('nextFp', 'frame pointer of the next step');
  const slid = chip.column('slid', 'fp + slide');
  const entry = chip.column('entry', 'the entry taken: the one asked for, or 0');
  const limit = frameLimit(chip, slid, select.real);
  const adapter = instructionAdapter(chip, 'callRuntime', {
    ...select,
    stateColumns: state,
    fault: limit.isExhausted,
    nextPc,
    nextFp,
    record: slid,
    after: { record: [add(state.pc, 1), state.fp, state.sp, 0] },
  });
  // slid = fp + slide
  chip.equal('slide', slid, add(state.fp, adapter.slots.s0!));
  // nextFp = isExhausted ? fp : slid
  chip.equal('next fp', nextFp, add(slid, mul(limit.isExhausted, sub(state.fp, slid))));
  // entry = isExhausted ? 0 : number
  chip.equal('entry', entry, mul(sub(1, limit.isExhausted), adapter.slots.x0!));
  chip.send('runtime entry', tableBus, [0, entry, nextPc], select.real);

  return {
    description: chip.build({
      assumes: ['slide is 1 to 2^16 - 1', 'fp < fpLimit <= 2^28'],
      proves: ['as the call chip, with the runtime entry of that number for the target'],
      stride: adapter.stride,
    }),
    format: 'callRuntime',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const fp = row.event(2);
        const newFp = fp + row.message(1);
        row.set(slid, newFp);
        limit.fill(row, newFp, row.facts.fpLimit);
        const isExhausted = row.get(limit.isExhausted) === 1;
        row.set(nextFp, isExhausted ? fp : newFp);
        const number = isExhausted ? 0 : row.message(3);
        row.set(entry, number);
        row.set(nextPc, row.tableEntry(0, number));
      });
    },
  };
}
