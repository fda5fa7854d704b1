/**
 * No column is superfluous, and none is free where it says something: one cell of each column after the other is
 * changed, in rows of honest traces, and must be noticed. Where it is not, it is a column with nothing to say in that
 * row, for one of the reasons below.
 */

import { describe, expect, it } from 'vitest';
import { execute } from '../../src/execution.ts';
import { machine } from '../../src/isa/machine.ts';
import { prepare } from '../../src/proving.ts';
import { checkTrace } from '../../src/stark/air/check.ts';
import type { Trace, TraceTable } from '../../src/stark/system.ts';
import { CellChanges } from '../support/cell-changes.ts';
import { ForgedRow } from '../support/forgery.ts';
import { stageProgram, stageRequest } from '../support/forgery-stage.ts';
import { randomProgram, randomRequest } from '../support/random-programs.ts';
import { createDice } from '../support/tampering.ts';

const P = 0x7fffffff;
const PROGRAMS = 40;
/** Changes of each column at least, and at most if none is noticed. */
const [TRIES, MOST] = [24, 1500];

interface Silence {
  readonly chips: RegExp;
  readonly columns: RegExp;
  readonly reason: string;
  readonly isSilent: (row: ForgedRow, column: string) => boolean;
}

const isZero = (row: ForgedRow, name: RegExp): boolean =>
  row.table.chip.columns
    .filter((column) => name.test(column.name))
    .every(({ name: n }) => row.get(n) === 0);

const silences: readonly Silence[] = [
  {
    chips: /./,
    columns: /^rs[12]Time$/,
    reason: 'the operand is the immediate, nothing is accessed',
    isSilent: (row) => row.get('isImmediate') === 1,
  },
  {
    chips: /^(load|store|wide-load|wide-store|narrow|set-window)$/,
    columns: /^(rd|cell\d|window)(_\d+|After_\d+|Time)$/,
    reason: 'the instruction faults, nothing is accessed',
    isSilent: (row) => row.get('fault') === 1,
  },
  {
    chips: /^(load|store|wide-load|wide-store)$/,
    columns: /^cell[14](_\d|After_\d|Time)$/,
    reason: 'the access ends before this cell',
    isSilent: (row) => row.get('crosses') === 0,
  },
  {
    chips: /^call/,
    columns: /^record(_\d|Time)$/,
    reason: 'the call faults, no record is written',
    isSilent: (row) => (row.has('enters') ? row.get('enters') === 0 : row.get('isExhausted') === 1),
  },
  {
    chips: /./,
    columns: /Inverse$/,
    reason: 'the inverse of zero',
    isSilent: (row, column) => row.get(column.replace(/Inverse$/, '')) === 0,
  },
  {
    chips: /-boundary$/,
    columns: /^(gap\d|stepHigh|same)$/,
    reason: 'the last real row has none to compare with',
    isSilent: (row) => row.get('ordered') === 0,
  },
  {
    chips: /^divide$/,
    columns: /^(quotient\d|marked\d)$/,
    reason: 'a divisor of zero has no quotient',
    isSilent: (row) => row.get('byZero') === 1,
  },
  {
    chips: /^(wide-divide|wide-modular)$/,
    columns: /^(quotient\d+|group\d|place\d)$/,
    reason: 'a divisor of zero has no quotient',
    isSilent: (row) => isZero(row, /^(divisor|modulus)\d+$/),
  },
  {
    chips: /^(divide|wide-divide|wide-modular|wide-compare|wide-branch)$/,
    columns: /^(marked|group|place)\d$/,
    reason: 'of several marks the lowest counts, since all limbs above it are equal',
    isSilent: (row, column) =>
      [0, 1, 2].some((k) => `${k}` < column.slice(-1) && row.get(column.slice(0, -1) + k) === 1),
  },
  {
    chips: /^(wide-compare|wide-branch)$/,
    columns: /^(group|place)\d$/,
    reason: 'equal words have no leading difference',
    isSilent: (row) =>
      [...Array(16).keys()].every((i) => row.get(`rs1_${i}`) === row.get(`rs2_${i}`)),
  },
  {
    chips: /^wide-shift$/,
    columns: /^extended$/,
    reason: 'the instruction is no extension',
    isSilent: (row) => row.get('is_wsignextend') === 0,
  },
  {
    chips: /^wide-load$/,
    columns: /^byte(Before|After)$/,
    reason: 'at an even address all bytes are of the value',
    isSilent: (row) => row.get('isOdd') === 0,
  },
  {
    chips: /^multiply$/,
    columns: /^carry[23]$/,
    reason: 'a product of 32 bits ends below',
    isSilent: (row) => row.get('isNarrow') === 1,
  },
  {
    chips: /^count$/,
    columns: /^rest$/,
    reason: 'a word of zero has no first bit',
    isSilent: (row) => isZero(row, /^rs1_/) || (isNarrowCount(row) && isZero(row, /^rs1_[01]$/)),
  },
];

