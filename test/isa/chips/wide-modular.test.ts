import { describe } from 'vitest';
import { wideModular } from '../../../src/isa/chips/wide-modular.ts';
import type { Mnemonic } from '../../../src/isa/instructions.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { eachCell, wideEdges, wideTernaryMeaning } from '../../support/wide-cases.ts';

function modular(name: Mnemonic, left: bigint, right: bigint, modulus: bigint): Case {
  return {
    name,
    values: { rs1: limbsOf(left, 16), rs2: limbsOf(right, 16), rs3: limbsOf(modulus, 16) },
  };
}

const cases: Case[] = [];
wideEdges.forEach((left, i) => {
  wideEdges.forEach((right, j) => {
    wideEdges.forEach((modulus, k) => {
      if ((i + 3 * j + 7 * k) % 29 !== 0) return;
      cases.push(
        modular('waddmod', left, right, modulus),
        modular('wmulmod', left, right, modulus),
      );
    });
  });
});

const ALL = 1n << 256n;
const limb = (number: number, value = 1n): bigint => value << BigInt(16 * number);
const byte = (number: number, value = 1n): bigint => value << BigInt(8 * number);

/** The whole identity: the bytes of the quotient that are not 0, the result 0, no carries. */
function identity(quotient: Readonly<Record<number, number>>): Record<string, number> {
  return {
    ...eachCell('quotient', 64, (i) => quotient[i] ?? 0),
    ...eachCell('carry', 31, () => 0),
    ...eachCell('rdAfter_', 16, () => 0),
  };
}

/** 2^31 is 1 modulo p: these two bytes make the same limb as before (`wide-divide.test.ts`). */
function shiftedBytes(name: string, index: number): Record<string, number> {
  return { [`${name}${index}`]: 1, [`${name}${index + 1}`]: -(2 ** 23) };
}

