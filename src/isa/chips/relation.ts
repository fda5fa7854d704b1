/**
 * Which relation a row of the compare and branch chips asks for.
 *
 * The opcodes of a family are: equal, different, less, not less (signed), less, not less (unsigned),
 * and the same six for 32 bits. So three flags tell the kind of relation and two bits are properties:
 * opcode = first + 2 isSigned + 4 isUnsigned + isNegated + 6 isNarrow.
 */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, mul, not, sub } from '../../stark/air/expr.ts';
import { type CompareLimbs, compareLimbs } from '../../stark/gadgets/compare-limbs.ts';
import type { Adapter } from './adapter.ts';
import type { RowBlock } from './rows.ts';

export interface Relation {
  readonly real: Expr;
  readonly opcode: Expr;
  /** Compares the operands of the adapter; the answer is a bit of degree 3. */
  compare(adapter: Adapter): {
    readonly answer: Expr;
    /** Fills the flags, the comparison, and the column of the answer. */
    fill(rows: RowBlock, answer: Column): void;
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
  const flags = [isEquality, isSigned, isUnsigned, isNegated, isNarrow];
  const flagsOf = flags.map((_, i) =>
    Uint8Array.from({ length: 256 }, (__, opcode) => {
      const number = opcode - firstOpcode;
      const kind = (number % 6) >> 1;
      return [kind === 0, kind === 1, kind === 2, number & 1, number >= 6][i] ? 1 : 0;
    }),
  );
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
        fill(rows, to) {
          flags.forEach((column, i) => {
            rows.byOpcode(column, flagsOf[i]!);
          });
          compared.fill(rows);
          const { first, count } = rows;
          const [answers, lesses] = [rows.column(to), rows.column(compared.less)];
          const [equality, negated] = [rows.column(isEquality), rows.column(isNegated)];
          const [mark0, mark1, mark2, mark3] = compared.marks.map((mark) => rows.column(mark));
          for (let i = first; i < first + count; i++) {
            const differs = mark0![i]! | mark1![i]! | mark2![i]! | mark3![i]!;
            answers[i] = (equality[i] === 1 ? 1 - differs : lesses[i]!) ^ negated[i]!;
          }
        },
      };
    },
  };
}
