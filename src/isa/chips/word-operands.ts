/** Reads the word operands of an event as four 16-bit limbs, for cores that fill their own columns. */

import { type Format, type FormatName, formats } from '../formats.ts';
import { eventLayout } from '../trace.ts';
import type { Row } from './row.ts';

/** Part of the program message where immediates begin. */
export const FIRST_IMMEDIATE = 3;
const IMMEDIATE = 256;

/**
 * A reader of one operand's value as read, or after it is written; the immediate where the instruction
 * has one instead. It fills the first four of `limbs` and returns it.
 */
export function wordReader(
  formatName: FormatName,
  operand: string,
  when: 'before' | 'after' = 'before',
): (row: Row, limbs: Uint16Array) => Uint16Array {
  const format: Format = formats[formatName];
  const offset = eventLayout(formatName).offsetOf(operand)[when];
  const mayBeImmediate = format.alternative?.instead === operand;
  return (row, limbs) => {
    const isImmediate = mayBeImmediate && row.message(0) >= IMMEDIATE;
    for (let i = 0; i < 4; i++) {
      limbs[i] = isImmediate
        ? row.message(FIRST_IMMEDIATE + i)
        : row.event(offset + (i >> 1)) >>> (16 * (i & 1));
    }
    return limbs;
  };
}
