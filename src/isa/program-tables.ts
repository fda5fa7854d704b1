/**
 * The tables of a program: instructions, index tables, constants. Their fixed columns are computed by
 * prover and verifier alike from the program; only the counts of look-ups are committed.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../stark/air/chip.ts';
import { poolBus, programBus, tableBus } from './buses.ts';

export const programTable = describe(
  'program-table',
  programBus,
  'the instruction at pc is this one',
);
export const indexTable = describe('index-table', tableBus, 'the table of that key has this entry');
export const poolTable = describe('pool-table', poolBus, 'the constant of that key has this value');

function describe(name: string, bus: Bus, proves: string): ChipDescription {
  const chip = new ChipBuilder(name);
  const columns = bus.fields.map((field) => chip.fixedColumn(field, `${field} of the entry`));
  const count = chip.column('count', 'how often the entry was looked up');
  chip.receive('entry', bus, columns, count);
  return chip.build({ assumes: [], proves: [proves], fixedSource: 'program', instances: 'one' });
}