const isNarrowCount = (row: ForgedRow): boolean => row.get('is_clz32') + row.get('is_ctz32') === 1;

interface Sample {
  readonly table: TraceTable;
  readonly changes: CellChanges;
}

/** Tables with real rows by chip, of the stage and of random programs. */
function collect(): Map<string, Sample[]> {
  const found = new Map<string, Sample[]>();
  const add = ({ instance, trace }: ReturnType<typeof prepare>): void => {
    for (const table of trace.tables) {
      const samples = found.get(table.chip.name) ?? [];
      samples.push({ table, changes: new CellChanges(instance, table) });
      found.set(table.chip.name, samples);
    }
  };
  add(prepare(stageProgram(), stageRequest, {}));
  const dice = createDice(51);
  for (let count = 0; count < PROGRAMS; ) {
    const program = randomProgram(dice);
    const request = randomRequest(dice);
    if (execute(program, request, { maxSteps: 5000 }).status === 'step-limit') continue;
    add(prepare(program, request, {}));
    count++;
  }
  return found;
}

/** Another value for the cell: near, small or anything. */
function otherValue(dice: (bound: number) => number, old: number): number {
  const value = [0, 1, (old + 1) % P, dice(P), (old + 2 ** 16) % P, (1 - old + P) % P][dice(6)]!;
  return value === old ? (old + 1) % P : value;
}

describe('a cell that is changed', () => {
  const byChip = collect();

  it('stands in some row of every chip', () => {
    expect([...byChip.keys()].sort()).toEqual(machine.chips.map(({ name }) => name).sort());
  });

  it.each(machine.chips)('is noticed in every column of $name', (chip) => {
    const samples = byChip.get(chip.name)!;
    const dice = createDice(52);
    const [silent, unexplained]: [string[], string[]] = [[], []];
    chip.columns.forEach(({ name }, column) => {
      let isNoticed = false;
      for (let i = 0; i < MOST && (i < TRIES || !isNoticed); i++) {
        const { table, changes } = samples[dice(samples.length)]!;
        const row = new ForgedRow(table, dice(table.realRows));
        const value = otherValue(dice, row.get(name));
        if (!changes.isUnnoticed(column, row.index, value)) isNoticed = true;
        else if (!silences.some((entry) => explains(entry, row, name))) {
          unexplained.push(`${name}: ${row.get(name)} to ${value}`);
        }
      }
      if (!isNoticed) silent.push(name);
    });
    expect(silent).toEqual([]);
    expect(unexplained).toEqual([]);
  });

  it('is noticed by the check of the whole trace exactly where it is noticed here', () => {
    const { instance, trace } = prepare(stageProgram(), stageRequest, {});
    const dice = createDice(53);
    const verdicts = new Set<boolean>();
    for (let round = 0; round < 60; round++) {
      const { table, column, row, value } = randomChange(dice, trace);
      const isUnnoticed = new CellChanges(instance, table).isUnnoticed(column, row, value);
      const cells = table.columns[column]!;
      const old = cells[row]!;
      cells[row] = value;
      const checked = checkTrace(instance, trace);
      cells[row] = old;
      verdicts.add(checked.ok);
      // A look-up that holds all the same is counted elsewhere.
      const isCount =
        !checked.ok &&
        checked.failures.every((it) => it.kind === 'bus' && /^(range|byte)$/.test(it.bus));
      if (!isCount) expect(checked.ok).toBe(isUnnoticed);
    }
    expect(verdicts.size).toBe(2);
  });
});

function explains({ chips, columns, isSilent }: Silence, row: ForgedRow, name: string): boolean {
  return chips.test(row.table.chip.name) && columns.test(name) && isSilent(row, name);
}

/** A change of a cell in the stage's trace; in half of the cases of one that may be silent. */
function randomChange(dice: (bound: number) => number, { tables }: Trace) {
  const table = tables[dice(tables.length)]!;
  const column = dice(table.columns.length);
  const row = dice(2) === 0 ? dice(table.realRows) : dice(2 ** table.logRows);
  return { table, column, row, value: otherValue(dice, table.columns[column]![row]!) };
}
