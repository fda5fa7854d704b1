import { describe, expect, it } from 'vitest';
import {
  type BoundaryChip,
  type BoundaryRow,
  wideBoundary,
  wordBoundary,
} from '../../src/memory/boundary.ts';
import { cellsPerRow } from '../../src/stark/air/chip.ts';
import { inverse } from '../../src/stark/field/m31.ts';
import { descriptionLaws } from '../support/chip-laws.ts';
import { type Judge, randomNumbers } from '../support/forger.ts';
import { type Claim, cell, failuresOf, reasonsOf, TABLE_ROWS } from '../support/memory-system.ts';
import { type CompiledRules, compileRules, type Face } from '../support/rules.ts';

const OUTPUT = 4;
const PRIVATE = 6;
const QUARTER = 2 ** 29;

/** Two rows in the cells, with all that stands in the table after them. */
function windows(
  chip: BoundaryChip,
  compiled: CompiledRules,
  pairs: readonly (readonly [
    BoundaryRow | undefined,
    BoundaryRow | undefined,
    'inside' | 'wrap',
  ])[],
): Uint32Array[] {
  const width = compiled.description.columns.length;
  return pairs.map(([upper, lower, where]) => {
    const columns = compiled.description.columns.map(() => new Uint32Array(2));
    if (upper) chip.fill(columns, 0, upper, where === 'inside' ? lower : undefined);
    if (lower) chip.fill(columns, 1, lower, undefined);
    const cells = new Uint32Array(compiled.cellCount);
    columns.forEach((column, k) => {
      cells[k] = column[0]!;
      cells[width + k] = column[1]!;
    });
    // The marks of the last row come after the cells: the first of the two is it where the table wraps.
    cells[compiled.mainCells] = where === 'wrap' ? 1 : 0;
    return cells;
  });
}

/** Judges two rows by their messages: addresses, order, starts, what goes to the verifier. */
function judgeOf(compiled: CompiledRules, limbs: number): Judge {
  const facesOf = (name: string): readonly Face[] =>
    compiled.faces.filter((face) => face.name === name);
  const [firsts, lasts, images, outputs] = ['first value', 'last value', 'image', 'output'].map(
    facesOf,
  ) as [Face[], Face[], Face[], Face[]];
  // Those of the second row depend on a row after it.
  const width = compiled.description.columns.length;
  const lookups = compiled.rules.filter(
    ({ kind, multiplicity }) => kind === 'range' && multiplicity!.cells.every((at) => at < width),
  );
  return (cells) => {
    const count = (face: Face | undefined): number => face?.multiplicity.value(cells) ?? 0;
    const parts = (face: Face): number[] => face.message.map((form) => form.value(cells));
    if (lookups.some(({ multiplicity }) => multiplicity!.value(cells) > 1)) return 'lie';
    const keys = [0, 1].map((row) => {
      const [first, last] = [firsts[row]!, lasts[row]!];
      const others = [images[row], outputs[row]];
      if (count(first) !== count(last) || count(first) > 1) return 'lie';
      if (count(first) === 0) return others.some((face) => count(face) !== 0) ? 'lie' : undefined;
      const [high, low, , ...start] = parts(first) as [number, number, number, ...number[]];
      const end = parts(last);
      if (end[0] !== high || end[1] !== low) return 'lie';
      if (high >= 2 ** 28 + 4 || low >= 2 ** 29) return 'lie';
      if (limbs === 4) {
        const [image, output] = others;
        if (count(image) > 1) return 'lie';
        if (count(image) === 1) {
          if (parts(image!).some((value, i) => value !== [high, low, ...start][i])) return 'lie';
        } else if (start.some((limb) => limb >= (high === PRIVATE ? 0x10000 : 1))) return 'lie';
        if (count(output) !== (high === OUTPUT ? 1 : 0)) return 'lie';
        if (high === OUTPUT) {
          const told = [low, ...end.slice(3)];
          if (parts(output!).some((value, i) => value !== told[i])) return 'lie';
        }
      } else if (start.some((limb) => limb !== 0) || high !== 0) return 'lie';
      return [high, low] as const;
    });
    const [upper, lower] = keys;
    if (upper === 'lie' || lower === 'lie') return 'lie';
    if (cells[compiled.mainCells] === 1 || lower === undefined) return 'truth';
    if (upper === undefined) return 'lie';
    return upper[0] < lower[0] || (upper[0] === lower[0] && upper[1] < lower[1]) ? 'truth' : 'lie';
  };
}

