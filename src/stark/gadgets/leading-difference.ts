/**
 * The most significant limb in which two numbers of 16 limbs differ.
 *
 * The limb is marked in two one-hot steps, the group of four and the place in it, so that 7 columns
 * do for 16 limbs. All limbs above the marked one are equal; the difference there decides the order.
 *
 * Assumes: limbs are below 2^16, so that a difference is 0 in the integers where it is 0 modulo p.
 * Proves: at most one limb is marked, and the two numbers agree in every limb above it; where none is
 * marked and `elseEqual` is 1, they agree in all.
 * Leaves to the user: that the difference at the mark is not zero.
 */

import type { ChipBuilder } from '../air/chip.ts';
import { add, type Expr, type ExprLike, mul, sub } from '../air/expr.ts';
import type { CellWriter } from './cells.ts';

const LIMBS = 16;
const GROUP = 4;

export interface LeadingDifference {
  /** 1 where a limb is marked, else 0. Degree 1. */
  readonly marked: Expr;
  /** `left - right` in the marked limb, 0 where none is marked. Degree 3. */
  readonly difference: Expr;
  /** Number of the marked limb. Degree 1. */
  readonly position: Expr;
  /** Marks the limb; returns its number, or -1 where the numbers are equal. */
  fill(cells: CellWriter, left: ArrayLike<number>, right: ArrayLike<number>): number;
}

export interface LeadingDifferenceOptions {
  /** A bit: with no limb marked, the numbers are equal. By default nothing is said of them then. */
  readonly elseEqual?: ExprLike;
  /** Added to `left - right` of the last limb where that is the marked one. */
  readonly lastCorrection?: ExprLike;
}

/** `left` and `right` have degree 1. */
export function leadingDifference(
  chip: ChipBuilder,
  left: readonly ExprLike[],
  right: readonly ExprLike[],
  options: LeadingDifferenceOptions = {},
): LeadingDifference {
  const groups = Array.from({ length: GROUP }, (_, i) =>
    chip.bit(`group${i}`, `the leading difference is in limbs ${GROUP * i} to ${GROUP * i + 3}`),
  );
  const marked = add(...groups);
  chip.isBit('at most one group is marked', marked);
  const lowPlaces = Array.from({ length: GROUP - 1 }, (_, j) =>
    chip.bit(`place${j}`, `the leading difference is limb ${j} of its group`),
  );
  // place3 = marked - place0 - place1 - place2
  const places: Expr[] = [...lowPlaces, sub(marked, add(...lowPlaces))];
  chip.isBit('exactly one place of a marked group', places[GROUP - 1]!);

  const elseEqual = options.elseEqual ?? marked;
  const differences = Array.from({ length: LIMBS }, (_, k) => sub(left[k]!, right[k]!));
  const terms: Expr[] = [];
  for (let i = 0; i < GROUP; i++) {
    // 1 where the marked limb is in a group below, or where equality is claimed
    const isBelow = sub(elseEqual, add(...groups.slice(i)));
    for (let j = 0; j < GROUP; j++) {
      const k = GROUP * i + j;
      // isBelow * (left_k - right_k) = 0
      chip.zero(`limb ${k} is equal above the marked group`, mul(isBelow, differences[k]!));
      // group_i * (place_0 + ... + place_(j-1)) * (left_k - right_k) = 0
      const isPlaceBelow = add(...places.slice(0, j));
      if (j > 0) {
        chip.zero(
          `limb ${k} is equal above the marked place`,
          mul(groups[i]!, isPlaceBelow, differences[k]!),
        );
      }
      const correction = k === LIMBS - 1 ? (options.lastCorrection ?? 0) : 0;
      terms.push(mul(groups[i]!, places[j]!, add(differences[k]!, correction)));
    }
  }
  return {
    marked,
    difference: add(...terms),
    position: add(
      ...groups.map((group, i) => mul(GROUP * i, group)),
      ...places.map((place, j) => mul(j, place)),
    ),
    fill(cells, leftLimbs, rightLimbs) {
      let k = LIMBS - 1;
      while (k >= 0 && leftLimbs[k] === rightLimbs[k]) k--;
      if (k >= 0) {
        cells.set(groups[k >> 2]!, 1);
        const place = lowPlaces[k & 3];
        if (place) cells.set(place, 1);
      }
      return k;
    },
  };
}
