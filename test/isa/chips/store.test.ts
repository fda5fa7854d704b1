import { describe } from 'vitest';
import { store } from '../../../src/isa/chips/store.ts';
import type { Mnemonic } from '../../../src/isa/instructions.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { accessCases, accessMeaning, bytesOf, casesOf } from '../../support/memory-cases.ts';
import { instructionsOf } from '../../support/wide-cases.ts';

const names = instructionsOf('store');
const sizeOf = (name: string): number => Number(name.slice(2)) / 8;

const access = (name: Mnemonic, base: bigint, value: bigint): Case => ({
  name,
  target: 9,
  values: {
    window: [5, 4096, 0, 1],
    rs1: limbsOf(base, 4),
    rs2: limbsOf(value, 4),
    cell0: [0, 0, 0, 0],
    cell1: [0, 0, 0, 0],
  },
});

/** What the form for "the last borrow is not 0" gives for a borrow of 2^15. */
const pastForWrongBorrow = 2 ** 14 * (3 - 2 ** 15);

/** Wrong selections of limbs that keep the address: each takes several cells at once. */
const forgeries: readonly Forgery[] = [
  {
    rule: 'is_st8 is a bit', // two flags more and this one -1: the opcode is still st64
    from: access('st64', 96n, 5n << 48n),
    changes: { is_st64: -1, is_st16: 1, is_st32: 1, is_st8: -1, room0: 3, cell0After_3: -5 },
  },
  {
    rule: 'is_st64 is a bit',
    from: access('st8', 96n, 0x100n),
    changes: { is_st8: -1, is_st16: 1, is_st32: 1, is_st64: -1, room0: 3, cell0After_0: 256 },
  },
  {
    rule: 'is_st32 is a bit', // two flags more and this one -1: the opcode is still st32
    from: access('st32', 96n, 0x5_0005n),
    changes: { is_st32: -2, is_st16: 1, is_st64: 1, room0: -2, cell0After_1: -5 },
  },
  {
    rule: 'isOdd is a bit', // 2 for the address 2 past a cell: 511 times the byte
    from: access('st8', 98n, 1n),
    changes: { isOdd: 2, shift1: -1, cell0After_0: 511, cell0After_1: -1 },
  },
  {
    rule: 'shift1 is a bit', // limbs k, k + 1 and k + 2 with 1, -1, 1
    from: access('st16', 98n, 5n),
    changes: { shift1: -2, shift2: 1, cell0After_1: -5, cell0After_0: 5 },
  },
  {
    rule: 'shift2 is a bit',
    from: access('st16', 100n, 5n),
    changes: { shift2: -2, shift1: 1, shift3: 1, cell0After_2: -5, cell0After_1: 5 },
  },
  {
    rule: 'shift3 is a bit',
    from: access('st16', 96n, 5n),
    changes: { shift3: -1, shift1: 1, shift2: 1, cell0After_0: -5, cell0After_1: 5 },
  },
  {
    rule: 'one shift',
    from: access('st64', 102n, 0x5_000a_0005n),
    changes: {
      shift1: 1,
      shift2: 1,
      shift3: -1,
      cell0After_2: 5,
      cell1After_0: -5,
      cell1After_1: -5,
      cell1After_2: 5,
    },
  },
  {
    rule: 'last borrow is 0, 1 or 2',
    from: access('st8', 96n, 0n),
    changes: {
      room1: 1,
      isOutside: pastForWrongBorrow,
      fault: pastForWrongBorrow,
      nextPc: 8 * pastForWrongBorrow,
    },
  },
  {
    rule: 'room limb 0', // a borrow of 1
    from: access('st8', 96n, 0n),
    changes: { room0: 65536, room1: 65535, isOutside: 1, fault: 1, nextPc: 8 },
  },
  {
    rule: 'room limb 1',
    from: access('st8', 96n, 0n),
    changes: { room1: 65536, isOutside: 1, fault: 1, nextPc: 8 },
  },
  {
    rule: 'cell bits', // the cell of the address less 1/8
    from: access('st8', 96n, 0n),
    changes: { isOdd: 1, cellLow: -(2 ** 28) },
  },
];

describe('store', () => {
  chipLaws({
    chip: store,
    cases: names.flatMap((name) => casesOf(name, accessCases(sizeOf(name), 'offset'), 2)),
    meaning: accessMeaning((name) => {
      const size = sizeOf(name);
      return { size, isStore: true, store: (limbs) => bytesOf(limbs).slice(0, size) };
    }, 2),
    cells: 125,
    forgeries,
    tries: 20_000,
    deletionTries: 8_000,
    redundant: {
      'at most one instruction':
        "in a row that does not fault the sum of the flags is the window's writable, a bit; in one that faults it is 1",
    },
  });
});
