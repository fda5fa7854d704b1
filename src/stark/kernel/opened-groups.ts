/** What is opened, by height and point, with the addresses of the columns: how kernels read openings. */

import type { CoefficientsOf } from '../engine.ts';
import type { Layout } from '../layout.ts';
import type { KernelMemory } from './memory.ts';

/** Columns of one height that are opened at one point. */
export interface OpenedGroup {
  readonly logRows: number;
  readonly point: 0 | 1;
  /** In `layout.openings`. */
  readonly positions: number[];
  /** Of the coefficients, one for each position. */
  readonly addresses: number[];
}

/** The greatest heights come first. @throws Error if a column lies outside the memory. */
export function groupOpenings(
  memory: KernelMemory,
  layout: Layout,
  coefficientsOf: CoefficientsOf,
): OpenedGroup[] {
  const groups = new Map<number, OpenedGroup>();
  const { openings } = layout;
  for (let position = 0; position < openings.length; position++) {
    const opening = openings[position];
    const column = coefficientsOf(opening);
    const { point } = opening;
    const key = 2 * column.length + point;
    let group = groups.get(key);
    if (group === undefined) {
      group = { logRows: Math.log2(column.length), point, positions: [], addresses: [] };
      groups.set(key, group);
    }
    group.positions.push(position);
    group.addresses.push(memory.addressOf(column));
  }
  return [...groups.values()].sort((left, right) => right.logRows - left.logRows);
}
