import { describe } from 'vitest';
import { setWindow } from '../../../src/isa/chips/set-window.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';

const segments = [
  0n,
  1n,
  0xffffn,
  0x1_0000n,
  0xfff_ffffn,
  0x1000_0000n,
  0x1000_ffffn,
  0xffff_0000n,
  1n << 32n,
  1n << 48n,
  (1n << 64n) - 1n,
];
const lengths = [0n, 1n, 0x1_0000n, 0xffff_0000n, 0xffff_ffffn, 1n << 32n, 1n << 48n, 1n << 63n];

describe('set-window', () => {
  chipLaws({
    chip: setWindow,
    cases: segments.flatMap((segment) =>
      lengths.map((length, i) => ({
        name: 'setm',
        values: { rs1: limbsOf(segment, 4), rs2: limbsOf(length, 4) },
        operands: { writable: i % 2, window: 2 * i },
      })),
    ),
    meaning({ values, slots }) {
      const [s0, s1, s2, s3] = values.rs1 as [number, number, number, number];
      const [l0, l1, l2, l3] = values.rs2 as [number, number, number, number];
      const segment = s0 + 2 ** 16 * s1;
      if (s2 + s3 + l2 + l3 > 0 || segment >= 2 ** 28) return { faults: true };
      return { written: { window: [segment, l0, l1, slots[2]!] } };
    },
    cells: 59,
    tries: 20_000,
    deletionTries: 10_000,
  });
});
