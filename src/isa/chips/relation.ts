/**
 * Which relation a row of the compare and branch chips asks for.
 *
 * The opcodes of a family are: equal, different, less, not less (signed), less, not less (unsigned),
 * and the same six for 32 bits. So three flags tell the kind of relation and two bits are properties:
 * opcode = first + 2 isSigned + 4 isUnsigned + isNegated + 6 isNarrow.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { type CompareLimbs, compareLimbs } from '../../stark/gadgets/compare-limbs.ts';
import type { Adapter } from './adapter.ts';
import type { Row } from './row.ts';

export interface Relation {
  readonly real: Expr;
  readonly opcode: Expr;
  /** Compares the operands of the adapter; the answer is a bit of degree 3. */
  compare(adapter: Adapter): {
    readonly answer: Expr;
    /** Fills the flags and the comparison; returns the answer. */
    fill(row: Row): boolean;
  };
}

/** `firstOpcode` is that of equality. */
export function relationOf(chip: ChipBuilder, firstOpcode: number): Relation {
  const isEquality = chip.bit('isEquality', 'asks for equality');
  const isSigned = chip.bit('isSigned', 'asks for the signed order');
  const isUnsigned = chip.bit('isUnsigned', 'asks for the unsigned order');
  const isNegated = chip.bit('isNegated', 'asks for the contrary');
  const isNarrow = chip.bit('isNarrow', 'of the lower 32 bits');
  const real = add(isEquality, isSigned, isUnsigned);
  chip.isBit('at most one relation', real);
  return {
    real,
    opcode: add(
      mul(firstOpcode, real),
      mul(2, isSigned),
      mul(4, isUnsigned),
      isNegated,
      mul(6, isNarrow),
    ),
    compare(adapter) {
      const left = adapter.columnsBefore('rs1');
      const right = adapter.columnsBefore('rs2');
      const compared: CompareLimbs = compareLimbs(chip, { left, right, real, isSigned, isNarrow });
      // holds = isEquality * isEqual + (1 - isEquality) * less, negated: 1 - 2 isNegated times it
      const holds = add(mul(isEquality, compared.isEqual), mul(not(isEquality), compared.less));
      return {
        answer: add(isNegated, mul(sub(1, mul(2, isNegated)), holds)),
        fill(row) {
          const offset = (row.message(0) & 255) - firstOpcode;
          const kind = (offset % 6) >> 1;
          const flags = { isSigned: kind === 1, isNarrow: offset >= 6 };
          row.set([isEquality, isSigned, isUnsigned][kind]!, 1);
          row.set(isNegated, offset & 1);
          row.set(isNarrow, flags.isNarrow ? 1 : 0);
          const leftLimbs = left.map((column) => row.get(column));
          const rightLimbs = right.map((column) => row.get(column));
          const { less, isEqual } = compared.fill(row, leftLimbs, rightLimbs, flags);
          return (kind === 0 ? isEqual : less) !== (offset & 1) > 0;
        },
      };
    },
  };
}
