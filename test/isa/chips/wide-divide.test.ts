import { describe } from 'vitest';
import { wideDivide } from '../../../src/isa/chips/wide-divide.ts';
import type { Mnemonic } from '../../../src/isa/instructions.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import {
  eachCell,
  instructionsOf,
  pairs,
  wideBinaryMeaning,
  wideEdges,
} from '../../support/wide-cases.ts';

const ALL = 1n << 256n;

/** A case of two numbers, negative ones modulo 2^256. */
function divide(name: Mnemonic, left: bigint, right: bigint): Case {
  return {
    name,
    values: { rs1: limbsOf((left + ALL) % ALL, 16), rs2: limbsOf((right + ALL) % ALL, 16) },
  };
}

const limb = (number: number, value = 1n): bigint => value << BigInt(16 * number);

// 2^31 is 1 modulo p. So bytes l + 1 and h - 2^23 make the limb of l and h; times an odd byte 1 of the
// other factor they add 2^8 to that limb of the product, and 2^7 less are carried out of the next.
const shiftedBytes = (index: number): Record<string, number> => ({
  [`rs1_${index / 2}`]: 256,
  [`rs1_${index / 2 + 2}`]: -128,
  [`carry${index / 2 + 1}`]: -128,
});
// 2^8 * 65029 * 129 = 34049 modulo p: in the last limb a carry out of 256 bits that does not show.
const overflow = { large: 65029, small: 129, limb: 34049n };

