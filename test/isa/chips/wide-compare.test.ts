import { describe } from 'vitest';
import { wideCompare } from '../../../src/isa/chips/wide-compare.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { instructionsOf, pairs, wideBinaryMeaning, wideEdges } from '../../support/wide-cases.ts';

describe('wide-compare', () => {
  chipLaws({
    chip: wideCompare,
    cases: pairs(instructionsOf('wide-compare'), wideEdges, wideEdges),
    meaning: wideBinaryMeaning,
    cells: 107,
    redundant: {
      'greater is a bit':
        'the others and the sum are bits; -1 leaves opcode weq - 1, which is none',
    },
  });
});
