import { describe } from 'vitest';
import { wideStore } from '../../../src/isa/chips/wide-store.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { accessCases, accessMeaning, bytesOf, casesOf } from '../../support/memory-cases.ts';

/** Of a word whose byte i in the order of memory is `bytes[i]`, to cells of zeros. */
const access = (base: bigint, bytes: Readonly<Record<number, number>>): Case => {
  const zeros = [0, 0, 0, 0];
  let value = 0n;
  for (let i = 0; i < 32; i++) value = (value << 8n) + BigInt(bytes[i] ?? 0);
  return {
    name: 'wst',
    target: 9,
    values: {
      window: [5, 4096, 0, 1],
      rs1: limbsOf(base, 16),
      rs2: limbsOf(value, 16),
      cell0: zeros,
      cell1: zeros,
      cell2: zeros,
      cell3: zeros,
      cell4: zeros,
    },
  };
};
const fives = Object.fromEntries(Array.from({ length: 15 }, (_, k) => [2 * k, k === 1 ? 10 : 5]));

/** What the form for "the last borrow is not 0" gives for a borrow of 2^15. */
const pastForWrongBorrow = 2 ** 14 * (3 - 2 ** 15);

/** Wrong selections of limbs that keep the address: each takes many cells at once. */
const forgeries: readonly Forgery[] = [
  {
    rule: 'isOdd is a bit', // 2 for the address 2 past a cell: pairs with weights 511, -256 and 2
    from: access(98n, { 0: 1, 1: 1 }),
    changes: { isOdd: 2, shift1: -1, cell0After_0: 255, cell0After_1: -255 },
  },
  {
    rule: 'shift1 is a bit', // limbs k, k + 1 and k + 2 with 1, -1, 1
    from: access(98n, { 0: 5 }),
    changes: { shift1: -2, shift2: 1, cell0After_1: -5, cell0After_0: 5 },
  },
  {
    rule: 'shift2 is a bit',
    from: access(100n, { 0: 5 }),
    changes: { shift2: -2, shift1: 1, shift3: 1, cell0After_2: -5, cell0After_1: 5 },
  },
  {
    rule: 'shift3 is a bit',
    from: access(96n, { 0: 5 }),
    changes: { shift3: -1, shift1: 1, shift2: 1, cell0After_0: -5, cell0After_1: 5 },
  },
  {
    rule: 'last borrow is 0, 1 or 2',
    from: access(96n, {}),
    changes: {
      room1: 1,
      isOutside: pastForWrongBorrow,
      fault: pastForWrongBorrow,
      nextPc: 8 * pastForWrongBorrow,
    },
  },
  {
    rule: 'cell bits', // the cell of the address less 1/8
    from: access(97n, {}),
    changes: { isOdd: -1, shift1: 1, cellLow: -(2 ** 28) },
  },
  {
    rule: 'one shift',
    from: access(102n, fives),
    changes: {
      shift1: 1,
      shift2: 1,
      shift3: -1,
      cell0After_2: 5,
      cell1After_0: -5,
      cell4After_1: -5,
      cell4After_2: 5,
    },
  },
];

describe('wide-store', () => {
  chipLaws({
    chip: wideStore,
    cases: casesOf('wst', accessCases(32, 'immediate'), 5),
    meaning: accessMeaning(
      () => ({ size: 32, isStore: true, store: (limbs) => bytesOf(limbs).reverse() }),
      5,
    ),
    cells: 228,
    forgeries,
    tries: 15_000,
    deletionTries: 8_000,
    redundant: {
      'is_wst is a bit':
        "in a row that does not fault the flag is the window's writable, a bit; in one that faults it is 1",
    },
  });
});
