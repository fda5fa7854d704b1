import { describe } from 'vitest';
import { wideMove } from '../../../src/isa/chips/wide-move.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

describe('wide-move', () => {
  chipLaws({
    chip: wideMove,
    cases: wideEdges.map((value) => ({ name: 'wmove', values: { rs1: limbsOf(value, 16) } })),
    meaning: ({ values }) => ({ written: { rd: values.rs1! } }),
    cells: 61,
  });
});
