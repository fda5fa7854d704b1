/**
 * The indexed jump: to entry rs1 of a fixed table, or to the target where the table has none such.
 *
 * Assumes: what `table-index.ts` assumes; the table's key is the only one of its unit's tables that
 * pc + x0 gives.
 * Proves: the machine goes on at the table's entry rs1 if rs1 is below the length, else at the target.
 * Spec: `spec/2-instructions.md`, control.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, sub } from '../../stark/air/expr.ts';
import { tableBus } from '../buses.ts';
import { instructionAdapter, stateColumns } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';
import { tableIndex } from './table-index.ts';

export const jumpIndexed: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('jump-indexed');
  const select = selector(chip, ['jumpx']);
  const state = stateColumns(chip);
  const nextPc = chip.column('nextPc', 'program counter of the next step');
  const adapter = instructionAdapter(chip, 'jumpIndexed', {
    ...select,
    stateColumns: state,
    nextPc,
  });
  const { x0, x1, x2 } = adapter.slots;
  const index = tableIndex(chip, adapter.before('rs1'), [x1!, x2!], select.real);
  chip.send('entry', tableBus, [add(state.pc, x0!), index.value, nextPc], index.isInside);
  // outside: nextPc = pc + target
  const isOutside = sub(select.real, index.isInside);
  chip.zero('outside to the target', mul(isOutside, sub(nextPc, add(state.pc, adapter.target!))));
  return {
    description: chip.build({
      assumes: ['the length in the instruction is that of the table, at most 2^30'],
      proves: [
        'the machine goes to entry rs1 of the table, or to the target if there is none such',
      ],
      stride: adapter.stride,
    }),
    format: 'jumpIndexed',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const isInside = index.fill(row, 5, row.message(4) + 65536 * row.message(5));
        const key = (row.pc + row.message(3)) % 0x7fffffff;
        row.set(nextPc, isInside ? row.tableEntry(key, row.event(5)) : row.targetPc);
      });
    },
  };
}
