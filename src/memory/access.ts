/**
 * One access to a cell, as every chip makes it: take the cell as it was left, put it back with a new
 * time, and show that the new time is later (`spec/5-memory.md`).
 */

import type { Bus, ChipBuilder } from '../stark/air/chip.ts';
import { type Column, type ExprLike, sub } from '../stark/air/expr.ts';
import { range } from '../stark/tables/range.ts';

export interface AccessTerms {
  readonly bus: Bus;
  readonly space: ExprLike;
  readonly address: ExprLike;
  /** The time of this access, an integer below 2^29. */
  readonly time: ExprLike;
  readonly before: readonly ExprLike[];
  /** The same as `before` for a read: a read advances the time too. */
  readonly after: readonly ExprLike[];
  /** 1 where the access happens, else 0. */
  readonly multiplicity: ExprLike;
}

/**
 * Declares the column of the time before and states the access. A gap of more than 2^16 is bridged
 * by a refresh row, so one 16-bit lookup suffices here.
 */
export function access(chip: ChipBuilder, name: string, terms: AccessTerms): Column {
  const { bus, space, address, time, before, after, multiplicity } = terms;
  const previousTime = chip.column(`${name}Time`, `time of the access before to ${name}`);
  chip.receive(`${name} as left`, bus, [space, address, previousTime, ...before], multiplicity);
  chip.send(`${name} from now`, bus, [space, address, time, ...after], multiplicity);
  range(chip, `${name} is later`, 16, sub(sub(time, previousTime), 1), multiplicity);
  return previousTime;
}
