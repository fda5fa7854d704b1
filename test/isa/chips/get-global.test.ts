import { describe } from 'vitest';
import { getGlobal } from '../../../src/isa/chips/get-global.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { edgeWords } from '../../support/word-cases.ts';

describe('get-global', () => {
  chipLaws({
    chip: getGlobal,
    cases: edgeWords.map((word, i) => ({
      name: 'getg',
      values: { global: limbsOf(word, 4) },
      operands: { global: [0, 1, 63][i % 3]! },
    })),
    meaning: ({ values }) => ({ written: { rd: values.global! } }),
    cells: 37,
    tries: 10_000,
  });
});