const forgeries: readonly Forgery[] = [
  {
    // quotient 2 * 2 / 2
    rule: 'at most one instruction',
    from: divide('wdiv', 6n, 3n),
    cells: { is_wsdiv: 1, isQuotient: 2, gap: 1 },
  },
  {
    // The sign -2^17 turns the dividend 2^240 into 262141 * 2^240 = 11 * 23831 * 2^240.
    rule: 'leftSign is a bit',
    from: divide('wsmod', limb(15), 11n),
    cells: {
      leftSign: -(2 ** 17),
      isMinusRemainder: -(2 ** 17),
      isRemainder: 1 + 2 ** 17,
      ...eachCell('quotient', 32, (i) => (i === 30 ? 23831 & 255 : i === 31 ? 23831 >> 8 : 0)),
      ...eachCell('carry', 15, () => 2 ** 17),
      remainder0: 0,
      rdAfter_0: 0,
      gap: 10,
    },
  },
  // 5 mod (2^256 - 3) for 5 mod 3
  ...[
    { rule: 'sign of rs2', from: divide('wsmod', 5n, 3n) },
    { rule: 'unsigned rs2 is not negative', from: divide('wmod', 5n, 3n) },
  ].map((forgery) => ({
    ...forgery,
    cells: {
      rightSign: 1,
      ...eachCell('divisor', 32, (i) => (i === 0 ? 253 : 255)),
      ...{ quotient0: 0, remainder0: 5, rdAfter_0: 5, group0: 0, place0: 0, gap: 0xfffe },
    },
  })),
  {
    // 5 / (3 + 2^128) for 5 / 3
    rule: 'immediate limb 8',
    from: { ...divide('wdiv', 5n, 3n), isImmediate: true },
    cells: {
      ...{ rs2_8: 1, divisor16: 1, quotient0: 0, remainder0: 5, rdAfter_0: 0 },
      ...{ group0: 0, group2: 1, gap: 0 },
    },
  },
  {
    // -5 mod 7 for (2^256 - 5) mod 7
    rule: 'unsigned rs1 is not negative',
    from: divide('wmod', -5n, 7n),
    cells: {
      ...{ leftSign: 1, isRemainder: 0, isMinusRemainder: 1, remainder0: 5, gap: 1 },
      ...eachCell('quotient', 32, () => 0),
      ...eachCell('carry', 15, () => 0),
      ...eachCell('rdAfter_', 16, (k) => (k === 0 ? 0xfffb : 0xffff)),
    },
  },
  {
    rule: 'sign of a quotient',
    from: divide('wsdiv', limb(15, 1024n), 1n),
    cells: { isQuotient: 0, isMinusQuotient: 1, rdAfter_15: 0x10000 - 1024 },
  },
  {
    rule: 'sign of a remainder',
    from: divide('wsmod', limb(15, 1024n), limb(15, 4096n)),
    cells: { isRemainder: 0, isMinusRemainder: 1, rdAfter_15: 0x10000 - 1024 },
  },
  // Limbs that add up to 2 carry out 2 / 2^16 = 2^16 modulo p, and the next limbs, both 0, carry out 1.
  ...[0, 8].map((k) => ({
    rule: `carry ${k} of a negative divisor`,
    from: divide('wsmod', (1n << 255n) - limb(k + 2) + limb(k), limb(k) - (1n << 255n)),
    cells: {
      ...{ [`divisor${2 * k}`]: 1, [`divisor${2 * k + 1}`]: 0 },
      ...{ [`divisor${2 * k + 2}`]: 0, [`divisor${2 * k + 3}`]: 0 },
      quotient0: 1,
      ...eachCell('remainder', 16, () => 0),
      ...eachCell('rdAfter_', 16, () => 0),
      ...{ [`group${k / 4}`]: 0, place1: 0, gap: 0x7ffe },
    },
  })),
  {
    rule: 'carry 15 of a negative divisor',
    from: divide('wsmod', limb(15), -(1n << 255n)),
    cells: {
      ...{ divisor30: 1, divisor31: 0, quotient0: 1, remainder15: 0, rdAfter_15: 0, gap: 0 },
    },
  },
  {
    rule: 'carry 0 of a negative quotient',
    from: divide('wsdiv', -1n, 1n),
    cells: { rdAfter_0: 1, rdAfter_1: 0 },
  },
  {
    rule: 'carry 8 of a negative remainder',
    from: divide('wsmod', -limb(8), 1n << 200n),
    cells: { rdAfter_8: 1, rdAfter_9: 0 },
  },
  // Quotient 0 and remainder 2 of 2 by 1, at several limbs: the difference -1 times a mark of -1.
  ...[
    { mark: 'group0', k: 0 },
    { mark: 'group1', k: 4 },
    { mark: 'group2', k: 8 },
    { mark: 'place0', k: 0 },
    { mark: 'place1', k: 1 },
    { mark: 'place2', k: 2 },
  ].map(({ mark, k }) => ({
    rule: `${mark} is a bit`,
    from: divide('wmod', limb(k, 2n), limb(k)),
    cells: { quotient0: 0, [`remainder${k}`]: 2, [`rdAfter_${k}`]: 2, [mark]: -1 },
  })),
  ...[9, 15].map((k) => ({
    rule: `limb ${k} is equal above the marked place`,
    from: divide('wmod', limb(k), limb(k - 1)),
    cells: { quotient2: 0, [`remainder${k}`]: 1, [`rdAfter_${k}`]: 1 },
  })),
  ...[0, 16].flatMap((index) => {
    const factor = 0xffn << BigInt(8 * index + 8);
    const rule = (name: string): string => `${name} ${index} and ${index + 1} are bytes`;
    const bytes = (name: string): Record<string, number> => ({
      [`${name}${index}`]: 1,
      [`${name}${index + 1}`]: -(2 ** 23),
      ...shiftedBytes(index),
    });
    return [
      {
        rule: rule('quotient'),
        from: divide('wdiv', factor * 0xff0100n, 0xff0100n),
        changes: bytes('quotient'),
      },
      {
        rule: rule('divisor'),
        from: divide('wdiv', factor * 0xff0100n, factor),
        changes: bytes('divisor'),
      },
    ];
  }),
  {
    rule: 'quotient 30 and 31 are bytes',
    from: divide('wdiv', limb(15, overflow.limb), BigInt(overflow.small) << 8n),
    cells: {
      ...eachCell('quotient', 32, (i) => (i === 30 ? overflow.large : 0)),
      ...eachCell('remainder', 16, () => 0),
      ...eachCell('rdAfter_', 16, (i) => (i === 15 ? overflow.large : 0)),
      ...eachCell('carry', 15, () => 0),
      gap: overflow.small * 256 - 1,
    },
  },
  {
    rule: 'divisor 30 and 31 are bytes',
    from: divide('wdiv', limb(15, overflow.limb), limb(15, BigInt(overflow.large))),
    cells: {
      divisor30: overflow.large,
      divisor31: 0,
      quotient1: overflow.small,
      remainder15: 0,
      rdAfter_0: overflow.small * 256,
      gap: overflow.large - 1,
    },
  },
  // 2^16 2^15 is 1 modulo p: a carry of 2^15 more stands for 1 less in its limb.
  ...[0, 7, 14].map((k) => ({
    rule: `carry ${k} has 13 bits`,
    from: divide('wdiv', (ALL - 1n) / 0xffffn, 1n),
    changes: { [`rs1_${k}`]: -1, [`carry${k}`]: 2 ** 15, [`rs1_${k + 1}`]: 2 ** 15 },
  })),
  // A negative result that is not in limbs of 16 bits.
  ...[0, 8].map((k) => ({
    rule: `result limb ${k}`,
    from: divide('wsdiv', -limb(k + 1), 1n),
    changes: { [`rdAfter_${k}`]: 0x10000, [`rdAfter_${k + 1}`]: -1 },
  })),
  {
    rule: 'result limb 15',
    from: divide('wsdiv', -1n, 2n),
    changes: { rdAfter_15: 0x10000 },
  },
  // 5 = 2 * 3 - 1
  ...[0, 8, 15].map((k) => ({
    rule: `remainder limb ${k}`,
    from: divide('wdiv', limb(k, 5n), limb(k, 3n)),
    changes: { quotient0: 1, rdAfter_0: 1, [`remainder${k}`]: -3, gap: 3 },
  })),
];

describe('wide-divide', () => {
  chipLaws({
    chip: wideDivide,
    cases: pairs(instructionsOf('wide-divide'), wideEdges, wideEdges, 3),
    meaning: wideBinaryMeaning,
    cells: 376,
    tries: 5_000,
    deletionTries: 5_000,
    forgeries,
    redundant: {
      'rightSign is a bit':
        'a quotient needs a bit for the XOR of the signs; else rs2 and |rs2| are equal and opposite',
    },
  });
});
