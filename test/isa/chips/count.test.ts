import { describe } from 'vitest';
import { count } from '../../../src/isa/chips/count.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

/** A limb of 2 or 6 alone: there two marks at once pass most easily. */
const twos = Array.from({ length: 32 }, (_, i) => (i < 16 ? 2n : 6n) << BigInt(16 * (i % 4)));

describe('the chip of counting zeros', () => {
  chipLaws({
    chip: count,
    cases: unaryCases(['clz', 'ctz', 'clz32', 'ctz32'], 'rs1', twos),
    meaning: unaryMeaning(wordUnary, 'rs1'),
    cells: 54,
    redundant: {
      'placeBit3 is a bit':
        'the width of the rest is from 0 to 16, and no other bit that gives such a width gives a power near a limb',
    },
  });
});
