import { describe } from 'vitest';
import { widen } from '../../../src/isa/chips/widen.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';

const words = [0n, 1n, 0xffffn, 0x10000n, 0xffffffffn, 1n << 63n, (1n << 64n) - 1n];

describe('widen', () => {
  chipLaws({
    chip: widen,
    cases: words.map((value) => ({ name: 'widen', values: { rs1: limbsOf(value, 4) } })),
    meaning: ({ values }) => ({ written: { rd: [...values.rs1!, ...Array(12).fill(0)] } }),
    cells: 49,
  });
});
