/**
 * The end of a run: takes the state of the machine, passes none on, and tells the verifier the clock.
 *
 * Proves: the run ended here, at the clock of the statement; so no prefix of a run passes for it.
 * Spec: `spec/1-machine.md`, the end.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { endBus, executionBus, programBus } from '../buses.ts';
import { strideOf } from '../formats.ts';
import { stateColumns } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const halt: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('halt');
  const select = selector(chip, ['halt']);
  const { pc, clk, fp, sp } = stateColumns(chip);
  chip.send('fetch', programBus, [pc, select.opcode, 0, 0, 0, 0, 0, 0, 0], select.real);
  chip.receive('state', executionBus, [pc, clk, fp, sp], select.real);
  chip.send('end', endBus, [clk], select.real);
  return {
    description: chip.build({
      assumes: ['the verifier receives one end'],
      proves: ['the run ended at this clock'],
      stride: strideOf('halt'),
    }),
    format: 'halt',
    fill(rows) {
      select.fill(rows);
      [pc, clk, fp, sp].forEach((column, i) => {
        rows.copy(column, i);
      });
    },
  };
}
