import { describe } from 'vitest';
import { wideMultiply } from '../../../src/isa/chips/wide-multiply.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { pairs, wideBinaryMeaning, wideEdges } from '../../support/wide-cases.ts';

describe('wide-multiply', () => {
  chipLaws({
    chip: wideMultiply,
    cases: pairs(['wmul'], wideEdges, wideEdges),
    meaning: wideBinaryMeaning,
    cells: 277,
    tries: 10_000,
    forgeries: [
      // 1 - 2^8 2^23 is 0 modulo p: the limb stays, and the product gains 2^8 in limb 8, while 2^7 less
      // are carried out of limb 9.
      {
        rule: 'left 16 and 17 are bytes',
        from: {
          name: 'wmul',
          values: { rs1: limbsOf(0xffn << 136n, 16), rs2: limbsOf(0xff0100n, 16) },
        },
        changes: { left16: 1, left17: -(2 ** 23), rdAfter_8: 256, carry9: -128, rdAfter_10: -128 },
      },
      {
        rule: 'right 16 and 17 are bytes',
        from: {
          name: 'wmul',
          values: { rs1: limbsOf(0xff0100n, 16), rs2: limbsOf(0xffn << 136n, 16) },
        },
        changes: {
          right16: 1,
          right17: -(2 ** 23),
          rdAfter_8: 256,
          carry9: -128,
          rdAfter_10: -128,
        },
      },
    ],
  });
});
