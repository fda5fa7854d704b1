import { describe } from 'vitest';
import { load } from '../../../src/isa/chips/load.ts';
import type { Mnemonic } from '../../../src/isa/instructions.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { accessCases, accessMeaning, casesOf, littleEndian } from '../../support/memory-cases.ts';
import { instructionsOf } from '../../support/wide-cases.ts';

const names = instructionsOf('load');

/** `ld16s32`: 16 bits, signed, to 32 bits. */
function partsOf(name: Mnemonic): { size: number; isSigned: boolean; width: number } {
  const [, bits, mode, width] = /^ld(\d+)([us]?)(\d*)$/.exec(name)!;
  return { size: Number(bits) / 8, isSigned: mode === 's', width: Number(width || 64) };
}

const access = (name: Mnemonic, base: bigint, limbs: readonly number[]): Case => ({
  name,
  target: 9,
  values: {
    window: [5, 4096, 0, 1],
    rs1: limbsOf(base, 4),
    cell0: limbs.slice(0, 4),
    cell1: limbs.slice(4),
  },
});
const zeros = [0, 0, 0, 0, 0, 0, 0, 0];
const fives = [0, 5, 5, 5, 5, 5, 5, 5];

/** Wrong selections of limbs that keep the address: each takes several cells at once. */
const forgeries: readonly Forgery[] = [
  {
    rule: 'is_ld64 is a bit', // two flags more and this one -1: the opcode is still ld64
    from: access('ld64', 96n, [0x105, 0, 0, 0, 0, 0, 0, 0]),
    changes: { is_ld64: -2, is_ld8u: 1, is_ld32s: 1, room0: 11, rdAfter_0: -256 },
  },
  {
    rule: 'at most one instruction',
    from: access('ld8u', 98n, zeros),
    changes: { is_ld16u: 1, room0: -2, nextPc: 1 },
  },
  {
    rule: 'isOdd is a bit', // 2 for the address 2 past a cell: twice the high byte less the low one
    from: access('ld8u', 98n, [0x500, 0, 0, 0, 0, 0, 0, 0]),
    changes: { isOdd: 2, shift1: -1, top0: 5, rdAfter_0: 10 },
  },
  {
    rule: 'shift1 is a bit', // limbs k, k + 1 and k + 2 with 1, -1, 1
    from: access('ld16u', 98n, [5, 0, 0, 0, 0, 0, 0, 0]),
    changes: { shift1: -2, shift2: 1, low0: 5, rdAfter_0: 5 },
  },
  {
    rule: 'shift2 is a bit',
    from: access('ld16u', 100n, [0, 5, 0, 0, 0, 0, 0, 0]),
    changes: { shift2: -2, shift1: 1, shift3: 1, low0: 5, rdAfter_0: 5 },
  },
  {
    rule: 'shift3 is a bit',
    from: access('ld16u', 96n, [0, 5, 0, 0, 0, 0, 0, 0]),
    changes: { shift3: -1, shift1: 1, shift2: 1, low0: 5, low1: -5, rdAfter_0: 5 },
  },
  {
    rule: 'one shift',
    from: access('ld32u', 102n, fives),
    changes: { shift1: 1, shift2: 1, shift3: -1, low0: 5, rdAfter_0: 5 },
  },
  {
    rule: 'cell bits', // the cell of the address less 1/8
    from: access('ld8u', 96n, zeros),
    changes: { isOdd: 1, cellLow: -(2 ** 28) },
  },
  {
    rule: 'first borrow is 0, 1 or 2', // 2^16, which is 1 in the upper limb
    from: access('ld8u', 96n, zeros),
    changes: { room0: 2, fault: 1, nextPc: 8 },
  },
  {
    rule: 'room limb 0', // a borrow of 1
    from: access('ld8u', 96n, zeros),
    changes: { room0: 65536, room1: 65535, fault: 1, nextPc: 8 },
  },
  {
    rule: 'room limb 1',
    from: access('ld8u', 96n, zeros),
    changes: { room1: 65536, fault: 1, nextPc: 8 },
  },
  {
    rule: 'bytes of limb 2',
    from: access('ld32u', 97n, zeros),
    changes: { low2: 256, top2: -1, rdAfter_1: 65536 },
  },
  {
    rule: 'bytes of limb 4',
    from: access('ld64', 97n, zeros),
    changes: { low4: 256, top4: -1, rdAfter_3: 65536 },
  },
];

describe('load', () => {
  chipLaws({
    chip: load,
    cases: names.flatMap((name) => casesOf(name, accessCases(partsOf(name).size, 'offset'), 2)),
    meaning: accessMeaning((name) => {
      const { size, isSigned, width } = partsOf(name);
      return {
        size,
        isStore: false,
        load(bytes) {
          const value = littleEndian(bytes);
          const extended = isSigned ? BigInt.asUintN(width, BigInt.asIntN(8 * size, value)) : value;
          return limbsOf(extended, 4);
        },
      };
    }, 2),
    cells: 129,
    forgeries,
    tries: 20_000,
    deletionTries: 8_000,
  });
});
