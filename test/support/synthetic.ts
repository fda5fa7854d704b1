/**
 * Small systems to prove things about: chips of every kind the proof system knows, none of a machine.
 *
 * `fibonacci` is one ordered table with a last row; its end goes to a bus that the verifier reads.
 * `squares` and `cubes` are unordered, may have several tables, and ask the range table and each other.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../../src/stark/air/chip.ts';
import { add, lastRow, mul, next, not, parameter, sub } from '../../src/stark/air/expr.ts';
import { countLookups } from '../../src/stark/air/messages.ts';
import type { FixedTable, Instance, System, Trace, TraceTable } from '../../src/stark/system.ts';
import { rangeBus } from '../../src/stark/tables/range.ts';

export const P = 0x7fffffff;

export const endBus: Bus = { name: 'end', id: 7, fields: ['index', 'value'] };
export const pairBus: Bus = { name: 'pair', id: 8, fields: ['clock', 'value', 'square'] };

/** Rows of Fibonacci numbers, one after the other; the index of the last real row goes to the verifier. */
export const fibonacci: ChipDescription = (() => {
  const chip = new ChipBuilder('fibonacci');
  const real = chip.bit('real', 'is no padding');
  const last = chip.bit('last', 'is the last real row');
  const index = chip.column('index', 'number of the row');
  const left = chip.column('left', 'a Fibonacci number');
  const right = chip.column('right', 'the one after it');
  chip.zero('last is real', mul(last, not(real)));
  const steps = mul(real, not(last));
  chip.zero('a real row follows', mul(steps, not(next(real))));
  chip.zero('index counts', mul(steps, sub(next(index), add(index, 1))));
  chip.zero('left moves', mul(steps, sub(next(left), right)));
  chip.zero('right grows', mul(steps, sub(next(right), add(left, right))));
  chip.zero('the end of the table is the end', mul(lastRow, steps));
  chip.zero('after the last comes padding', mul(last, not(lastRow), next(real)));
  chip.receive('end', endBus, [index, left], last);
  return chip.build({ assumes: [], proves: [], instances: 'one' });
})();

/** Sends a value and its square, both range-checked through limbs. */
export const squares: ChipDescription = (() => {
  const chip = new ChipBuilder('squares');
  const real = chip.bit('real', 'is no padding');
  const clock = chip.column('clock', 'time of the row');
  const value = chip.column('value', 'below 2^8');
  const low = chip.column('low', 'low limb of the square');
  const high = chip.column('high', 'high limb of the square');
  chip.equal('square', mul(value, value), add(low, mul(256, high)));
  chip.send('value', rangeBus, [8, value], real);
  chip.send('low', rangeBus, [8, low], real);
  chip.send('high', rangeBus, [8, high], real);
  chip.send('pair', pairBus, [clock, value, add(low, mul(256, high))], real);
  return chip.build({ assumes: [], proves: [], stride: 2 });
})();

/** Receives pairs in any order and compares the square with a fixed column of squares plus a parameter. */
export const answers: ChipDescription = (() => {
  const chip = new ChipBuilder('answers');
  const clock = chip.fixedColumn('clock', 'time asked for');
  const expected = chip.fixedColumn('expected', 'square wanted at that time, less the parameter');
  const used = chip.fixedColumn('used', 'whether the row asks');
  const value = chip.column('value', 'what was squared');
  const square = chip.column('square', 'its square');
  chip.zero('square is the one wanted', mul(used, sub(square, add(expected, parameter('shift')))));
  chip.receive('pair', pairBus, [clock, value, square], used);
  return chip.build({ assumes: [], proves: [], fixedSource: 'program', instances: 'one' });
})();

/** A small constant range table: all values of 8 bits, so that tests need no 2^17 rows. */
export const byteRange: ChipDescription = (() => {
  const chip = new ChipBuilder('byte-range');
  const value = chip.fixedColumn('value', 'a byte');
  const count = chip.column('count', 'how often it was sent');
  chip.receive('range', rangeBus, [8, value], count);
  return chip.build({ assumes: [], proves: [], fixedSource: 'constant', instances: 'one' });
})();

/** A table without interactions: its claimed sum must be 0. */
export const lonely: ChipDescription = (() => {
  const chip = new ChipBuilder('lonely');
  const value = chip.column('value', 'a bit');
  const cube = chip.column('cube', 'its third power');
  chip.equal('cube', mul(value, value, value), cube);
  return chip.build({ assumes: [], proves: [] });
})();

