import { describe } from 'vitest';
import { callIndexed } from '../../../src/isa/chips/call-indexed.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import {
  answered,
  enter,
  FP_LIMIT,
  facts,
  frames,
  indexInside,
  lookupCase,
  lookups,
} from '../../support/control-cases.ts';

describe('call-indexed', () => {
  chipLaws({
    chip: callIndexed,
    cases: [...lookups, ...lookups, ...lookups].map((lookup, row) => {
      const { fp, slide } = frames[row % frames.length]!;
      const { operands, values } = lookupCase(lookup, row);
      return { name: 'callx', state: { fp }, operands: { ...operands, slide }, values };
    }),
    meaning(situation) {
      const { state, slots } = situation;
      const index = indexInside(situation);
      // An index outside counts before the depth.
      if (index === undefined) return { faults: true };
      const pc = answered(situation, 'entry');
      const entered = enter(situation, slots[0]!, pc);
      if (entered) {
        return {
          ...entered,
          messages: { entry: [(state.pc + slots[2]!) % 0x7fffffff, index, pc] },
        };
      }
      const entry = answered(situation, 'runtime entry 0');
      return {
        faults: true,
        next: { pc: entry },
        messages: { 'runtime entry 0': [0, 0, entry] },
      };
    },
    parameters: { fpLimit: FP_LIMIT },
    facts,
    cells: 67,
    tries: 20_000,
    deletionTries: 10_000,
    redundant: {
      'padding is not exhausted':
        'the bit counts only where the index is inside, and padding is not',
    },
  });
});
