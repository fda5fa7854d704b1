import { describe } from 'vitest';
import { wideBranch } from '../../../src/isa/chips/wide-branch.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { instructionsOf, pairs, wideBranchMeaning, wideEdges } from '../../support/wide-cases.ts';

describe('wide-branch', () => {
  chipLaws({
    chip: wideBranch,
    cases: pairs(instructionsOf('wide-branch'), wideEdges, wideEdges),
    meaning: wideBranchMeaning,
    cells: 84,
  });
});
