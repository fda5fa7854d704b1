import { describe } from 'vitest';
import { callRuntime } from '../../../src/isa/chips/call-runtime.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { answered, enter, FP_LIMIT, facts, frames } from '../../support/control-cases.ts';

describe('call-runtime', () => {
  chipLaws({
    chip: callRuntime,
    cases: [...frames, ...frames].map(({ fp, slide }, i) => ({
      name: 'callr',
      state: { fp },
      operands: { slide, entry: i % 4 },
    })),
    meaning(situation) {
      const { slots } = situation;
      const pc = answered(situation, 'runtime entry');
      const entered = enter(situation, slots[0]!, pc);
      if (entered) return { ...entered, messages: { 'runtime entry': [0, slots[2]!, pc] } };
      return { faults: true, next: { pc }, messages: { 'runtime entry': [0, 0, pc] } };
    },
    parameters: { fpLimit: FP_LIMIT },
    facts,
    cells: 38,
    tries: 20_000,
    deletionTries: 10_000,
  });
});
