import { describe } from 'vitest';
import { bitwise } from '../../../src/isa/chips/bitwise.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

describe('the chip of AND, OR and XOR', () => {
  chipLaws({
    chip: bitwise,
    cases: binaryCases(['and', 'or', 'xor']),
    meaning: binaryMeaning(wordBinary),
    cells: 84,
  });
});
