import { describe } from 'vitest';
import { call } from '../../../src/isa/chips/call.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { answered, enter, FP_LIMIT, facts, frames } from '../../support/control-cases.ts';

describe('call', () => {
  chipLaws({
    chip: call,
    cases: frames.map(({ fp, slide }, i) => ({
      name: 'call',
      state: { fp },
      operands: { slide },
      target: 40 - i,
    })),
    meaning(situation) {
      const { state, slots, target } = situation;
      const entry = answered(situation, 'runtime entry 0');
      return (
        enter(situation, slots[2]!, state.pc + target) ?? {
          faults: true,
          next: { pc: entry },
          messages: { 'runtime entry 0': [0, 0, entry] },
        }
      );
    },
    parameters: { fpLimit: FP_LIMIT },
    facts,
    cells: 37,
    tries: 20_000,
    deletionTries: 10_000,
  });
});
