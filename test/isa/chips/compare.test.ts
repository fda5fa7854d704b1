import { describe } from 'vitest';
import { compare } from '../../../src/isa/chips/compare.ts';
import { wordBinary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

const names = [
  ...(['seq', 'sne', 'slt', 'sge', 'sltu', 'sgeu'] as const),
  ...(['seq32', 'sne32', 'slt32', 'sge32', 'sltu32', 'sgeu32'] as const),
];

describe('the chip of comparison', () => {
  chipLaws({
    chip: compare,
    cases: binaryCases(names),
    meaning: binaryMeaning(wordBinary),
    cells: 72,
  });
});
