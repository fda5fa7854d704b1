import { describe } from 'vitest';
import { jump } from '../../../src/isa/chips/jump.ts';
import { chipLaws } from '../../support/chip-laws.ts';

describe('jump', () => {
  chipLaws({
    chip: jump,
    cases: [0, 1, -1, 2, -5, 70_000].map((target, i) => ({
      name: 'jump',
      target: Math.max(target, -i), // the pc is the number of the row
    })),
    meaning: () => ({ goes: true }),
    cells: 14,
    tries: 10_000,
  });
});
