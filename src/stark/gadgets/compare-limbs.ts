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
import type { CellWriter } from './cells.ts';

export interface ComparedWords {
  readonly left: readonly ExprLike[];
  readonly right: readonly ExprLike[];
  readonly real: ExprLike;
  readonly isSigned: ExprLike;
  readonly isNarrow: ExprLike;
}

export interface CompareLimbs {
  readonly less: Column;
  /** Degree 1. */
  readonly isEqual: Expr;
  /** Fills all columns; returns whether left is less and whether the words are equal. */
  fill(
    cells: CellWriter,
    left: ArrayLike<number>,
    right: ArrayLike<number>,
    kind: { readonly isSigned: boolean; readonly isNarrow: boolean },
  ): { less: boolean; isEqual: boolean };
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
    isEqual: sub(real, marked),
    fill(cells, leftLimbs, rightLimbs, kind) {
      const top = kind.isNarrow ? 1 : 3;
      const signed = (limb: number): number =>
        kind.isSigned && limb >= 0x8000 ? limb - LIMB : limb;
      const x = signed(leftLimbs[top]!);
      const y = signed(rightLimbs[top]!);
      cells.set(leftTop, x < 0 ? x + MODULUS : x);
      cells.set(rightTop, y < 0 ? y + MODULUS : y);
      let mark = 3;
      let size = x - y;
      for (let i = top - 1; size === 0 && i >= 0; i--) {
        mark = i;
        size = leftLimbs[i]! - rightLimbs[i]!;
      }
      if (size === 0) return { less: false, isEqual: true };
      cells.set(marks[mark]!, 1);
      cells.set(less, size < 0 ? 1 : 0);
      cells.set(gap, Math.abs(size) - 1);
      return { less: size < 0, isEqual: false };
    },
  };
}
