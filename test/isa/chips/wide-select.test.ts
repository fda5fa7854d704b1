import { describe } from 'vitest';
import { wideSelect } from '../../../src/isa/chips/wide-select.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

const conditions = [0n, 1n, 0x10000n, 1n << 32n, 1n << 48n, (1n << 64n) - 1n];

describe('wide-select', () => {
  chipLaws({
    chip: wideSelect,
    cases: wideEdges.flatMap((value, i) =>
      conditions.map((condition) => ({
        name: 'wselect',
        values: {
          rs1: limbsOf(value, 16),
          rs2: limbsOf(wideEdges[(5 * i + 3) % wideEdges.length]!, 16),
          rs3: limbsOf(condition, 4),
        },
      })),
    ),
    meaning: ({ values }) => ({
      written: { rd: values.rs3!.some((limb) => limb !== 0) ? values.rs1! : values.rs2! },
    }),
    cells: 115,
  });
});
