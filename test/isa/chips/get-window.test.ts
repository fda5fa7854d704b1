import { describe } from 'vitest';
import { getWindow } from '../../../src/isa/chips/get-window.ts';
import { chipLaws } from '../../support/chip-laws.ts';

const windows = [
  [0, 0, 0, 0],
  [1, 1, 0, 1],
  [2 ** 28 - 1, 0xffff, 0xffff, 1],
  [70_000, 0, 0xffff, 0],
];

describe('get-window', () => {
  chipLaws({
    chip: getWindow,
    cases: windows.map((window, i) => ({
      name: 'getm',
      values: { window },
      operands: { window: 5 * i },
    })),
    meaning({ values }) {
      const [, low, high] = values.window!;
      return { written: { rd: [low!, high!, 0, 0] } };
    },
    cells: 37,
    tries: 10_000,
  });
});
