/**
 * The byte table: AND, OR and XOR of every pair of bytes.
 *
 * One constant table of 2^16 rows. The three operations share the fixed columns, because
 * `or = left + right - and` and `xor = left + right - 2 and` are linear in them. A lookup also proves
 * that both operands are bytes. The pair `(left, right)` stands in row `256 * left + right`.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../air/chip.ts';
import { add, type ExprLike, mul, sub } from '../air/expr.ts';

export const byteOperation = { and: 1, or: 2, xor: 3 } as const;

/** Both operands are bytes, nothing else: the result is 0. */
const PAIR = 4;

export const byteBus: Bus = {
  name: 'byte',
  id: 2,
  fields: ['operation', 'left', 'right', 'result'],
};

export const BYTE_LOG_ROWS = 16;

/** States that left and right are bytes and result = left `operation` right, where `multiplicity` is 1. */
export function byteLookup(
  chip: ChipBuilder,
  name: string,
  operation: ExprLike,
  left: ExprLike,
  right: ExprLike,
  result: ExprLike,
  multiplicity: ExprLike,
): void {
  chip.send(name, byteBus, [operation, left, right, result], multiplicity);
}

/** States that `left` and `right` are bytes where `multiplicity` is 1, in a single lookup. */
export function bytePair(
  chip: ChipBuilder,
  name: string,
  left: ExprLike,
  right: ExprLike,
  multiplicity: ExprLike,
): void {
  chip.send(name, byteBus, [PAIR, left, right, 0], multiplicity);
}

export const byteTable: ChipDescription = describe();

/** The fixed columns `[left, right, and]`, each of 2^16 rows. */
export function byteFixedColumns(): Uint32Array[] {
  const left = new Uint32Array(1 << BYTE_LOG_ROWS);
  const right = new Uint32Array(1 << BYTE_LOG_ROWS);
  const and = new Uint32Array(1 << BYTE_LOG_ROWS);
  for (let row = 0; row < 1 << BYTE_LOG_ROWS; row++) {
    left[row] = row >>> 8;
    right[row] = row & 255;
    and[row] = (row >>> 8) & row & 255;
  }
  return [left, right, and];
}

function describe(): ChipDescription {
  const chip = new ChipBuilder('byte-table');
  const left = chip.fixedColumn('left', 'a byte');
  const right = chip.fixedColumn('right', 'a byte');
  const and = chip.fixedColumn('and', 'left AND right');
  const counts = {
    and: chip.column('andCount', 'how often AND of the pair was sent'),
    or: chip.column('orCount', 'how often OR of the pair was sent'),
    xor: chip.column('xorCount', 'how often XOR of the pair was sent'),
    pair: chip.column('pairCount', 'how often the pair was sent as two bytes'),
  };
  const or = sub(add(left, right), and);
  const xor = sub(add(left, right), mul(2, and));
  chip.receive('and', byteBus, [byteOperation.and, left, right, and], counts.and);
  chip.receive('or', byteBus, [byteOperation.or, left, right, or], counts.or);
  chip.receive('xor', byteBus, [byteOperation.xor, left, right, xor], counts.xor);
  chip.receive('pair', byteBus, [PAIR, left, right, 0], counts.pair);
  return chip.build({
    assumes: [],
    proves: ['every message on the byte bus has byte operands and the right result'],
    fixedSource: 'constant',
    instances: 'one',
  });
}
