/**
 * The lookup argument's fractions, as both sides know them: fingerprints of messages and the sum of
 * the verifier's own terms. `spec/7-proof-system.md`, "Lookups".
 *
 * A message (m_1, ..., m_w) on bus b has the denominator alpha - (b + beta m_1 + ... + beta^w m_w).
 * The bus id is nonzero and comes first, so messages of different buses never meet, and each bus has
 * one width.
 */

import type { Bus } from './air/chip.ts';
import type { Ext, ExtensionField } from './field/extension.ts';
import type { PublicTerm } from './system.ts';

export interface LookupChallenges {
  readonly alpha: Ext;
  readonly beta: Ext;
}

/** base^0, base^1, ..., consecutive elements. */
export function powersOf(field: ExtensionField, base: Ext, count: number): Uint32Array {
  const { degree } = field;
  const powers = new Uint32Array(count * degree);
  if (count > 0) powers[0] = 1;
  for (let i = 1; i < count; i++) {
    field.mulAt(powers, i * degree, powers, (i - 1) * degree, base, 0);
  }
  return powers;
}

/** alpha less the fingerprint of a message known in the extension. */
export function denominatorAt(
  field: ExtensionField,
  { alpha, beta }: LookupChallenges,
  bus: Bus,
  message: readonly Ext[],
): Ext {
  let sum = field.zero();
  for (let k = message.length - 1; k >= 0; k--) {
    sum = field.mul(field.add(sum, message[k]!), beta);
  }
  return field.sub(alpha, field.add(sum, field.fromBase(bus.id)));
}

/** Sum of the public fractions, sends less receives; undefined if one has the denominator 0. */
export function publicSum(
  field: ExtensionField,
  challenges: LookupChallenges,
  terms: readonly PublicTerm[],
): Ext | undefined {
  if (terms.length === 0) return field.zero();
  const { degree } = field;
  const denominators = new Uint32Array(terms.length * degree);
  for (const [index, { bus, message }] of terms.entries()) {
    const values = message.map((value) => field.fromBase(value));
    const denominator = denominatorAt(field, challenges, bus, values);
    if (field.isZero(denominator)) return undefined;
    denominators.set(denominator, index * degree);
  }
  const inverses = field.batchInverse(denominators);
  let sum = field.zero();
  terms.forEach(({ direction, multiplicity }, index) => {
    const fraction = field.mulBase(field.at(inverses, index * degree), multiplicity);
    sum = direction === 'send' ? field.add(sum, fraction) : field.sub(sum, fraction);
  });
  return sum;
}
