/** Reads the operands of wide instructions from events, as 16-bit limbs, for the cores that fill them. */

import { type Format, type FormatName, formats } from '../formats.ts';
import { eventLayout } from '../trace.ts';
import type { Row } from './row.ts';

export const WIDE_LIMBS = 16;

/** Part of the program message where immediates begin. */
const FIRST_IMMEDIATE = 3;
const IMMEDIATE = 256;

/**
 * A reader of one operand's value as read, or before it is written; the immediate where the
 * instruction has one instead. It fills `limbs` (16 for wide registers, 4 for words) and returns it.
 */
export function limbReader(
  formatName: FormatName,
  operand: string,
  when: 'before' | 'after' = 'before',
): (row: Row, limbs: Uint16Array) => Uint16Array {
  const format: Format = formats[formatName];
  const offset = eventLayout(formatName).offsetOf(operand)[when];
  const mayBeImmediate = format.alternative?.instead === operand;
  return (row, limbs) => {
    if (mayBeImmediate && row.message(0) >= IMMEDIATE) {
      limbs.fill(0);
      limbs[0] = row.message(FIRST_IMMEDIATE);
      limbs[1] = row.message(FIRST_IMMEDIATE + 1);
      return limbs;
    }
    for (let i = 0; i < limbs.length; i += 2) {
      const lane = row.event(offset + (i >> 1));
      limbs[i] = lane & 0xffff;
      limbs[i + 1] = lane >>> 16;
    }
    return limbs;
  };
}

/** Replaces a number, the first `count` of the limbs, by what it lacks to a power of two, in place. */
export function negateLimbs(limbs: Uint16Array, count = limbs.length): void {
  let carry = 1;
  for (let i = 0; i < count; i++) {
    const value = 0xffff - limbs[i]! + carry;
    limbs[i] = value;
    carry = value >>> 16;
  }
}