export const SHIFT = 5;

export function createSystem(constantRoot: Uint8Array = new Uint8Array(32)): System {
  return {
    name: 'synthetic',
    chips: [fibonacci, squares, answers, lonely, byteRange],
    buses: [rangeBus, endBus, pairBus],
    constantTables: new Map([
      [
        'byte-range',
        { logRows: 8, columns: () => [Uint32Array.from({ length: 256 }, (_, i) => i)] },
      ],
    ]),
    constantRoot,
    clockLimit: 2 ** 20,
  };
}

export interface Example {
  readonly instance: Instance;
  readonly trace: Trace;
}

/** An honest example: 20 Fibonacci numbers, squares in tables of the given heights, three rows short of full. */
export function createExample(options: {
  readonly system: System;
  readonly squareLogRows?: readonly number[];
  /** log2 of the rows of the table without interactions, 0 for none. */
  readonly lonelyLogRows?: number;
  readonly fibonacciLogRows?: number;
}): Example {
  const { system, squareLogRows = [5, 4], fibonacciLogRows = 6, lonelyLogRows = 4 } = options;
  const values: number[] = [];
  const tables: TraceTable[] = [fibonacciTable(20, fibonacciLogRows)];
  for (const logRows of squareLogRows) {
    const table = emptyTable(squares, logRows, 2 ** logRows - 3);
    for (let row = 0; row < table.realRows; row++) {
      const value = (values.length * 37 + 11) % 256;
      const clock = values.push(value);
      const cells = [1, clock, value, (value * value) & 255, (value * value) >> 8];
      cells.forEach((cell, k) => {
        table.columns[k]![row] = cell;
      });
    }
    tables.push(table);
  }
  const answersLogRows = Math.max(4, Math.ceil(Math.log2(values.length)));
  const fixed: FixedTable = {
    logRows: answersLogRows,
    columns: Array.from({ length: 3 }, () => new Uint32Array(2 ** answersLogRows)),
  };
  const answering = emptyTable(answers, answersLogRows, values.length);
  values.forEach((_, row) => {
    // Asked for in the opposite order, so that the bus permutes.
    const clock = values.length - row;
    const value = values[clock - 1]!;
    fixed.columns[0]![row] = clock;
    fixed.columns[1]![row] = (value * value - SHIFT + P) % P;
    fixed.columns[2]![row] = 1;
    answering.columns[0]![row] = value;
    answering.columns[1]![row] = value * value;
  });
  tables.push(answering);
  if (lonelyLogRows > 0) {
    const table = emptyTable(lonely, lonelyLogRows, 3);
    table.columns[0]!.set([1, 2, 3]);
    table.columns[1]!.set([1, 8, 27]);
    tables.push(table);
  }
  const instance: Instance = {
    system,
    digest: new Uint8Array(32).fill(3),
    statement: Uint8Array.of(1, 2, 3, 4),
    parameters: { shift: SHIFT },
    fixedTables: new Map([['answers', fixed]]),
    publicTerms: [{ bus: endBus, direction: 'send', message: [20, 4181], multiplicity: 1 }],
  };
  const counts = emptyTable(byteRange, 8, 256);
  countLookups(instance, tables, rangeBus, ([, value], multiplicity) => {
    counts.columns[0]![value!] = counts.columns[0]![value!]! + multiplicity;
  });
  tables.push(counts);
  return { instance, trace: { tables } };
}

function fibonacciTable(count: number, logRows: number): TraceTable {
  const table = emptyTable(fibonacci, logRows, count);
  let [left, right] = [0, 1];
  for (let row = 0; row < count; row++) {
    const cells = [1, row === count - 1 ? 1 : 0, row + 1, left, right];
    cells.forEach((cell, k) => {
      table.columns[k]![row] = cell;
    });
    [left, right] = [right, (left + right) % P];
  }
  return table;
}

export function emptyTable(chip: ChipDescription, logRows: number, realRows: number): TraceTable {
  const columns = chip.columns.map(() => new Uint32Array(2 ** logRows));
  return { chip, logRows, realRows, columns };
}

/** A deep copy, so that a test can spoil it. */
export function copyTrace(trace: Trace): Trace {
  return {
    tables: trace.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => column.slice()),
    })),
  };
}
