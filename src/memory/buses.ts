/**
 * The buses of memory. Word-sized spaces share one, wide registers have their own: no cell is ever
 * read in another width than it was written. In every message the time precedes the value.
 */

import type { Bus } from '../stark/air/chip.ts';

const limbs = (count: number): string[] => Array.from({ length: count }, (_, i) => `limb${i}`);

/** `space` is 0 to 3 for registers, globals, windows, records, and 4 + segment for memory. */
export const memoryBus: Bus = {
  name: 'memory',
  id: 3,
  fields: ['space', 'address', 'time', ...limbs(4)],
};

export const wideBus: Bus = {
  name: 'wide',
  id: 4,
  fields: ['space', 'address', 'time', ...limbs(16)],
};

/** First values that the program or the statement fixes: sent once each by the image table. */
export const imageBus: Bus = {
  name: 'image',
  id: 9,
  fields: ['space', 'address', ...limbs(4)],
};

/** Last values of the output segment: received by the verifier. */
export const outputBus: Bus = { name: 'output', id: 10, fields: ['address', ...limbs(4)] };
