import { describe } from 'vitest';
import { wideAddSub } from '../../../src/isa/chips/wide-add-sub.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { pairs, wideBinaryMeaning, wideEdges } from '../../support/wide-cases.ts';

describe('wide-add-sub', () => {
  chipLaws({
    chip: wideAddSub,
    cases: [
      ...pairs(['wadd', 'wsub'], wideEdges, wideEdges, 3),
      ...wideEdges.flatMap((value) =>
        pairs(['wnot'], [value], [0n]).filter(({ isImmediate }) => isImmediate),
      ),
    ],
    meaning: wideBinaryMeaning,
    cells: 135,
    tries: 20_000,
    redundant: {
      'is_wadd is a bit':
        'the others and the sum are bits; -1 leaves opcode wnot + 1, which is none',
      'is_wsub is a bit': 'the others and the sum are bits; -1 asks for a + b = a - b = NOT a',
      'is_wnot is a bit':
        'the others and the sum are bits; -1 leaves opcode wadd - 1, which is none',
    },
  });
});
