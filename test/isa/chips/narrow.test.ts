import { describe } from 'vitest';
import { narrow } from '../../../src/isa/chips/narrow.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

const powers = Array.from({ length: 12 }, (_, i) => 1n << BigInt(64 + 16 * i));

describe('narrow', () => {
  chipLaws({
    chip: narrow,
    cases: [...wideEdges, ...powers].map((value) => ({
      name: 'narrow',
      values: { rs1: limbsOf(value, 16) },
    })),
    meaning: ({ values }) => {
      const limbs = values.rs1!;
      const isTooLarge = limbs.slice(4).some((limb) => limb !== 0);
      return isTooLarge ? { faults: true } : { written: { rd: limbs.slice(0, 4) } };
    },
    cells: 53,
  });
});
