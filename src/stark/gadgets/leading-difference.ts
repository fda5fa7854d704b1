/**
 * The most significant limb in which two numbers of 16 limbs differ.
 *
 * The limb is marked in two steps, the group of four and the place in it, by three bits each: the last
 * group (place) is marked where none of the others is. Should a prover mark several, the lowest counts,
 * since all limbs above it must be equal.
 *
 * Assumes: limbs are below 2^16, so that a difference is 0 in the integers where it is 0 modulo p;
 * `marked` is a bit.
 * Proves: where `marked` is 1, `difference` is that of some limb above which all limbs are equal; where
 * it is 0 and `elseEqual` is 1, all limbs are equal.
 * Leaves to the user: that the difference at the mark is not zero.
 */

import type { ChipBuilder } from '../air/chip.ts';
import { add, type Expr, type ExprLike, mul, sub } from '../air/expr.ts';
import type { CellWriter } from './cells.ts';

const LIMBS = 16;
const GROUP = 4;

export interface LeadingDifferenceTerms {
  /** Limbs, of degree at most 1. */
  readonly left: readonly ExprLike[];
  readonly right: readonly ExprLike[];
  /** A bit: some limb is marked. Degree 1. */
  readonly marked: ExprLike;
  /** A bit, at least `marked`: with no limb marked, the numbers are equal. By default `marked`. */
  readonly elseEqual?: ExprLike;
  /** Added to `left - right` of limb 15 where that is the marked one. */
  readonly lastCorrection?: ExprLike;
  /** States that not more than one limb is marked, so that `position` is its number. */
  readonly isPositioned?: true;
}

export interface LeadingDifference {
  /** `left - right` in the marked limb, 0 where none is marked. Degree 3. */
  readonly difference: Expr;
  /** Number of the marked limb, 0 where none is marked. Degree 1. Needs `isPositioned`. */
  readonly position: Expr;
  /** Marks the limb; returns its number, or -1 where the numbers are equal. */
  fill(cells: CellWriter, left: ArrayLike<number>, right: ArrayLike<number>): number;
}

export function leadingDifference(
  chip: ChipBuilder,
  terms: LeadingDifferenceTerms,
): LeadingDifference {
  const { left, right, marked } = terms;
  const groupBits = Array.from({ length: GROUP - 1 }, (_, i) =>
    chip.bit(`group${i}`, `the leading difference is in limbs ${GROUP * i} to ${GROUP * i + 3}`),
  );
  const placeBits = Array.from({ length: GROUP - 1 }, (_, j) =>
    chip.bit(`place${j}`, `the leading difference is limb ${j} of its group`),
  );
  // group3 = marked - group0 - group1 - group2, and places alike
  const groups: Expr[] = [...groupBits, sub(marked, add(...groupBits))];
  const places: Expr[] = [...placeBits, sub(marked, add(...placeBits))];
  if (terms.isPositioned) {
    chip.isBit('one group is marked', groups[GROUP - 1]!);
    chip.isBit('one place is marked', places[GROUP - 1]!);
  }

  const claimsAll = terms.elseEqual === undefined ? 0 : sub(terms.elseEqual, marked);
  const products: Expr[] = [];
  for (let i = 0; i < GROUP; i++) {
    const isGroupBelow = add(claimsAll, ...groups.slice(0, i));
    for (let j = 0; j < GROUP; j++) {
      const k = GROUP * i + j;
      const difference = sub(left[k]!, right[k]!);
      // (claimsAll + group_0 + ... + group_(i-1)) * (left_k - right_k) = 0
      if (i > 0 || claimsAll !== 0)
        chip.zero(`limb ${k} is equal above the marked group`, mul(isGroupBelow, difference));
      // group_i * (place_0 + ... + place_(j-1)) * (left_k - right_k) = 0
      if (j > 0)
        chip.zero(
          `limb ${k} is equal above the marked place`,
          mul(groups[i]!, add(...places.slice(0, j)), difference),
        );
      const correction = k === LIMBS - 1 ? (terms.lastCorrection ?? 0) : 0;
      products.push(mul(groups[i]!, places[j]!, add(difference, correction)));
    }
  }
  return {
    difference: add(...products),
    position: add(
      ...groups.map((group, i) => mul(GROUP * i, group)),
      ...places.map((place, j) => mul(j, place)),
    ),
    fill(cells, leftLimbs, rightLimbs) {
      let k = LIMBS - 1;
      while (k >= 0 && leftLimbs[k] === rightLimbs[k]) k--;
      if (k < 0) return k;
      const group = groupBits[k >> 2];
      const place = placeBits[k & 3];
      if (group) cells.set(group, 1);
      if (place) cells.set(place, 1);
      return k;
    },
  };
}
