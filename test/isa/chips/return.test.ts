import { describe } from 'vitest';
import { returnChip } from '../../../src/isa/chips/return.ts';
import { chipLaws } from '../../support/chip-laws.ts';

const records = [
  [0, 0, 0, 0],
  [1, 64, 2048, 0],
  [2 ** 28 - 1, 2 ** 17 - 1, 2 ** 27 - 1, 0],
  [70_000, 5, 3, 0],
];

describe('return', () => {
  chipLaws({
    chip: returnChip,
    cases: records.map((record) => ({ name: 'return', values: { record } })),
    meaning({ values }) {
      const [pc, fp, sp] = values.record!;
      return { next: { pc: pc!, fp: fp!, sp: sp! } };
    },
    cells: 21,
    tries: 10_000,
  });
});