const random = randomNumbers(3);
const value = (limbs: number): number[] => Array.from({ length: limbs }, () => random(0x10000));
const told = (high: number, low: number, more: Partial<BoundaryRow> = {}): BoundaryRow =>
  cell(high, low, {
    firstTime: random(1000),
    lastTime: 1000 + random(1000),
    last: value(4),
    ...more,
  });

/** Ascending, of every space and kind. */
const wordRows: readonly BoundaryRow[] = [
  told(0, 0),
  told(0, 1),
  told(0, 65_536),
  told(0, 2 ** 29 - 1),
  told(1, 0, { first: value(4), isImage: true }),
  told(1, 5),
  told(2, 3, { first: [5, 1, 2, 1], isImage: true }),
  told(3, 0, { first: [1, 0, 0, 0], isImage: true }),
  told(3, 77),
  told(OUTPUT, 0),
  told(OUTPUT, 1),
  told(5, 9, { first: value(4), isImage: true }),
  told(5, 10),
  told(PRIVATE, 0, { first: value(4) }),
  told(PRIVATE, 2 ** 29 - 1, { first: value(4) }),
  told(PRIVATE + 70_000, 3),
  told(4 + 2 ** 28 - 1, 2 ** 29 - 1),
];
const wideRows: readonly BoundaryRow[] = [0, 1, 2048, 65_535, 65_536, 2 ** 27, 2 ** 29 - 1].map(
  (low) => cell(0, low, { firstTime: 3, lastTime: 9, last: value(16) }),
);

function pairsOf(rows: readonly BoundaryRow[]) {
  type Pair = readonly [BoundaryRow | undefined, BoundaryRow | undefined, 'inside' | 'wrap'];
  const pairs: Pair[] = [[undefined, undefined, 'inside']];
  rows.forEach((row, i) => {
    for (const next of [rows[i + 1], rows[i + 2], rows.at(-1), undefined]) {
      if (next !== row) pairs.push([row, next, 'inside']);
    }
    pairs.push([row, rows[0], 'wrap'], [undefined, row, 'wrap']);
  });
  return pairs;
}

for (const [chip, rows, cells, limbs] of [
  [wordBoundary, wordRows, 55, 4],
  [wideBoundary, wideRows, 35, 16],
] as const) {
  const { description } = chip;
  describe(description.name, () => {
    const compiled = compileRules(description);
    it(`commits ${cells} cells for each row`, () => {
      expect(cellsPerRow(description, 4)).toBe(cells);
    });
    descriptionLaws({
      compiled,
      honest: windows(chip, compiled, pairsOf(rows)),
      judge: judgeOf(compiled, limbs),
      tries: 30_000,
      deletionTries: 15_000,
    });
  });
}

/** A register holds 7 from time 10 on; at time 20 it is read as 0, as if nothing had been written. */
const forgets = (high: number, low: number): Claim['accesses'] => [
  { high, low, previousTime: 9, time: 10, before: [0, 0, 0, 0], after: [7, 0, 0, 0] },
  { high, low, previousTime: 19, time: 20, before: [0, 0, 0, 0] },
];
const nothing = [0, 0, 0, 0];
/** The two rows that would serve these accesses. */
const early = (high: number, low: number): BoundaryRow =>
  cell(high, low, { firstTime: 9, lastTime: 10, last: [7, 0, 0, 0] });
const late = (high: number, low: number): BoundaryRow =>
  cell(high, low, { firstTime: 19, lastTime: 20, last: nothing });