const forgeries: readonly Forgery[] = [
  // Modulo 0, half of 33911 times 2 * 2^240. The order has an odd mark too: v^2 (0 - 33911) - v is 60255.
  ...[
    { rule: 'adds is a bit', from: modular('waddmod', limb(15, 2n), 0n, 0n), flag: 'adds' },
    {
      rule: 'multiplies is a bit',
      from: modular('wmulmod', limb(15, 2n), 1n, 0n),
      flag: 'multiplies',
    },
  ].map(({ rule, from, flag }) => ({
    rule,
    from,
    cells: { [flag]: 1073758779, rdAfter_15: 33911, gap: 60255 },
  })),
  {
    // 2^510 + 2 * 2^496 = 3 * 5462 * 2^496
    rule: 'limb 31 of the identity',
    from: modular('wmulmod', 1n << 255n, 1n << 255n, 3n),
    cells: { ...identity({ 62: 5462 & 255, 63: 5462 >> 8 }), gap: 2 },
  },
  {
    // 3 * 2^504 = 2^504 * (3 + 2^8), but for what is beyond 512 bits
    rule: 'the multiple has 512 bits',
    from: modular('wmulmod', 3n << 250n, 1n << 254n, 259n),
    cells: { ...identity({ 63: 1 }), gap: 258 },
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
    from: modular('waddmod', limb(k, 2n), 0n, limb(k)),
    cells: { quotient0: 0, [`rdAfter_${k}`]: 2, [mark]: -1 },
  })),
  {
    rule: 'limb 9 is equal above the marked place',
    from: modular('waddmod', limb(9), 0n, limb(8)),
    cells: { quotient2: 0, rdAfter_9: 1 },
  },
  {
    rule: 'limb 15 is equal above the marked place',
    from: modular('waddmod', limb(15), 0n, limb(14)),
    cells: { quotient2: 0, rdAfter_15: 1 },
  },
  ...[0, 16].flatMap((index) => {
    const k = index / 2;
    const differences = {
      [`rdAfter_${k}`]: 256,
      [`rdAfter_${k + 2}`]: -128,
      [`carry${k + 1}`]: -128,
    };
    const [one, other] = [byte(index + 1, 255n), 0xff0100n];
    return [
      {
        rule: `left ${index} and ${index + 1} are bytes`,
        from: modular('wmulmod', one, other, ALL - 1n),
        changes: { ...shiftedBytes('left', index), ...differences },
      },
      {
        rule: `right ${index} and ${index + 1} are bytes`,
        from: modular('wmulmod', other, one, ALL - 1n),
        changes: { ...shiftedBytes('right', index), ...differences },
      },
      {
        rule: `modulus ${index} and ${index + 1} are bytes`,
        from: modular('waddmod', one * other, 0n, one),
        changes: {
          ...shiftedBytes('modulus', index),
          [`left${index + 1}`]: 1,
          [`left${index + 4}`]: -128,
          [`carry${k + 1}`]: 128,
        },
      },
    ];
  }),
  ...(['left', 'right'] as const).map((name) => {
    const [one, other] = [byte(31, 255n), 0xff0100n];
    return {
      rule: `${name} 30 and 31 are bytes`,
      from:
        name === 'left'
          ? modular('wmulmod', one, other, 1n << 255n)
          : modular('wmulmod', other, one, 1n << 255n),
      changes: {
        ...shiftedBytes(name, 30),
        ...{ rdAfter_15: 256, gap: -256, carry16: -128, quotient3: -1 },
      },
    };
  }),
  {
    rule: 'modulus 30 and 31 are bytes',
    from: modular('wmulmod', 0xfe01ff00n, byte(31), byte(31, 255n)),
    changes: { ...shiftedBytes('modulus', 30), left0: 1, left3: -128, carry16: 128 },
  },
  {
    rule: 'quotient 0 and 1 are bytes',
    from: modular('waddmod', 0xff00n * 0xff0100n, 0n, 0xff0100n),
    changes: { ...shiftedBytes('quotient', 0), left1: 1, left4: -128, carry1: 128 },
  },
  {
    rule: 'quotient 32 and 33 are bytes',
    from: modular('wmulmod', 0xfe01ffn << 24n, byte(31), 0xff0100n),
    changes: { ...shiftedBytes('quotient', 32), left2: 1, left5: -128, carry17: 128 },
  },
  {
    // 2^8 * 65028 * 129 = 205 * 5 modulo p
    rule: 'quotient 62 and 63 are bytes',
    from: modular('wmulmod', byte(31, 205n), byte(31, 5n), 129n << 8n),
    cells: { ...identity({ 62: 65028 }), gap: 129 * 256 - 1 },
  },
  // 2^16 2^15 = 1: a carry of 2^15 more stands for 1 in its limb.
  {
    rule: 'carry 0 has 14 bits',
    from: modular('waddmod', byte(3, 128n), 0n, ALL - 1n),
    changes: { left0: 1, carry0: 2 ** 15, left3: -128 },
  },
  {
    rule: 'carry 15 has 14 bits',
    from: modular('wmulmod', byte(17, 128n), byte(16), 1n << 255n),
    changes: { left14: 1, carry15: 2 ** 15, left17: -128 },
  },
  {
    // 200 = 3 * 67 - 1, and 202 * 200 - 2^15 = 3 * 2544
    rule: 'carry 30 has 14 bits',
    from: modular('wmulmod', byte(31, 202n) + byte(29), byte(31, 200n), 3n),
    cells: {
      ...identity({ 60: 67, 62: 2544 & 255, 63: 2544 >> 8 }),
      carry30: -(2 ** 15),
      gap: 2,
    },
  },
  // 5 = 2 * 3 - 1
  ...[0, 8, 15].map((k) => ({
    rule: `result limb ${k}`,
    from: modular('waddmod', limb(k, 5n), 0n, limb(k, 3n)),
    changes: { quotient0: 1, [`rdAfter_${k}`]: -3, gap: 3 },
  })),
];

describe('wide-modular', () => {
  chipLaws({
    chip: wideModular,
    cases,
    meaning: wideTernaryMeaning,
    cells: 534,
    tries: 1_000,
    deletionTries: 1_000,
    forgeries,
    redundant: {
      'is_waddmod is a bit': 'the other flag and the sum are bits; -1 is left to padding',
      'is_wmulmod is a bit': 'the other flag and the sum are bits; -1 is left to padding',
    },
  });
});
