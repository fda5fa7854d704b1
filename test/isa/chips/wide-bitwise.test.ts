import { describe } from 'vitest';
import { wideBitwise } from '../../../src/isa/chips/wide-bitwise.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { instructionsOf, pairs, wideBinaryMeaning, wideEdges } from '../../support/wide-cases.ts';

describe('wide-bitwise', () => {
  chipLaws({
    chip: wideBitwise,
    cases: pairs(instructionsOf('wide-bitwise'), wideEdges, wideEdges, 3),
    meaning: wideBinaryMeaning,
    cells: 215,
    redundant: {
      'is_wand is a bit':
        'the others and the sum are bits; -1 leaves opcode wxor + 1, which is none',
      'is_wor is a bit': 'the others and the sum are bits; -1 leaves opcode and operation of wor',
      'is_wxor is a bit':
        'the others and the sum are bits; -1 leaves opcode wand - 1, which is none',
    },
  });
});
