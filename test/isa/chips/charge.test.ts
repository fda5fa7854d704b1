import { describe } from 'vitest';
import { charge } from '../../../src/isa/chips/charge.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { edgeWords } from '../../support/word-cases.ts';

const wordOf = (limbs: readonly number[]): bigint =>
  limbs.reduceRight((sum, limb) => (sum << 16n) + BigInt(limb), 0n);

const pairs = edgeWords.flatMap((left) => [
  ...edgeWords.filter((_, i) => i % 3 === 0).map((amount) => [left, amount] as const),
  [left, left] as const,
  [left, BigInt.asUintN(64, left + 1n)] as const,
  [left, BigInt.asUintN(64, left - 1n)] as const,
]);

describe('charge', () => {
  chipLaws({
    chip: charge,
    cases: pairs.map(([left, amount]) => ({
      name: 'charge',
      values: { rs1: limbsOf(amount, 4), 'gas register': limbsOf(left, 4) },
    })),
    meaning({ values }) {
      const left = wordOf(values['gas register']!);
      const amount = wordOf(values.rs1!);
      if (left < amount) return { faults: true };
      return { written: { 'gas register': limbsOf(left - amount, 4) } };
    },
    cells: 55,
    tries: 20_000,
    deletionTries: 10_000,
  });
});
