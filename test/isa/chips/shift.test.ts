import { describe } from 'vitest';
import { shift } from '../../../src/isa/chips/shift.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { inverse, mul } from '../../../src/stark/field/m31.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { binaryCases, binaryMeaning, edgeWords, randomWords } from '../../support/word-cases.ts';

const names = [
  ...(['sll', 'srl', 'sra', 'rotl', 'rotr'] as const),
  ...(['sll32', 'srl32', 'sra32', 'rotl32', 'rotr32'] as const),
];

/** Every amount, with values of all kinds. */
const words = [...edgeWords.slice(-8), ...randomWords(12, 3)];
const amounts = Array.from(
  { length: 160 },
  (_, i) => [words[(7 * i) % words.length]!, BigInt(i % 64) + (i > 64 ? 0xffc0n : 0n)] as const,
);

const shifted = (name: Case['name'], value: bigint, amount: bigint): Case => ({
  name,
  values: { rs1: limbsOf(value, 4), rs2: limbsOf(amount, 4) },
});

/** What the cells of the exponent change by if it is 2 with a `power` that is not 4. */
const wrongPower = (power: number) => ({
  powerBit1: -1,
  power: power - 4,
  copower: mul(2 ** 16, inverse(power)) - 2 ** 14,
});
const half = 2 ** 30;
const quarter = 2 ** 29;
const amountReason = 'the amount is taken modulo the width, so its upper limbs have no effect';

describe('the chip of shifts and rotations', () => {
  chipLaws({
    chip: shift,
    cases: binaryCases(names, amounts),
    meaning: binaryMeaning(wordBinary),
    cells: 102,
    deletionTries: 20_000,
    redundant: {
      'immediate limb 1': amountReason,
      'immediate limb 2': amountReason,
      'immediate limb 3': amountReason,
    },
    forgeries: [
      {
        rule: 'powerBit0 is a bit',
        from: shifted('sll', 1n, 2n),
        changes: { powerBit0: 2, ...wrongPower(3), powerLow: -1, rdAfter_0: -1 },
      },
      {
        rule: 'powerBit2 is a bit',
        from: shifted('sll', 2n, 2n),
        changes: {
          powerBit2: half,
          ...wrongPower(mul(17, half)),
          powerLow: -3,
          rdAfter_0: 17 - 8,
        },
      },
      {
        rule: 'powerBit3 is a bit',
        from: shifted('sll', 4n, 2n),
        changes: {
          powerBit3: quarter,
          ...wrongPower(mul(259, quarter)),
          powerLow: -3,
          rdAfter_0: 259 - 16,
        },
      },
      {
        // By 16 and by 32 less by 0 adds up to 48.
        rule: 'at most one step',
        from: shifted('rotl', 0x0004_0003_0002_0001n, 48n),
        changes: {
          ...{ step1: 1, step2: 1, step3: -1 },
          ...{ inner0: 4, inner2: -4, rdAfter_0: 4, rdAfter_2: -4 },
        },
      },
      {
        rule: 'below the sign',
        from: shifted('sra', 0x10n, 4n),
        changes: { sign: 1, belowSign: -(2 ** 15), rdAfter_3: 0xf000 },
      },
      {
        rule: 'inner bits 3',
        from: shifted('sll', 0xffffn << 48n, 4n),
        changes: { outer3: -1, inner3: 2 ** 12, rdAfter_3: 2 ** 16 },
      },
    ],
  });
});
