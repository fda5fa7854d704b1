import { describe } from 'vitest';
import { jumpIndexed } from '../../../src/isa/chips/jump-indexed.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { answered, facts, indexInside, lookupCase, lookups } from '../../support/control-cases.ts';

describe('jump-indexed', () => {
  chipLaws({
    chip: jumpIndexed,
    cases: lookups.map((lookup, row) => ({ name: 'jumpx', ...lookupCase(lookup, row) })),
    meaning(situation) {
      const { state, slots } = situation;
      const index = indexInside(situation);
      if (index === undefined) return { goes: true };
      const pc = answered(situation, 'entry');
      return {
        next: { pc },
        messages: { entry: [(state.pc + slots[2]!) % 0x7fffffff, index, pc] },
      };
    },
    facts,
    cells: 44,
    tries: 20_000,
    deletionTries: 10_000,
  });
});
