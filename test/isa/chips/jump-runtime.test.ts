import { describe } from 'vitest';
import { jumpRuntime } from '../../../src/isa/chips/jump-runtime.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { answered, facts } from '../../support/control-cases.ts';

describe('jump-runtime', () => {
  chipLaws({
    chip: jumpRuntime,
    cases: [0, 1, 2, 3].map((entry) => ({ name: 'jumpr', operands: { entry } })),
    meaning(situation) {
      const pc = answered(situation, 'runtime entry');
      return { next: { pc }, messages: { 'runtime entry': [0, situation.slots[2]!, pc] } };
    },
    facts,
    cells: 15,
    tries: 10_000,
  });
});
