import { describe } from 'vitest';
import { divide } from '../../../src/isa/chips/divide.ts';
import type { Mnemonic } from '../../../src/isa/instructions.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { inverse } from '../../../src/stark/field/m31.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

const names = ['divu', 'remu', 'div', 'rem', 'divu32', 'remu32', 'div32', 'rem32'] as const;

const MINUS_ONE = 2n ** 64n - 1n;

const forgery = (
  rule: string,
  [name, rs1, rs2]: readonly [Mnemonic, bigint, bigint],
  cells: Readonly<Record<string, number>>,
): Forgery => ({
  rule,
  from: { name, values: { rs1: limbsOf(rs1, 4), rs2: limbsOf(rs2, 4) } },
  cells,
});

/** Bytes of the quotient: those given, and 0. */
const quotient = (given: Readonly<Record<number, number>>): Record<string, number> =>
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`quotient${i}`, given[i] ?? 0]));

/** Both upper limbs of a 64-bit result. */
const upper = (limb2: number, limb3: number): Record<string, number> => ({
  resultHigh0: limb2,
  rdAfter_2: limb2,
  resultHigh1: limb3,
  rdAfter_3: limb3,
});

const noCarries = { carry0: 0, carry1: 0, carry2: 0 };

const forgeries: Forgery[] = [
  forgery('real is a bit', ['divu', 0n, 2n], { real: 2, isQuotient: 2, gap: 0 }),
  // 2^15 2^17 is 2: the word looks like 11 * 23831 * 2^48.
  forgery('leftSign is a bit', ['rem', 1n << 48n, 11n], {
    leftSign: -(2 ** 17),
    isMinusRemainder: -(2 ** 17),
    carry0: 2 ** 17,
    carry1: 2 ** 17,
    carry2: 2 ** 17,
    ...quotient({ 6: 23831 & 255, 7: 23831 >> 8 }),
    remainder0: 0,
    gap: 10,
    rdAfter_0: 0,
  }),
  // The divisor looks like 65534 in limb 1.
  forgery('rightSign is a bit', ['rem32', 5n, 1n], {
    rightSign: -(2 ** 16),
    ...quotient({}),
    remainder0: 5,
    marked0: 0,
    marked1: 1,
    gap: 65533,
    rdAfter_0: 5,
  }),
  // (65535 - q) 65535 + 65535 is 32768 for q = 32767.
  forgery('byZero is a bit', ['divu', 7n, 0n], {
    byZero: 65536,
    isQuotient: -65535,
    gap: 65535,
    ...quotient({ 0: 255, 1: 127, 2: 255, 3: 255, 4: 255, 5: 255, 6: 255, 7: 255 }),
    rdAfter_0: 32768,
  }),
  // A mark of -1 has the remainder greater than the divisor.
  forgery('marked0 is a bit', ['remu', 7n, 2n], {
    ...quotient({}),
    remainder0: 7,
    marked0: -1,
    gap: 4,
    rdAfter_0: 7,
  }),
  forgery('marked1 is a bit', ['remu', 1n << 16n, 2n], {
    ...quotient({}),
    ...noCarries,
    remainder1: 1,
    marked0: 0,
    marked1: -1,
    gap: 0,
    rdAfter_1: 1,
  }),
  forgery('marked2 is a bit', ['remu', 1n << 32n, 2n], {
    ...quotient({}),
    ...noCarries,
    remainder2: 1,
    marked0: 0,
    marked2: -1,
    gap: 0,
    ...upper(1, 0),
  }),
  // The carry 2^16 of limb 2 is that of limb 3 as well, since 2^16 2^16 is 2.
  forgery('carry 2 of a negative result', ['div', 5n, MINUS_ONE], upper(1, 0)),
  // Fractions of bytes whose sum is 0: the product seems to have no upper half.
  forgery('divisorHigh 0 and 1 are bytes', ['divu', 7n, 1n << 32n], {
    divisorHigh0: -inverse(255),
    divisorHigh1: inverse(255),
    ...quotient({ 4: 1 }),
    ...upper(1, 0),
  }),
  forgery('divisorHigh 2 and 3 are bytes', ['divu', 7n, 1n << 48n], {
    divisorHigh2: -inverse(255),
    divisorHigh3: inverse(255),
    ...quotient({ 4: 1 }),
    ...upper(1, 0),
  }),
  // 7 / 3 goes without a remainder in the field.
  ...[0, 1, 2, 3].map((limb) =>
    forgery(
      `quotient ${2 * limb} and ${2 * limb + 1} are bytes`,
      ['remu', 7n << BigInt(16 * limb), 3n],
      {
        ...quotient({ [2 * limb]: (7 * inverse(3)) % (2 ** 31 - 1) }),
        ...noCarries,
        remainder0: 0,
        gap: 2,
        rdAfter_0: 0,
      },
    ),
  ),
  forgery('remainder limb 3', ['divu', 0n, 1n], {
    ...quotient({ 6: 1 }),
    remainder3: -1,
    marked0: 0,
    gap: 0,
    ...upper(0, 1),
  }),
  // 2^16 2^16 is 2: a carry of 2^16 takes 2 from the limb and gives 2^32 to the number.
  forgery('carry 0 has 12 bits', ['remu', 1n << 32n, 4n], {
    ...quotient({}),
    carry0: 2 ** 16,
    remainder0: 2,
    gap: 1,
    rdAfter_0: 2,
  }),
  forgery('carry 1 has 12 bits', ['remu', 1n << 48n, 1n << 18n], {
    ...quotient({}),
    carry1: 2 ** 16,
    remainder1: 2,
    gap: 1,
    rdAfter_1: 2,
  }),
  forgery('carry 2 has 12 bits', ['divu', 1n << 33n, 2n], {
    ...quotient({ 7: 128 }),
    carry2: -(2 ** 16),
    ...upper(0, 2 ** 15),
  }),
  forgery('result limb 2', ['div', 1n << 48n, MINUS_ONE], upper(2 ** 16, 0xfffe)),
  forgery('result limb 3', ['div', 1n << 48n, MINUS_ONE], upper(0, -1)),
];

describe('the chip of quotients and remainders', () => {
  chipLaws({
    chip: divide,
    cases: binaryCases(names),
    meaning: binaryMeaning(wordBinary),
    cells: 137,
    tries: 40_000,
    deletionTries: 20_000,
    forgeries,
  });
});
