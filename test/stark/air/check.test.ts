import { describe, expect, it } from 'vitest';
import { checkTrace, formatFailure } from '../../../src/stark/air/check.ts';
import type { Trace } from '../../../src/stark/system.ts';
import { copyTrace, createExample, createSystem, P } from '../../support/synthetic.ts';

const { instance, trace } = createExample({ system: createSystem() });

/** Table numbers in the example. */
const FIBONACCI = 0;
const TALL_SQUARES = 1;
const ANSWERS = 3;
const LONELY = 4;
const BYTE_RANGE = 5;

describe('the trace checker', () => {
  it('accepts an honest trace', () => {
    expect(checkTrace(instance, trace)).toEqual({ ok: true });
  });

  const spoiled: readonly {
    readonly what: string;
    readonly spoil: (trace: Trace) => void;
    readonly says: readonly RegExp[];
  }[] = [
    {
      what: 'a broken step between two rows',
      spoil: ({ tables }) => {
        tables[FIBONACCI]!.columns[3]![7] = 1;
      },
      says: [/fibonacci, row 6: "left moves"/, /fibonacci, row 7: "right grows"/],
    },
    {
      what: 'a message that nobody receives, and the one missed',
      spoil: ({ tables }) => {
        tables[ANSWERS]!.columns[0]![0] = 5;
      },
      says: [
        /bus pair: \(clock 42, value \d+, square \d+\) has count 1; first send by squares/,
        /bus pair: \(clock 42, value 5, square \d+\) has count -1; first receive by answers, row 0/,
      ],
    },
    {
      what: 'a value outside its range',
      spoil: ({ tables }) => {
        tables[TALL_SQUARES]!.columns[2]![0] = 256 + 11;
      },
      says: [/squares, row 0: "square"/, /bus range: \(bits 8, value 267\) has count 1; .*"value"/],
    },
    {
      what: 'a real row in the padding',
      spoil: ({ tables }) => {
        tables[TALL_SQUARES]!.columns[0]![31] = 1;
      },
      says: [/bus pair: \(clock 0, value 0, square 0\) has count 1/],
    },
    {
      what: 'lookups counted wrongly, even where the sum is right',
      spoil: ({ tables }) => {
        const counts = tables[BYTE_RANGE]!.columns[0]!;
        counts[0] = (counts[0]! + P - 1) % P;
        counts[1] = (counts[1]! + 1) % P;
      },
      says: [/bus range: .*value 0/, /bus range: .*value 1/],
    },
    {
      what: 'a broken table without buses',
      spoil: ({ tables }) => {
        tables[LONELY]!.columns[1]![3] = 9;
      },
      says: [/lonely, row 3: "cube"/],
    },
  ];
  for (const { what, spoil, says } of spoiled) {
    it(`names ${what}`, () => {
      const copy = copyTrace(trace);
      spoil(copy);
      const result = checkTrace(instance, copy);
      const lines = result.ok ? [] : result.failures.map(formatFailure);
      for (const line of says)
        expect(
          lines.some((text) => line.test(text)),
          lines.join('\n'),
        ).toBe(true);
    });
  }

  const misshapen: readonly [string, (trace: Trace) => Trace, RegExp][] = [
    [
      'a value that is not canonical',
      (copy) => {
        copy.tables[0]!.columns[3]![60] = P;
        return copy;
      },
      /not canonical/,
    ],
    [
      'tables out of order',
      ({ tables }) => ({ tables: [tables[1]!, tables[0]!, ...tables.slice(2)] }),
      /order/,
    ],
    [
      'the lower table first',
      ({ tables }) => ({ tables: [tables[0]!, tables[2]!, tables[1]!, ...tables.slice(3)] }),
      /taller/,
    ],
    [
      'two tables of a chip that has one',
      ({ tables }) => ({ tables: [tables[0]!, ...tables] }),
      /more than one/,
    ],
    ['a missing fixed table', ({ tables }) => ({ tables: tables.slice(0, -1) }), /must be present/],
    [
      'a missing column',
      ({ tables }) => ({ tables: [{ ...tables[0]!, columns: [] }, ...tables.slice(1)] }),
      /0 columns/,
    ],
  ];
  for (const [what, change, says] of misshapen) {
    it(`refuses ${what}`, () => {
      const result = checkTrace(instance, change(copyTrace(trace)));
      const lines = result.ok ? [] : result.failures.map(formatFailure);
      expect(lines.join('\n')).toMatch(says);
    });
  }

  it('refuses more ticks than the clock has', () => {
    const system = { ...createSystem(), clockLimit: 2 * (32 + 16) };
    expect(checkTrace({ ...instance, system }, trace)).toMatchObject({ ok: false, total: 1 });
  });

  it('counts public terms', () => {
    const result = checkTrace({ ...instance, publicTerms: [] }, trace);
    expect(result).toMatchObject({ ok: false, total: 1, failures: [{ bus: 'end', count: -1 }] });
  });
});
