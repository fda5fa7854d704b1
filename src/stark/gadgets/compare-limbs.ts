/**
 * Equality and order of two words of 4 limbs, signed or not, of 64 bits or of the lower 32.
 *
 * The most significant limb that differs is marked. `gap` is by how much it differs, less 1, and `less`
 * its sign. The top limb is taken with its sign, if it has one: a signed top is checked to lie in
 * [-2^15, 2^15) and to be the limb or the limb less 2^16.
 *
 * Assumes: limbs are below 2^16; `isNarrow`, `isSigned` are bits at most `real`, a bit. All differences
 * are below 2^17 in magnitude, so that they vanish in the integers where they vanish modulo p.
 * Proves, where `real` is 1: `isEqual` = 1 exactly if the words are equal, `less` = 1 for left < right
 * and 0 for left > right; equal words have `less` = 0. A caller who cares for equality only may read
 * `isEqual` for any `isSigned`.
 */

import type { ChipBuilder } from '../air/chip.ts';
import { add, type Column, type Expr, type ExprLike, mul, not, sub } from '../air/expr.ts';
import { range } from '../tables/range.ts';
import type { CellBlock } from './cells.ts';

export interface ComparedWords {
  readonly left: readonly Column[];
  readonly right: readonly Column[];
  readonly real: ExprLike;
  readonly isSigned: Column;
  readonly isNarrow: Column;
}

export interface CompareLimbs {
  readonly less: Column;
  /** 1 in at most one of them, where the words differ. */
  readonly marks: readonly Column[];
  /** Degree 1. */
  readonly isEqual: Expr;
  /** Fills all columns, which were 0, from the words and `isSigned` and `isNarrow`. */
  fill(cells: CellBlock): void;
}

const LIMB = 2 ** 16;
const MODULUS = 0x7fffffff;

export function compareLimbs(chip: ChipBuilder, words: ComparedWords): CompareLimbs {
  const { left, right, real, isSigned, isNarrow } = words;
  const marks = Array.from({ length: 4 }, (_, i) =>
    chip.column(`differs${i}`, `limb ${i} is the most significant that differs`),
  );
  // The mark of the top needs no rule: unless it is 1, the tops are equal and it marks nothing.
  for (const i of [0, 1, 2]) chip.isBit(`differs${i} is a bit`, marks[i]!);
  const less = chip.bit('less', 'left is less than right');
  const gap = chip.column('gap', 'difference of the marked limb, less 1');
  const leftTop = chip.column('leftTop', 'top limb of the left word, with its sign');
  const rightTop = chip.column('rightTop', 'top limb of the right word, with its sign');
  const marked = add(...marks);
  const isWide = sub(real, isNarrow);
  const difference = left.map((limb, i) => sub(limb, right[i]!));
  const topDifference = sub(leftTop, rightTop);

  for (const [name, limbs, top] of [
    ['left', left, leftTop],
    ['right', right, rightTop],
  ] as const) {
    // limb - top is 0 or 2^16; without a sign the range leaves 0 only
    const wideGap = sub(limbs[3]!, top);
    chip.zero(`${name} top of 64 bits`, mul(isWide, wideGap, sub(wideGap, LIMB)));
    const narrowGap = sub(limbs[1]!, top);
    chip.zero(`${name} top of 32 bits`, mul(isNarrow, narrowGap, sub(narrowGap, LIMB)));
    range(chip, `${name} top in range`, 16, add(top, mul(LIMB / 2, isSigned)), real);
  }

  chip.isBit('at most one mark', marked);
  chip.zero('no mark at limbs 1 and 2 of 32 bits', mul(isNarrow, add(marks[1]!, marks[2]!)));
  // Limbs above the mark are equal, all if there is none; limb 1 and 2 count among 64 bits only.
  chip.zero('top limbs equal above the mark', mul(not(marks[3]!), topDifference));
  chip.zero(
    'limbs 2 equal above the mark',
    mul(not(isNarrow), not(add(marks[3]!, marks[2]!)), difference[2]!),
  );
  chip.zero(
    'limbs 1 equal above the mark',
    mul(not(isNarrow), sub(marks[0]!, sub(marked, 1)), difference[1]!),
  );
  chip.zero('limbs 0 equal above the mark', mul(not(marked), difference[0]!));

  // sum of mark_i * difference_i = (1 - 2 less) * (gap + marked)
  const atMark = add(
    mul(marks[3]!, topDifference),
    ...[2, 1, 0].map((i) => mul(marks[i]!, difference[i]!)),
  );
  chip.equal(
    'sign and size of the difference',
    atMark,
    mul(sub(1, mul(2, less)), add(gap, marked)),
  );
  range(chip, 'gap', 16, gap, real);
  chip.zero('equal words are not less', mul(less, not(marked)));

  return {
    less,
    marks,
    isEqual: sub(real, marked),
    fill(cells) {
      const { first, count } = cells;
      const [marked0, marked1, marked2, marked3] = columnsOf(cells, marks);
      const [left0, left1, left2, left3] = columnsOf(cells, left);
      const [right0, right1, right2, right3] = columnsOf(cells, right);
      const [signs, narrow] = columnsOf(cells, [isSigned, isNarrow]);
      const [lesses, gaps, leftTops, rightTops] = columnsOf(cells, [less, gap, leftTop, rightTop]);
      for (let i = first; i < first + count; i++) {
        const isWideRow = narrow![i] === 0;
        let x = isWideRow ? left3![i]! : left1![i]!;
        let y = isWideRow ? right3![i]! : right1![i]!;
        if (signs![i] !== 0) {
          x = (x << 16) >> 16;
          y = (y << 16) >> 16;
        }
        leftTops![i] = x < 0 ? x + MODULUS : x;
        rightTops![i] = y < 0 ? y + MODULUS : y;
        let size = x - y;
        let mark = marked3!;
        if (size === 0 && isWideRow) {
          size = left2![i]! - right2![i]!;
          mark = marked2!;
          if (size === 0) {
            size = left1![i]! - right1![i]!;
            mark = marked1!;
          }
        }
        if (size === 0) {
          size = left0![i]! - right0![i]!;
          mark = marked0!;
        }
        if (size === 0) continue;
        mark[i] = 1;
        lesses![i] = size < 0 ? 1 : 0;
        gaps![i] = Math.abs(size) - 1;
      }
    },
  };
}

function columnsOf(cells: CellBlock, columns: readonly Column[]): Uint32Array[] {
  return columns.map((column) => cells.column(column));
}
