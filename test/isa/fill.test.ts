/** Traces are the same wherever their columns lie, and have the tables that the plan says. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/execution.ts';
import { fillTrace, planInstances, planTrace } from '../../src/isa/fill.ts';
import { countLookups } from '../../src/isa/lookups.ts';
import { instanceOf, outputCells } from '../../src/isa/statement.ts';
import type { Recording } from '../../src/isa/trace.ts';
import type { Instance } from '../../src/stark/system.ts';
import { randomProgram, randomRequest } from '../support/random-programs.ts';
import { createDice } from '../support/tampering.ts';

const dice = createDice(7);
const samples = Array.from({ length: 12 }, () => nextRecording());

function nextRecording(): { recording: Recording; instance: Instance; cells: number } {
  for (;;) {
    const program = randomProgram(dice);
    const { provable } = record(program, randomRequest(dice), { maxSteps: 20_000 });
    if (provable === undefined) continue;
    const { recording, statement } = provable;
    const cells = outputCells(program, statement.outcome).length;
    return { recording, instance: instanceOf(program, statement), cells };
  }
}

describe('filling a trace', () => {
  it('gives the tables that the plan says, in its order', () => {
    for (const { recording, instance, cells } of samples) {
      const { tables } = fillTrace(recording, instance, cells);
      const plan = planTrace(recording, instance, cells);
      expect(tables.map(({ chip, logRows, realRows }) => [chip.name, logRows, realRows])).toEqual(
        plan.map(({ chip, logRows, realRows }) => [chip.name, logRows, realRows]),
      );
    }
  });

  it('asks for one array for each column of the plan, and fills the same cells into it', () => {
    for (const { recording, instance, cells } of samples) {
      const asked: Uint32Array[] = [];
      const { tables } = fillTrace(recording, instance, cells, (length) => {
        // Not at the beginning of its buffer, as in the memory of a prover.
        const column = new Uint32Array(new ArrayBuffer(4 * length + 64), 64, length);
        asked.push(column);
        return column;
      });
      const plan = planTrace(recording, instance, cells);
      expect(asked.map(({ length }) => length)).toEqual(
        plan.flatMap(({ chip, logRows }) => chip.columns.map(() => 2 ** logRows)),
      );
      const columns = tables.flatMap((table) => table.columns);
      expect(columns.every((column, i) => column === asked[i])).toBe(true);
      const own = fillTrace(recording, instance, cells).tables.flatMap((table) => table.columns);
      expect(own.length).toBe(columns.length);
      expect(own.every((column, i) => equal(column, columns[i]!))).toBe(true);
    }
  });

  it('counts the same lookups whether padding is looked at or not', () => {
    for (const { recording, instance, cells } of samples) {
      const { tables } = fillTrace(recording, instance, cells);
      const counted = tables.filter(({ chip }) =>
        /^(range|byte|program|index|pool)-table$/.test(chip.name),
      );
      const before = counted.flatMap((table) => table.columns.map((column) => column.slice()));
      for (const { columns } of counted) for (const column of columns) column.fill(0);
      countLookups(instance, tables);
      const after = counted.flatMap((table) => table.columns);
      expect(after.every((column, i) => equal(column, before[i]!))).toBe(true);
    }
  });
});

describe('heights of the tables of one chip', () => {
  it('hold all rows, fall strictly and leave little empty', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 26 }), (count) => {
        const heights = planInstances(count);
        const rows = heights.reduce((sum, logRows) => sum + 2 ** logRows, 0);
        expect(rows).toBeGreaterThanOrEqual(count);
        expect(rows - 2 ** heights.at(-1)!).toBeLessThan(count);
        expect(heights).toEqual(heights.toSorted((a, b) => b - a));
        expect(Math.min(...heights)).toBeGreaterThanOrEqual(4);
      }),
      { seed: 3 },
    );
  });
});

function equal(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((value, i) => value === right[i]);
}
