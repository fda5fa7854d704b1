import { describe } from 'vitest';
import { move } from '../../../src/isa/chips/move.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

describe('the chip of moves', () => {
  chipLaws({
    chip: move,
    cases: unaryCases(['move'], 'rs2'),
    meaning: unaryMeaning(wordUnary, 'rs2'),
    cells: 41,
  });
});
