import { describe } from 'vitest';
import { multiplyHigh } from '../../../src/isa/chips/multiply-high.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

const product = (rs1: bigint, rs2: bigint): Case => ({
  name: 'mulhu',
  values: { rs1: limbsOf(rs1, 4), rs2: limbsOf(rs2, 4) },
});
/** One more in limb 2 of this product is one more in the upper half. */
const full = product(0xffff_ffff_ffff_ffffn, 1n);
const overflow2 = { low2: -0xffff, carry2: 1, low3: -0xffff, carry3: 1, rdAfter_0: 1 };
/** 128 added to a limb of 2^16 - 1. */
const intoLow3 = { low3: 128 - 2 ** 16, carry3: 1, rdAfter_0: 1 };
const intoLow2 = { ...overflow2, low2: 128 - 2 ** 16 };
const overflow1 = { low1: -0xffff, carry1: 1, ...overflow2 };

describe('the chip of upper halves of products', () => {
  chipLaws({
    chip: multiplyHigh,
    cases: binaryCases(['mulh', 'mulhu']),
    meaning: binaryMeaning(wordBinary),
    cells: 126,
    deletionTries: 15_000,
    forgeries: [
      { rule: 'limb 0', from: full, changes: { carry0: 1, ...overflow1 } },
      {
        rule: 'limb 0 in range',
        from: full,
        changes: { low0: -(2 ** 16), carry0: 1, ...overflow1 },
      },
      // 2^16 2^16 is 2 modulo p.
      {
        rule: 'carry 0',
        from: full,
        changes: { low0: -2, carry0: 2 ** 16, carry1: 1, ...overflow2 },
      },
      {
        rule: 'carry 3',
        from: full,
        changes: { low3: -2, carry3: 2 ** 16, carry4: 1, rdAfter_1: 1 },
      },
      // 2^8 2^23 - 1 is 0 modulo p: the limb stays, and the product with 2^8 changes.
      ...[
        {
          limb: 0,
          factor: 0x00ff_ffff_ff00_0001n,
          changes: { low0: -256, carry1: 128, ...intoLow2 },
        },
        {
          limb: 1,
          factor: 0x00ff_ff00_0001_0000n,
          changes: { low1: -256, carry2: 128, ...intoLow3 },
        },
        { limb: 2, factor: 1n << 32n, changes: { low2: -256, carry3: 128, rdAfter_0: 128 } },
      ].flatMap(({ limb, factor, changes }) => [
        {
          rule: `bytes of left limb ${limb}`,
          from: product(factor, 0x100n),
          changes: { ...changes, [`left${2 * limb}`]: -1, [`left${2 * limb + 1}`]: 2 ** 23 },
        },
        {
          rule: `bytes of right limb ${limb}`,
          from: product(0x100n, factor),
          changes: { ...changes, [`right${2 * limb}`]: -1, [`right${2 * limb + 1}`]: 2 ** 23 },
        },
      ]),
    ],
  });
});
