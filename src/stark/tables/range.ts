/**
 * The range table: every pair `(bits, value)` with 0 <= bits <= 16 and 0 <= value < 2^bits.
 *
 * One constant table of 2^17 rows for the whole machine. A chip that sends `(bits, value)` has
 * `value` in range; the committed column counts how often each pair was sent. The pair
 * `(bits, value)` stands in row `2^bits + value`. Rows 0 and 1 both hold (0, 0): of no bits is 0 only.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../air/chip.ts';
import type { ExprLike } from '../air/expr.ts';

export const rangeBus: Bus = { name: 'range', id: 1, fields: ['bits', 'value'] };

export const RANGE_LOG_ROWS = 17;

/** States `0 <= value < 2^bits` in rows where `multiplicity` is 1. `bits` is 1 to 16. */
export function range(
  chip: ChipBuilder,
  name: string,
  bits: number,
  value: ExprLike,
  multiplicity: ExprLike,
): void {
  if (!Number.isInteger(bits) || bits < 1 || bits > 16) {
    throw new RangeError(`bits: expected 1 to 16, got ${bits}`);
  }
  chip.send(name, rangeBus, [bits, value], multiplicity);
}

/** States `0 <= value < 2^width` in rows where `multiplicity` is 1, whatever width from 0 to 16 it is. */
export function rangeOfWidth(
  chip: ChipBuilder,
  name: string,
  width: ExprLike,
  value: ExprLike,
  multiplicity: ExprLike,
): void {
  chip.send(name, rangeBus, [width, value], multiplicity);
}

/** The row of the pair `(bits, value)`. A shift, since a power of a variable exponent is a call of `pow`. */
export function rangeRow(bits: number, value: number): number {
  return (1 << bits) + value;
}

export const rangeTable: ChipDescription = describe();

/** The fixed columns `[bits, value]`, each of 2^17 rows. */
export function rangeFixedColumns(): Uint32Array[] {
  const bits = new Uint32Array(1 << RANGE_LOG_ROWS);
  const value = new Uint32Array(1 << RANGE_LOG_ROWS);
  for (let width = 1; width < RANGE_LOG_ROWS; width++) {
    const first = 1 << width;
    bits.fill(width, first, 2 * first);
    for (let row = first; row < 2 * first; row++) value[row] = row - first;
  }
  return [bits, value];
}

function describe(): ChipDescription {
  const chip = new ChipBuilder('range-table');
  const bits = chip.fixedColumn('bits', 'width of the range, 0 in the first two rows');
  const value = chip.fixedColumn('value', 'a value of that width');
  const count = chip.column('count', 'how often the pair was sent');
  chip.receive('range', rangeBus, [bits, value], count);
  return chip.build({
    assumes: [],
    proves: ['every pair sent on the range bus has value < 2^bits'],
    fixedSource: 'constant',
    instances: 'one',
  });
}
