import { describe } from 'vitest';
import { wideCount } from '../../../src/isa/chips/wide-count.ts';
import { wclz } from '../../../src/isa/semantics/wide-move.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { lanesOfLimbs, limbsOf, limbsOfLanes } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

const powers = Array.from({ length: 43 }, (_, i) => 1n << BigInt(6 * i));
const lanes = new Int32Array(8);

describe('wide-count', () => {
  chipLaws({
    chip: wideCount,
    cases: [...wideEdges, ...powers].map((value) => ({
      name: 'wclz',
      values: { rs1: limbsOf(value, 16) },
    })),
    meaning: ({ values }) => {
      lanesOfLimbs(values.rs1!, lanes, 0);
      wclz(lanes, 0, lanes, 0);
      return { written: { rd: limbsOfLanes(lanes, 0, 8) } };
    },
    cells: 75,
  });
});
