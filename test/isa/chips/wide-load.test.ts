import { describe } from 'vitest';
import { wideLoad } from '../../../src/isa/chips/wide-load.ts';
import { chipLaws, type Forgery } from '../../support/chip-laws.ts';
import { type Case, limbsOf } from '../../support/instruction-rows.ts';
import { accessCases, accessMeaning, casesOf, littleEndian } from '../../support/memory-cases.ts';

const access = (base: bigint, limbs: readonly number[]): Case => {
  const all = Array.from({ length: 20 }, (_, i) => limbs[i] ?? 0);
  const cells = [0, 1, 2, 3, 4].map((k) => [`cell${k}`, all.slice(4 * k, 4 * k + 4)]);
  return {
    name: 'wld',
    values: {
      window: [5, 4096, 0, 1],
      rs1: limbsOf(base, 16),
      ...Object.fromEntries(cells),
    },
  };
};

/** Wrong selections of limbs that keep the address: each takes many cells at once. */
const forgeries: readonly Forgery[] = [
  {
    rule: 'isOdd is a bit', // 2 for the address 2 past a cell: pairs with weights 511, -256 and 2
    from: access(98n, [...Array.from({ length: 15 }, () => 0), 255, 1]),
    changes: { isOdd: 2, shift1: -1, byte28: -255, byte31: 1 },
  },
  {
    rule: 'shift1 is a bit', // limbs k, k + 1 and k + 2 with 1, -1, 1
    from: access(98n, [5]),
    changes: { shift1: -2, shift2: 1, byte0: 5 },
  },
  {
    rule: 'shift2 is a bit',
    from: access(100n, [0, 5]),
    changes: { shift2: -2, shift1: 1, shift3: 1, byte0: 5 },
  },
  {
    rule: 'shift3 is a bit',
    from: access(96n, [0, 5]),
    changes: { shift3: -1, shift1: 1, shift2: 1, byte0: 5, byte2: -5 },
  },
  {
    rule: 'cell bits', // the cell of the address less 1/8
    from: access(97n, []),
    changes: { isOdd: -1, shift1: 1, cellLow: -(2 ** 28) },
  },
  {
    rule: 'one shift',
    from: access(102n, [0, ...Array.from({ length: 19 }, () => 5)]),
    changes: { shift1: 1, shift2: 1, shift3: -1, byte0: 5 },
  },
];

describe('wide-load', () => {
  chipLaws({
    chip: wideLoad,
    cases: casesOf('wld', accessCases(32, 'immediate'), 5),
    meaning: accessMeaning(
      () => ({
        size: 32,
        isStore: false,
        load: (bytes) => limbsOf(littleEndian(bytes.toReversed()), 16),
      }),
      5,
    ),
    cells: 217,
    forgeries,
    tries: 15_000,
    deletionTries: 8_000,
  });
});
