/** The buses between the steps of the machine and the tables of the program. */

import type { Bus } from '../stark/air/chip.ts';

export const programBus: Bus = {
  name: 'program',
  id: 5,
  fields: ['pc', 'op', 's0', 's1', 'x0', 'x1', 'x2', 'x3', 'target'],
};

export const executionBus: Bus = { name: 'execution', id: 6, fields: ['pc', 'clk', 'fp', 'sp'] };

/** Index tables; key 0 is the table of runtime entries. */
export const tableBus: Bus = { name: 'table', id: 7, fields: ['key', 'index', 'pc'] };

export const poolBus: Bus = {
  name: 'pool',
  id: 8,
  fields: ['key', ...Array.from({ length: 16 }, (_, i) => `limb${i}`)],
};

/** The clock at which the run halted: received by the verifier. */
export const endBus: Bus = { name: 'end', id: 11, fields: ['clk'] };
