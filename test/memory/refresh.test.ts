import { describe, expect, it } from 'vitest';
import { wideRefresh, wordRefresh } from '../../src/memory/refresh.ts';
import { cellsPerRow } from '../../src/stark/air/chip.ts';
import { descriptionLaws, rowsOf } from '../support/chip-laws.ts';
import type { Judge } from '../support/forger.ts';
import { type Claim, cell, failuresOf, reasonsOf } from '../support/memory-system.ts';
import { type CompiledRules, compileRules } from '../support/rules.ts';

/** Before and after: neighbours, the reach of an access, the whole clock. */
const times: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 70_000],
  [65_535, 65_536],
  [65_536, 131_072],
  [0, 2 ** 29 - 1],
  [2 ** 29 - 2, 2 ** 29 - 1],
  [123_456, 123_456 + 2 ** 28],
];

/** The bus guarantees that the time before was sent by somebody, hence is below 2^29. */
function judgeOf(compiled: CompiledRules): Judge {
  const [left, now] = compiled.faces;
  return (cells) => {
    const part = (face: typeof left, i: number): number => face!.message[i]!.value(cells);
    const count = left!.multiplicity.value(cells);
    if (count !== now!.multiplicity.value(cells) || count > 1) return 'lie';
    if (count === 0) return 'truth';
    if (part(left, 2) >= 2 ** 29) return 'outside';
    const isSameCell = left!.message.every((_, i) => i === 2 || part(left, i) === part(now, i));
    const isLater = part(now, 2) > part(left, 2) && part(now, 2) < 2 ** 29;
    return isSameCell && isLater ? 'truth' : 'lie';
  };
}

for (const [chip, width, cells] of [
  [wordRefresh, 4, 23],
  [wideRefresh, 16, 35],
] as const) {
  const { description } = chip;
  describe(description.name, () => {
    const compiled = compileRules(description, {}, [
      { name: 'the time before has 29 bits', face: 'as left', part: 2, bits: 29 },
    ]);
    const columns = description.columns.map(() => new Uint32Array(times.length + 1));
    times.forEach(([before, now], i) => {
      const value = Array.from({ length: width }, (_, k) => (i * 977 + k * 31337) & 0xffff);
      chip.fill(columns, i, Int32Array.of(i, 1000 * i, before, now, ...value), 0);
    });
    it(`commits ${cells} cells for each row`, () => {
      expect(cellsPerRow(description, 4)).toBe(cells);
    });
    descriptionLaws({
      compiled,
      honest: rowsOf(columns, compiled),
      judge: judgeOf(compiled),
      tries: 20_000,
      deletionTries: 10_000,
    });
  });
}

/** A register is set to 7 at time 10; at time 20 it is read as 9, which was never written. */
const before = { high: 0, low: 5 };
const readsNine = (refreshes: Claim['refreshes'], refreshCells: Claim['refreshCells']): Claim => ({
  width: 'word',
  accesses: [
    { ...before, previousTime: 9, time: 10, before: [0, 0, 0, 0], after: [7, 0, 0, 0] },
    { ...before, previousTime: 19, time: 20, before: [9, 0, 0, 0] },
  ],
  boundary: [cell(0, 5, { firstTime: 9, lastTime: 10, last: [7, 0, 0, 0] })],
  ...(refreshes && { refreshes }),
  ...(refreshCells && { refreshCells }),
});
const step = (from: number, to: number) => ({
  ...before,
  before: from,
  now: to,
  value: [9, 0, 0, 0],
});
const QUARTER = 2 ** 29;

const attacks: readonly { readonly what: string; readonly claim: Claim; readonly rule: string }[] =
  [
    {
      what: 'four refreshes that close a cycle modulo p around a forged read',
      claim: readsNine(
        [
          step(20, 20 + QUARTER),
          step(20 + QUARTER, 20 + 2 * QUARTER),
          step(20 + 2 * QUARTER, 20 + 3 * QUARTER),
          step(20 + 3 * QUARTER, 19),
        ],
        // The last gap is p - 1 - 3 * 2^29 - 1.
        { 3: { gapHigh: (2 ** 31 - 3 - 3 * QUARTER) >>> 16 } },
      ),
      rule: 'time bits 16 to 28',
    },
    {
      what: 'a refresh back in time',
      claim: readsNine([step(20, 19)], { 0: { gapHigh: 0 } }),
      rule: 'gap bits 0 to 15',
    },
    {
      what: 'a refresh back in time by an upper part of the gap that is no integer',
      // -2 = 65535 + 2^16 gapHigh
      claim: readsNine([step(20, 19)], { 0: { gapHigh: -65537 * 2 ** 15 } }),
      rule: 'gap bits 16 to 28',
    },
  ];

describe('refreshes', () => {
  it('bridge a gap of the whole clock', () => {
    const end = 2 ** 29 - 1;
    const value = [7, 1, 2, 3];
    const claim: Claim = {
      width: 'word',
      accesses: [
        { ...before, previousTime: 0, time: 1, before: [0, 0, 0, 0], after: value },
        { ...before, previousTime: end - 1, time: end, before: value },
      ],
      boundary: [cell(0, 5, { lastTime: end, last: value })],
      refreshes: [{ ...before, before: 1, now: end - 1, value }],
    };
    expect(reasonsOf(failuresOf(claim))).toEqual([]);
  });

  it('do not change the value', () => {
    const claim = readsNine([{ ...before, before: 10, now: 19, value: [9, 0, 0, 0] }], undefined);
    expect(reasonsOf(failuresOf(claim))).toEqual(['bus memory']);
  });

  for (const { what, claim, rule } of attacks) {
    it(`withstand ${what}, by "${rule}"`, () => {
      expect(reasonsOf(failuresOf(claim, [rule]))).toEqual([]);
      expect(reasonsOf(failuresOf(claim))).toEqual([rule]);
    });
  }
});
