/**
 * The bounds check of an index into an index table, for the two chips that jump through one.
 *
 * With index = difference + length - 2^64 isInside in limbs, the last carry is the borrow of
 * index - length: it is 1 exactly if index < length.
 *
 * Assumes: limbs of the index below 2^16; the length in the instruction is that of the table, at most
 * 2^30, so that an index inside is below p.
 * Proves: in real rows isInside = 1 exactly if the index, of 64 bits and unsigned, is below the length.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, type ExprLike, mul, not } from '../../stark/air/expr.ts';
import { carriesOf } from '../../stark/gadgets/add-limbs.ts';
import { range } from '../../stark/tables/range.ts';
import type { Row } from './row.ts';

export interface TableIndex {
  /** A bit, degree 1; 0 in padding. */
  readonly isInside: Expr;
  /** The index as a field element, meant where it is inside. */
  readonly value: Expr;
  /** Returns whether the index is inside. */
  fill(row: Row, indexOffset: number, length: number): boolean;
}

/** `length` has two limbs. */
export function tableIndex(
  chip: ChipBuilder,
  index: readonly Expr[],
  length: readonly ExprLike[],
  real: Expr,
): TableIndex {
  const difference = chip.columns('difference', 4, 'index - length modulo 2^64');
  const carries = carriesOf(difference, [length[0]!, length[1]!, 0, 0], index);
  carries.forEach((carry, i) => {
    chip.isBit(`borrow ${i} of index - length`, carry);
  });
  difference.forEach((limb, i) => {
    range(chip, `difference limb ${i}`, 16, limb, real);
  });
  // Else a padding row could enter: look an entry up, and write a return record.
  chip.zero('padding is not inside', mul(carries[3]!, not(real)));
  return {
    isInside: carries[3]!,
    value: add(index[0]!, mul(2 ** 16, index[1]!)),
    fill(row, indexOffset, byLength) {
      const low = row.event(indexOffset) >>> 0;
      const high = row.event(indexOffset + 1) >>> 0;
      const borrow = low < byLength ? 1 : 0;
      const lowDifference = (low - byLength) >>> 0;
      const highDifference = (high - borrow) >>> 0;
      row.set(difference[0]!, lowDifference & 0xffff);
      row.set(difference[1]!, lowDifference >>> 16);
      row.set(difference[2]!, highDifference & 0xffff);
      row.set(difference[3]!, highDifference >>> 16);
      return high === 0 && borrow === 1;
    },
  };
}
