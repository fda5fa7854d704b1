import { describe } from 'vitest';
import { count } from '../../../src/isa/chips/count.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

describe('the chip of counting zeros', () => {
  chipLaws({
    chip: count,
    cases: unaryCases(['clz', 'ctz', 'clz32', 'ctz32'], 'rs1'),
    meaning: unaryMeaning(wordUnary, 'rs1'),
    cells: 54,
    forgeries: [
      {
        // With half a bit the exponent is 2 and the power 5: 8 = 5 + 3.
        rule: 'placeBit1 is a bit',
        from: { name: 'clz', values: { rs1: limbsOf(8n, 4) } },
        changes: { placeBit1: 2 ** 30 - 1, placeLow: -3, place: -3, rest: 3, width: -1, zeros: 1 },
      },
      {
        // Two marks pass for a limb of 2: the power of two begins at the number of marks.
        rule: 'at most one mark',
        from: { name: 'ctz', values: { rs1: limbsOf(2n << 32n, 4) } },
        changes: { mark3: 1, placeBit0: -1, width: 1, zeros: -17 },
      },
    ],
    redundant: {
      'placeBit3 is a bit':
        'the width of the rest is from 0 to 16, and no other bit that gives such a width gives a power near a limb',
    },
  });
});
