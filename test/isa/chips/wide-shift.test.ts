import { describe } from 'vitest';
import { wideShift } from '../../../src/isa/chips/wide-shift.ts';
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

const amounts = [
  ...Array.from({ length: 34 }, (_, i) => BigInt(i)),
  ...[47n, 48n, 127n, 128n, 240n, 247n, 248n, 254n, 255n, 256n, 257n, 0xffffn, 0x10000n],
  ...[1n << 16n, 1n << 64n, 1n << 255n],
];
const words = wideEdges.filter((_, i) => i % 2 === 1 || i >= 14);

function shift(name: Mnemonic, word: bigint, amount: bigint): Case {
  return { name, values: { rs1: limbsOf(word, 16), rs2: limbsOf(amount, 16) } };
}

const forgeries: readonly Forgery[] = [
  {
    // Of 0, by no limb and by one.
    rule: 'at most one instruction',
    from: shift('wshl', 0n, 16n),
    cells: { is_wshr: 1, step0: 1, powerLow: 2, power: 2 },
  },
  {
    // 3 = 1 + 2 - 0
    rule: 'step0 is a bit',
    from: shift('wshl', 1n, 48n),
    cells: {
      ...{ step0: -1, step1: 1, step2: 1, step3: 0 },
      ...eachCell('rdAfter_', 4, (k) => [-1, 1, 1, 0][k]!),
    },
  },
  {
    // 11 = 9 + 10 - 8
    rule: 'step8 is a bit',
    from: shift('wshl', 1n, 176n),
    cells: {
      ...{ step8: -1, step9: 1, step10: 1, step11: 0 },
      ...{ rdAfter_8: -1, rdAfter_9: 1, rdAfter_10: 1, rdAfter_11: 0 },
    },
  },
  {
    // 1 + 2 for 2^2
    rule: 'powerBit0 is a bit',
    from: shift('wshl', 1n, 2n),
    cells: { powerBit0: 2, powerBit1: 0, powerLow: 3, power: 3, low0: 3, rdAfter_0: 3 },
  },
  {
    // 1 + 2 * 15 for 2^8
    rule: 'powerBit2 is a bit',
    from: shift('wshl', 1n, 8n),
    cells: { powerBit2: 2, powerBit3: 0, power: 31, low0: 31, rdAfter_0: 31 },
  },
  {
    // 1 + 2 * 255 for 2^16
    rule: 'powerBit3 is a bit',
    from: shift('wshl', 1n, 16n),
    cells: {
      ...{ step0: 1, step1: 0, powerBit3: 2, power: 511, low0: 511 },
      ...{ rdAfter_0: 511, rdAfter_1: 0 },
    },
  },
  {
    // With -2^16 the complement of a limb 0 is -2^16 (2^16 - 1) = 2^16 - 2 modulo p; the last limb solves
    // 0 = x - 2^16 (2^16 - 1 - 2 x).
    rule: 'complemented is a bit',
    from: shift('wsar', 0n, 16n),
    cells: {
      complemented: -(2 ** 16),
      ...eachCell('low', 16, () => 2 ** 16 - 2),
      rdAfter_15: 920396945,
    },
  },
  {
    // With 2^24 = 2^16 (2^8 - 0): the sign bit of 2^8 leaves 2^8 - 2^39 = 0.
    rule: 'negative is a bit',
    from: shift('wsignextend', 1n, 0n),
    cells: {
      ...{ negative: 2 ** 24, extended: 511 },
      ...eachCell('rdAfter_', 16, (k) => (k === 0 ? 511 : 512 - 2 ** 24)),
    },
  },
  {
    // 5 = 2^8 - 251
    rule: 'near',
    from: shift('wshl', 1n, 5n),
    cells: { near: -251, far: 1, isBeyond: 1, isBeyondInverse: 1, step0: 0, rdAfter_0: 0 },
  },
  {
    // 5 = 4 + 2^8 2^23
    rule: 'far',
    from: shift('wshl', 1n, 5n),
    cells: { near: 4, far: 2 ** 23, isBeyond: 1, isBeyondInverse: 256, step0: 0, rdAfter_0: 0 },
  },
  // 2^16 2^15 = 1
  {
    rule: 'high bits of limb 0',
    from: shift('wshl', 1n, 0n),
    changes: { low0: -1, high0: 2 ** 15, rdAfter_0: -1, rdAfter_1: 2 ** 15 },
  },
  {
    rule: 'high bits of limb 15',
    from: shift('wshr', 1n << 240n, 16n),
    changes: { low15: -1, high15: 2 ** 15, rdAfter_14: -1, rdAfter_15: 2 ** 15 },
  },
  ...[0, 8].map((k) => ({
    rule: `low bits of limb ${k}`,
    from: shift('wshl', 1n << BigInt(16 * k), 1n),
    changes: {
      [`low${k}`]: -(2 ** 16),
      [`high${k}`]: 1,
      [`rdAfter_${k}`]: -(2 ** 16),
      [`rdAfter_${k + 1}`]: 1,
    },
  })),
  {
    rule: 'the sign',
    from: shift('wsar', 1n, 16n),
    cells: {
      complemented: 1,
      ...eachCell('low', 16, (k) => (k === 0 ? 0xfffe : 0xffff)),
      rdAfter_15: 0xffff,
    },
  },
];

describe('wide-shift', () => {
  chipLaws({
    chip: wideShift,
    cases: pairs(instructionsOf('wide-shift'), words, amounts, 5),
    meaning: wideBinaryMeaning,
    cells: 241,
    tries: 10_000,
    deletionTries: 10_000,
    forgeries,
  });
});
