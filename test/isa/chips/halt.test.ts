import { describe } from 'vitest';
import { halt } from '../../../src/isa/chips/halt.ts';
import { chipLaws } from '../../support/chip-laws.ts';

describe('halt', () => {
  chipLaws({
    chip: halt,
    cases: [1, 2, 2 ** 29 - 2].map((clk) => ({ name: 'halt', state: { clk } })),
    meaning: ({ state }) => ({ ends: true, messages: { end: [state.clk] } }),
    cells: 13,
    tries: 10_000,
  });
});