/** A row whose cell nobody accesses: what it sends it receives. */
const dummy = (high: number, low: number): BoundaryRow => cell(high, low, { last: nothing });

/** The same for wide registers. */
const wide = (limb: number): number[] => [limb, ...Array.from({ length: 15 }, () => 0)];
const wideForgets: Claim['accesses'] = [
  { high: 0, low: 5, previousTime: 9, time: 10, before: wide(0), after: wide(7) },
  { high: 0, low: 5, previousTime: 19, time: 20, before: wide(0) },
];
const wideEarly = cell(0, 5, { firstTime: 9, lastTime: 10, last: wide(7) });
const wideLate = cell(0, 5, { firstTime: 19, lastTime: 20, last: wide(0) });

/** Upper part of the gap from the last of three dummy rows back to the first address, modulo p. */
const LAST_GAP = 2 ** 31 - 1 - 3 * QUARTER - 1;

const attacks: readonly { readonly what: string; readonly claim: Claim; readonly rule: string }[] =
  [
    {
      what: 'three dummy rows whose addresses wrap modulo p and lead back to the cell',
      claim: {
        width: 'word',
        accesses: forgets(0, 5),
        boundary: [early(0, 5), ...[1, 2, 3].map((k) => dummy(0, 5 + k * QUARTER)), late(0, 5)],
        boundaryCells: { 3: { gap0: LAST_GAP & 0xffff, gap1: LAST_GAP >>> 16 } },
      },
      rule: 'address bits 16 to 28',
    },
    {
      what: 'three dummy rows whose segments wrap modulo p',
      claim: {
        width: 'word',
        accesses: forgets(9, 5),
        boundary: [early(9, 5), ...[1, 2, 3].map((k) => dummy(9 + k * QUARTER, 0)), late(9, 5)],
        boundaryCells: { 3: { gap0: LAST_GAP & 0xffff, gap1: LAST_GAP >>> 16 } },
      },
      rule: 'segment bits 16 to 27',
    },
    {
      what: 'a cell past the greatest address',
      claim: { width: 'word', accesses: [], boundary: [dummy(0, QUARTER)] },
      rule: 'address bits 16 to 28',
    },
    {
      what: 'a segment past the greatest number',
      claim: { width: 'word', accesses: [], boundary: [dummy(4 + 2 ** 28, 0)] },
      rule: 'segment bits 16 to 27',
    },
    {
      what: 'a padding row in the middle that restarts the order',
      claim: {
        width: 'word',
        accesses: forgets(0, 5),
        boundary: [early(0, 5), undefined, late(0, 5)],
        boundaryCells: { 1: { ordered: 1, same: 1, gap0: 4 } },
      },
      rule: 'real rows are a prefix',
    },
    {
      what: 'a row that leaves the order, as only the last one may',
      claim: {
        width: 'word',
        accesses: forgets(0, 5),
        boundary: [early(0, 5), late(0, 5)],
        boundaryCells: { 0: { ordered: 0 } },
      },
      rule: 'ordered',
    },
    {
      what: 'two rows for one cell',
      claim: {
        width: 'word',
        accesses: forgets(0, 5),
        boundary: [early(0, 5), late(0, 5)],
        boundaryCells: { 0: { gap0: 65535, gap1: -1 } },
      },
      rule: 'gap bits 16 to 28',
    },
    {
      what: 'two rows for one cell in two spaces that are claimed to be one',
      claim: {
        width: 'word',
        accesses: forgets(1, 5),
        boundary: [early(1, 5), dummy(0, 6), late(1, 5)],
        boundaryCells: {
          0: { same: 1, gap0: 0, gap1: 0 },
          1: { same: 0, gap0: 0, gap1: 0 },
        },
      },
      rule: 'same space',
    },
    {
      what: 'a free start outside the private segment',
      claim: {
        width: 'word',
        accesses: [{ high: 7, low: 5, previousTime: 9, time: 10, before: [7, 0, 0, 0] }],
        boundary: [
          cell(7, 5, { firstTime: 9, lastTime: 10, first: [7, 0, 0, 0], last: [7, 0, 0, 0] }),
        ],
        boundaryCells: { 0: { isFree: 1 } },
      },
      rule: 'free is private',
    },
    {
      what: 'a start at what is not zero',
      claim: {
        width: 'word',
        accesses: [{ high: 0, low: 5, previousTime: 9, time: 10, before: [7, 0, 0, 0] }],
        boundary: [
          cell(0, 5, { firstTime: 9, lastTime: 10, first: [7, 0, 0, 0], last: [7, 0, 0, 0] }),
        ],
      },
      rule: 'limb 0 starts at zero',
    },
    {
      what: 'a private cell that starts with more than a limb holds',
      claim: {
        width: 'word',
        accesses: [{ high: PRIVATE, low: 5, previousTime: 9, time: 10, before: [65536, 0, 0, 0] }],
        boundary: [
          cell(PRIVATE, 5, {
            firstTime: 9,
            lastTime: 10,
            first: [65536, 0, 0, 0],
            last: [65536, 0, 0, 0],
          }),
        ],
      },
      rule: 'free limb 0',
    },
    {
      what: 'an output cell that is hidden from the verifier',
      claim: {
        width: 'word',
        accesses: [1, 2].map((low) => ({
          ...{ high: OUTPUT, low, previousTime: 9, time: 10 },
          ...{ before: nothing, after: [7, 0, 0, 0] },
        })),
        boundary: [early(OUTPUT, 1), early(OUTPUT, 2)],
        boundaryCells: { 1: { isElsewhere: 1 } },
        output: [[1, 7, 0, 0, 0]],
      },
      rule: 'isElsewhere is 0 for zero',
    },
    {
      what: 'a cell of another segment told to the verifier as output',
      claim: {
        width: 'word',
        accesses: [
          { high: 5, low: 1, previousTime: 9, time: 10, before: nothing, after: [7, 0, 0, 0] },
        ],
        boundary: [early(5, 1)],
        boundaryCells: { 0: { isElsewhere: 0, isElsewhereInverse: 0 } },
        output: [[1, 7, 0, 0, 0]],
      },
      rule: 'isElsewhere is 1 for others',
    },
    {
      what: 'a segment for what is no memory, to hide an output cell',
      claim: {
        width: 'word',
        accesses: [
          { high: OUTPUT, low: 1, previousTime: 9, time: 10, before: nothing, after: [7, 0, 0, 0] },
        ],
        boundary: [{ ...early(0, 1) }],
        boundaryCells: { 0: { high0: 4, isElsewhereInverse: inverse(5) } },
      },
      rule: 'only memory has segments',
    },
    {
      what: 'wide registers: three dummy rows whose addresses wrap modulo p',
      claim: {
        width: 'wide',
        accesses: wideForgets,
        boundary: [
          wideEarly,
          ...[1, 2, 3].map((k) => cell(0, 5 + k * QUARTER, { last: wide(0) })),
          wideLate,
        ],
        boundaryCells: { 3: { stepHigh: LAST_GAP >>> 16 } },
      },
      rule: 'address bits 16 to 28',
    },
    {
      what: 'wide registers: a padding row in the middle',
      claim: {
        width: 'wide',
        accesses: wideForgets,
        boundary: [wideEarly, undefined, wideLate],
        boundaryCells: { 1: { ordered: 1 } },
      },
      rule: 'real rows are a prefix',
    },
    {
      what: 'wide registers: two rows for one cell',
      claim: {
        width: 'wide',
        accesses: wideForgets,
        boundary: [wideEarly, wideLate],
        boundaryCells: { 0: { stepHigh: -1 } },
      },
      rule: 'gap bits 16 to 28',
    },
    {
      what: 'a read at the time of the access before it, which is its own',
      claim: {
        width: 'word',
        accesses: [
          { high: 0, low: 5, previousTime: 9, time: 10, before: nothing, after: [7, 0, 0, 0] },
          { high: 0, low: 5, previousTime: 20, time: 20, before: [9, 0, 0, 0] },
        ],
        boundary: [early(0, 5)],
      },
      rule: 'cell is later',
    },
  ];

