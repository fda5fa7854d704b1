/**
 * Constants of the unit's pool, 256 bits wide.
 *
 * The limbs are looked up in the pool under the key pc + x0, which does not change with the place where
 * the unit is linked.
 *
 * Assumes: the pool, a fixed table, holds limbs below 2^16, one constant for each key.
 * Proves: rd = the constant of the unit's pool that the instruction names.
 * Spec: `spec/2-instructions.md`, `spec/3-programs.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul } from '../../stark/air/expr.ts';
import { poolBus } from '../buses.ts';
import { instructions } from '../instructions.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';

export const wideConstant: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('wide-constant');
  const real = chip.bit('real', 'an instruction');
  const adapter = instructionAdapter(chip, 'wideConstant', {
    real,
    opcode: mul(instructions.wconst.opcode, real),
  });
  const key = add(adapter.state.pc, adapter.slots.x0!);
  chip.send('pool', poolBus, [key, ...adapter.after('rd')], real);

  return {
    description: chip.build({
      assumes: ['the pool holds limbs below 2^16, one constant for each key'],
      proves: ["rd = the constant of the unit's pool that the instruction names"],
      stride: adapter.stride,
    }),
    format: 'wideConstant',
    fill(rows) {
      adapter.fill(rows);
      rows.set(real, 1);
    },
  };
}
