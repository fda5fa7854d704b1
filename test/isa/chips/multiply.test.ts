import { describe } from 'vitest';
import { multiply } from '../../../src/isa/chips/multiply.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

describe('the chip of products', () => {
  chipLaws({
    chip: multiply,
    cases: binaryCases(['mul', 'mul32']),
    meaning: binaryMeaning(wordBinary),
    cells: 100,
    deletionTries: 15_000,
    forgeries: [
      // 2^16 of limb 2 are one of limb 3.
      {
        rule: 'result limb 2',
        from: {
          name: 'mul',
          values: { rs1: limbsOf(0xffff_ffffn, 4), rs2: limbsOf(0xffff_ffffn, 4) },
        },
        changes: { rdAfter_2: 2 ** 16, carry2: -1, rdAfter_3: -1 },
      },
      // 2^16 2^16 is 2 modulo p.
      {
        rule: 'carry 2',
        from: {
          name: 'mul',
          values: { rs1: limbsOf(0x1234_5678_9abcn, 4), rs2: limbsOf(1n, 4) },
        },
        changes: { rdAfter_2: -2, carry2: 2 ** 16, carry3: 1 },
      },
    ],
  });
});
