/**
 * Fractions of a block of rows, for the prover: denominators and signed multiplicities of a chip's
 * interactions, from the blocks that an evaluator hands out.
 */

import type { Interaction } from '../air/chip.ts';
import { constantMember, type Plan } from '../air/evaluate.ts';
import type { Ext, ExtColumn, ExtensionField } from '../field/extension.ts';
import { add, MODULUS, mul } from '../field/m31.ts';
import { type LookupChallenges, powersOf } from '../fingerprint.ts';
import { Combination } from './combine.ts';

/** A denominator as a sum over those components of a message that are not the same in all rows. */
interface Fingerprint {
  readonly members: readonly number[];
  readonly start: Ext;
  /** Consecutive elements, one for each member. */
  readonly factors: Uint32Array;
}

export class Fractions {
  readonly #interactions: readonly Interaction[];
  readonly #fingerprints: readonly Fingerprint[];
  readonly #combination: Combination;
  readonly #arrays: Int32Array[] = [];
  readonly #offsets: Int32Array;

  /**
   * Group `firstGroup + i` of `plan` must be the message of interaction i, then its multiplicity.
   * With `scale(i)` the denominator of interaction i comes multiplied by it.
   */
  constructor(
    field: ExtensionField,
    plan: Plan,
    firstGroup: number,
    interactions: readonly Interaction[],
    challenges: LookupChallenges,
    scale?: (interaction: number) => Ext | undefined,
  ) {
    this.#interactions = interactions;
    this.#combination = new Combination(field.degree);
    const width = Math.max(0, ...interactions.map(({ message }) => message.length));
    this.#offsets = new Int32Array(width);
    const powers = powersOf(field, challenges.beta, width + 1);
    this.#fingerprints = interactions.map((interaction, index) => {
      const { degree } = field;
      const members: number[] = [];
      const factors: number[] = [];
      const by = scale?.(index);
      const scaled = (value: Ext): Ext => (by === undefined ? value : field.mul(value, by));
      let start = field.sub(challenges.alpha, field.fromBase(interaction.bus.id));
      for (let k = 0; k < interaction.message.length; k++) {
        const power = field.at(powers, (k + 1) * degree);
        const value = constantMember(plan, firstGroup + index, k);
        if (value >= 0) {
          start = field.sub(start, field.mulBase(power, value));
        } else {
          members.push(k);
          factors.push(...scaled(field.neg(power)));
        }
      }
      return { members, start: scaled(start), factors: Uint32Array.from(factors) };
    });
  }

  /** Writes the denominators of `rows` rows of an interaction to the start of `out`. */
  denominators(
    interaction: number,
    arrays: readonly Int32Array[],
    offsets: Int32Array,
    rows: number,
    out: ExtColumn,
  ): void {
    const { members, start, factors } = this.#fingerprints[interaction]!;
    members.forEach((member, k) => {
      this.#arrays[k] = arrays[member]!;
      this.#offsets[k] = offsets[member]!;
    });
    this.#combination.begin(rows, start);
    this.#combination.add(this.#arrays, this.#offsets, members.length, factors, 0);
    this.#combination.finish(out, 0);
  }

  /** Writes the multiplicities, negated for receives, to the start of `out`. */
  multiplicities(
    interaction: number,
    arrays: readonly Int32Array[],
    offsets: Int32Array,
    rows: number,
    out: Uint32Array,
  ): void {
    const { message, direction } = this.#interactions[interaction]!;
    const values = arrays[message.length]!;
    const offset = offsets[message.length]!;
    if (direction === 'send') {
      for (let i = 0; i < rows; i++) out[i] = values[offset + i]!;
    } else {
      for (let i = 0; i < rows; i++) {
        const value = values[offset + i]!;
        out[i] = value === 0 ? 0 : MODULUS - value;
      }
    }
  }
}

/** out[k][i] = left[k][i] * leftBy[i] + right[k][i] * rightBy[i], for base field multipliers. */
export function crossSum(
  out: ExtColumn,
  left: ExtColumn,
  leftBy: Uint32Array,
  right: ExtColumn,
  rightBy: Uint32Array,
): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k]!;
    const first = left[k]!;
    const second = right[k]!;
    for (let i = 0; i < target.length; i++) {
      target[i] = add(mul(first[i]!, leftBy[i]!), mul(second[i]!, rightBy[i]!));
    }
  }
}
