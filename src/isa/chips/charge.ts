/**
 * The charge of a computed amount of gas.
 *
 * Assumes: limbs of registers below 2^16.
 * Proves: g0 falls by rs1; or g0 < rs1, g0 stays and the machine goes to the target.
 * Spec: `spec/2-instructions.md`, metering.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { gasLeft } from './gas-left.ts';
import { selector } from './selector.ts';

export const charge: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('charge');
  const select = selector(chip, ['charge']);
  const fault = chip.column('fault', 'the charge is more than the gas left');
  const adapter = instructionAdapter(chip, 'charge', { ...select, fault });
  const gas = gasLeft(chip, {
    amount: adapter.before('rs1'),
    before: adapter.before('gas register'),
    after: adapter.after('gas register'),
    fault,
    real: select.real,
  });
  chip.equal('fault is the borrow', fault, gas.lacksGas);
  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['g0 falls by rs1, or g0 < rs1 and the machine goes to the target'],
      stride: adapter.stride,
    }),
    format: 'charge',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const isFault = gas.fill(row, {
          low: row.event(8),
          high: row.event(9),
          amountLow: row.event(5),
          amountHigh: row.event(6),
        });
        row.set(fault, isFault ? 1 : 0);
      });
      adapter.fillNextPc(rows);
    },
  };
}
