import { describe } from 'vitest';
import { branch } from '../../../src/isa/chips/branch.ts';
import { wordBranch } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { binaryCases, predicateMeaning } from '../../support/word-cases.ts';

const names = [
  ...(['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'] as const),
  ...(['beq32', 'bne32', 'blt32', 'bge32', 'bltu32', 'bgeu32'] as const),
];

describe('the chip of branches', () => {
  chipLaws({
    chip: branch,
    cases: binaryCases(names),
    meaning: predicateMeaning(wordBranch),
    cells: 60,
  });
});