describe('the boundary', () => {
  for (const { what, claim, rule } of attacks) {
    it(`withstands ${what}, by "${rule}"`, () => {
      expect(reasonsOf(failuresOf(claim, [rule]))).toEqual([]);
      expect(reasonsOf(failuresOf(claim))).toEqual([rule]);
    });
  }

  const honest: Claim = {
    width: 'word',
    accesses: [
      { high: 0, low: 5, previousTime: 9, time: 10, before: nothing, after: [7, 0, 0, 0] },
      { high: 0, low: 5, previousTime: 10, time: 20, before: [7, 0, 0, 0] },
    ],
    boundary: [cell(0, 5, { firstTime: 9, lastTime: 20, last: [7, 0, 0, 0] })],
  };

  it('accepts one row for each cell, in a full table too', () => {
    expect(reasonsOf(failuresOf(honest))).toEqual([]);
    const more = Array.from({ length: TABLE_ROWS - 1 }, (_, k) => dummy(3, k));
    const full = { ...honest, boundary: [...honest.boundary, ...more] };
    expect(reasonsOf(failuresOf(full))).toEqual([]);
  });

  it('lets the first time of a cell be any that the first access reaches', () => {
    for (const firstTime of [0, 3, 9]) {
      const [first, second] = honest.accesses;
      const claim = {
        ...honest,
        accesses: [{ ...first!, previousTime: firstTime }, second!],
        boundary: [{ ...honest.boundary[0]!, firstTime }],
      };
      expect(reasonsOf(failuresOf(claim))).toEqual([]);
    }
  });

  const wrong: readonly (readonly [string, Partial<BoundaryRow>])[] = [
    ['another first time than the first access claims', { firstTime: 8 }],
    ['a last time before the last access', { lastTime: 10 }],
    ['a last value that was never written', { last: [9, 0, 0, 0] }],
  ];
  for (const [what, change] of wrong) {
    it(`refuses ${what}`, () => {
      const claim = { ...honest, boundary: [{ ...honest.boundary[0]!, ...change }] };
      expect(reasonsOf(failuresOf(claim))).toEqual(['bus memory']);
    });
  }

  it('refuses an access to a cell without a row', () => {
    expect(reasonsOf(failuresOf({ ...honest, boundary: [] }))).toEqual(['bus memory']);
  });

  it('refuses an output cell with two rows even where their order is not looked at', () => {
    const claim: Claim = {
      width: 'word',
      accesses: forgets(OUTPUT, 1),
      boundary: [early(OUTPUT, 1), late(OUTPUT, 1)],
      boundaryCells: { 0: { gap0: 65535, gap1: -1 } },
      output: [[1, 7, 0, 0, 0]],
    };
    expect(reasonsOf(failuresOf(claim, ['gap bits 16 to 28']))).toEqual(['bus output']);
  });

  const sevens: Claim = {
    width: 'word',
    accesses: [
      { high: OUTPUT, low: 1, previousTime: 9, time: 10, before: nothing, after: [7, 0, 0, 0] },
    ],
    boundary: [early(OUTPUT, 1)],
  };
  const outputs: readonly (readonly [string, Claim['output'], readonly string[]])[] = [
    ['tells the verifier each output cell', [[1, 7, 0, 0, 0]], []],
    ['refuses an output cell more than expected', [], ['bus output']],
    ['refuses another value than expected', [[1, 8, 0, 0, 0]], ['bus output']],
    [
      'refuses an output cell less than expected',
      [
        [1, 7, 0, 0, 0],
        [2, 0, 0, 0, 0],
      ],
      ['bus output'],
    ],
  ];
  for (const [what, output, reasons] of outputs) {
    it(what, () => {
      expect(reasonsOf(failuresOf({ ...sevens, ...(output && { output }) }))).toEqual(reasons);
    });
  }
});
