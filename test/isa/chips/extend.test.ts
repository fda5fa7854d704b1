import { describe } from 'vitest';
import { extend } from '../../../src/isa/chips/extend.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

describe('the chip of sign extension', () => {
  chipLaws({
    chip: extend,
    cases: unaryCases(['sext8', 'sext16', 'sext32', 'sext8_32', 'sext16_32'], 'rs1'),
    meaning: unaryMeaning(wordUnary, 'rs1'),
    cells: 53,
  });
});
