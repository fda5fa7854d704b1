/**
 * The indexed call: a call whose target is entry rs1 of a fixed table.
 *
 * An index outside goes to the target, whatever the depth; an exhausted depth to runtime entry 0.
 *
 * Assumes: what `table-index.ts` and `frame-limit.ts` assume.
 * Proves: the call of the table's entry rs1; or rs1 is not below the length and the machine goes to the
 * target; or the new fp would pass the limit and it goes to runtime entry 0; nothing changed in both.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { tableBus } from '../buses.ts';
import { instructionAdapter, stateColumns } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { frameLimit } from './frame-limit.ts';
import { selector } from './selector.ts';
import { tableIndex } from './table-index.ts';

export const callIndexed: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('call-indexed');
  const select = selector(chip, ['callx']);
  const state = stateColumns(chip);
  const nextPc = chip.column('nextPc', 'program counter of the next step');
  const nextFp = chip.column('nextFp', 'frame pointer of the next step');
  const slid = chip.column('slid', 'fp + slide');
  const enters = chip.column('enters', 'the index is inside and the depth not exhausted');
  const limit = frameLimit(chip, slid, select.real);
  const adapter = instructionAdapter(chip, 'callIndexed', {
    ...select,
    stateColumns: state,
    fault: sub(select.real, enters),
    nextPc,
    nextFp,
    record: slid,
    after: { record: [add(state.pc, 1), state.fp, state.sp, 0] },
  });
  const { s0, x0, x1, x2 } = adapter.slots;
  const index = tableIndex(chip, adapter.before('rs1'), [x1!, x2!], select.real);
  // enters = isInside * (1 - isExhausted), so a bit
  chip.equal('enters', enters, mul(index.isInside, sub(1, limit.isExhausted)));
  // slid = fp + slide
  chip.equal('slide', slid, add(state.fp, s0!));
  // nextFp = enters ? slid : fp
  chip.equal('next fp', nextFp, add(state.fp, mul(enters, sub(slid, state.fp))));
  chip.send('entry', tableBus, [add(state.pc, x0!), index.value, nextPc], enters);
  chip.send('runtime entry 0', tableBus, [0, 0, nextPc], sub(index.isInside, enters));
  // outside: nextPc = pc + target
  const isOutside = sub(select.real, index.isInside);
  chip.zero('outside to the target', mul(isOutside, sub(nextPc, add(state.pc, adapter.target!))));
  return {
    description: chip.build({
      assumes: ['the length in the instruction is that of the table', 'fp < fpLimit <= 2^28'],
      proves: ['the call of entry rs1 of the table, or one of its two faults, exactly'],
      stride: adapter.stride,
    }),
    format: 'callIndexed',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const fp = row.event(2);
        const newFp = fp + row.message(1);
        row.set(slid, newFp);
        limit.fill(row, newFp, row.facts.fpLimit);
        const isInside = index.fill(row, 5, row.message(4) + 65536 * row.message(5));
        const isExhausted = row.get(limit.isExhausted) === 1;
        const isEntered = isInside && !isExhausted;
        row.set(enters, isEntered ? 1 : 0);
        row.set(nextFp, isEntered ? newFp : fp);
        const key = (row.pc + row.message(3)) % 0x7fffffff;
        if (isEntered) row.set(nextPc, row.tableEntry(key, row.event(5)));
        else row.set(nextPc, isInside ? row.tableEntry(0, 0) : row.targetPc);
      });
    },
  };
}
