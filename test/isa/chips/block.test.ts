import { describe } from 'vitest';
import { block } from '../../../src/isa/chips/block.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';

interface Head {
  readonly left?: bigint;
  readonly gas?: number;
  readonly sp?: number;
  readonly need?: number;
  readonly grow?: number;
  readonly slide?: number;
}

const STRETCH = 2048;

const gases: readonly Head[] = [
  { left: 0n, gas: 0 },
  { left: 0n, gas: 1 },
  { left: 20_999n, gas: 21_000 },
  { left: 21_000n, gas: 21_000 },
  { left: 21_001n, gas: 21_000 },
  { left: 0x1_0000n, gas: 0xffff },
  { left: 0xffffn, gas: 0x1_0000 },
  { left: 0xffff_fffen, gas: 0xffff_ffff },
  { left: 0xffff_ffffn, gas: 0xffff_ffff },
  { left: 1n << 32n, gas: 0xffff_ffff },
  { left: 1n << 48n, gas: 1 },
  { left: (1n << 64n) - 1n, gas: 0xffff_ffff },
];

const stacks: readonly Head[] = [
  { sp: 0 },
  { sp: 3, need: 3, slide: -3 },
  { sp: 3, need: 4, slide: -4 },
  { sp: 5 * STRETCH, need: 1, slide: -1 },
  { sp: 5 * STRETCH + 1, need: 1, slide: -1 },
  { sp: 5 * STRETCH, grow: 1024, slide: 1024 },
  { sp: 5 * STRETCH + 1, grow: 1024, slide: 1024 },
  { sp: 7 * STRETCH + 1024, grow: 0 },
  { sp: 7 * STRETCH + 1024, grow: 1, slide: 1 },
  { sp: 7 * STRETCH + 1024, need: 1024, slide: -1024 },
  { sp: 7 * STRETCH + 1023, need: 1024, slide: -1024 },
  { sp: 7 * STRETCH + 1000, need: 17, grow: 24, slide: 24 },
  { sp: 7 * STRETCH + 1001, need: 17, grow: 24, slide: 7 },
  // Deeper than any run gets: the reasons are exact all the same.
  { sp: 9 * STRETCH + 2047, need: 1024, grow: 1024, slide: 0 },
  { sp: 2 ** 27 - 1, need: 1, slide: -1 },
  { sp: 2 ** 27 - STRETCH + 8, need: 8, grow: 3, slide: -5 },
];

const caseOf = ({ left, gas, sp, need, grow, slide }: Head): Case => ({
  name: 'block',
  values: { 'gas register': limbsOf(left ?? 1_000_000n, 4) },
  operands: { gas: gas ?? 5, need: need ?? 0, grow: grow ?? 0, slide: slide ?? 0 },
  state: { sp: sp ?? STRETCH },
});

describe('block', () => {
  chipLaws({
    chip: block,
    cases: [
      ...gases,
      ...stacks,
      ...stacks.map((head) => ({ ...head, left: 4n })),
      ...gases.map((head) => ({ ...head, sp: 2, need: 3, grow: 1023 })),
    ].map(caseOf),
    meaning({ values, slots, state }) {
      const [need, grow, low, high, slide] = slots as [number, number, number, number, number];
      const left = values['gas register']!.reduceRight(
        (sum, limb) => (sum << 16n) + BigInt(limb),
        0n,
      );
      const gas = BigInt(low) + (BigInt(high) << 16n);
      const depth = state.sp % STRETCH;
      if (left < gas || need > depth || depth + grow > 1024) return { faults: true };
      return {
        written: { 'gas register': limbsOf(left - gas, 4) },
        next: { sp: (state.sp + slide) % 0x7fffffff },
      };
    },
    cells: 58,
    tries: 20_000,
    deletionTries: 10_000,
    redundant: {
      depth:
        'the frame number leaves the depth and depths off by 2048; these pass the checks of entries and room ' +
        'only where need > depth or depth + grow > 1024, as a fault',
    },
  });
});
