import { describe } from 'vitest';
import { truncate } from '../../../src/isa/chips/truncate.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

describe('truncate', () => {
  chipLaws({
    chip: truncate,
    cases: wideEdges.map((value) => ({ name: 'truncate', values: { rs1: limbsOf(value, 16) } })),
    meaning: ({ values }) => ({ written: { rd: values.rs1!.slice(0, 4) } }),
    cells: 49,
  });
});
