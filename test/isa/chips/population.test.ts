import { describe } from 'vitest';
import { population } from '../../../src/isa/chips/population.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

describe('the chip of counting ones', () => {
  chipLaws({
    chip: population,
    cases: unaryCases(['popcnt', 'popcnt32'], 'rs1'),
    meaning: unaryMeaning(wordUnary, 'rs1'),
    cells: 99,
  });
});
