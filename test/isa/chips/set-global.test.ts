import { describe } from 'vitest';
import { setGlobal } from '../../../src/isa/chips/set-global.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { edgeWords } from '../../support/word-cases.ts';

describe('set-global', () => {
  chipLaws({
    chip: setGlobal,
    cases: edgeWords.map((word, i) => ({
      name: 'setg',
      values: { rs1: limbsOf(word, 4) },
      operands: { global: [0, 1, 63][i % 3]! },
    })),
    meaning: ({ values }) => ({ written: { global: values.rs1! } }),
    cells: 37,
    tries: 10_000,
  });
});
