/**
 * The limit on the frame pointer, for the three chips that slide it.
 *
 * With slack = fpLimit - 1 - (fp + slide), the bit `isExhausted` is the borrow of slack: slack + 2^29
 * isExhausted lies in [0, 2^29), by a limb of 16 and one of 13 bits.
 *
 * Assumes: fp < 2^28 (this rule keeps it so), slide < 2^16, fpLimit <= 2^28, so |slack| < 2^29.
 * Proves: isExhausted = 1 exactly if fp + slide >= fpLimit.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, mul, parameter, sub } from '../../stark/air/expr.ts';
import { range } from '../../stark/tables/range.ts';
import type { Row } from './row.ts';

export interface FrameLimit {
  readonly isExhausted: Column;
  /** `isExhausted` is 1 if the frame pointer would reach `fpLimit`. */
  fill(row: Row, nextFp: number, fpLimit: number): void;
}

export function frameLimit(chip: ChipBuilder, nextFp: Expr, real: Expr): FrameLimit {
  const isExhausted = chip.bit('isExhausted', 'the new frame pointer would pass the limit');
  const slackHigh = chip.column('slackHigh', 'upper 13 bits of the room left, modulo 2^29');
  chip.zero('padding is not exhausted', mul(isExhausted, sub(1, real)));
  // slack + 2^29 isExhausted = low + 2^16 slackHigh
  const slack = sub(sub(parameter('fpLimit'), 1), nextFp);
  const low = sub(add(slack, mul(2 ** 29, isExhausted)), mul(2 ** 16, slackHigh));
  range(chip, 'low bits of the room', 16, low, real);
  range(chip, 'high bits of the room', 13, slackHigh, real);
  return {
    isExhausted,
    fill(row, next, fpLimit) {
      const room = fpLimit - 1 - next;
      row.set(isExhausted, room < 0 ? 1 : 0);
      row.set(slackHigh, (room < 0 ? room + 2 ** 29 : room) >>> 16);
    },
  };
}
