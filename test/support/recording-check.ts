/** What every recording owes the memory argument, checked without any chip. */

import { instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import {
  type AccessOffsets,
  boundaryRow,
  eventLayout,
  eventsOf,
  type Recording,
  refreshRow,
} from '../../src/isa/trace.ts';
import { cellName, type Elements, type LoggedAccess } from './reference-machine.ts';

/** One step of the reference machine: the state before it and what it accessed. */
export interface LoggedStep {
  readonly name: Mnemonic;
  readonly state: readonly [pc: number, clk: number, fp: number, sp: number];
  readonly accesses: readonly LoggedAccess[];
}

/** The elements of a value that stands in an event. */
function elementsAt(data: Int32Array, at: number, { space, width }: AccessOffsets): Elements {
  const words = [...data.subarray(at, at + width)];
  if (space === 'record') return [...words, 0];
  if (space === 'window') {
    const [segment, length, writable] = words;
    return [segment, length & 0xffff, length >>> 16, writable];
  }
  return words.flatMap((lane) => [lane & 0xffff, lane >>> 16]);
}

/**
 * Every difference between a recording and the steps of the reference machine, as text: other events,
 * other values, an access without an earlier one, times out of reach, cells whose accesses form no chain.
 */
export function differences(recording: Recording, steps: readonly LoggedStep[]): string[] {
  const found: string[] = [];
  const balance = new Map<string, number>();
  const count = (name: string, time: number, value: Elements, by: number): void => {
    const key = `${name} @${time} = ${value.join()}`;
    balance.set(key, (balance.get(key) ?? 0) + by);
  };
  const seen = new Map<string, number>();
  for (const { name, state, accesses } of steps) {
    const { chip, format } = instructions[name];
    const { data, words, count: rows } = eventsOf(recording, chip);
    const index = seen.get(chip) ?? 0;
    seen.set(chip, index + 1);
    if (index >= rows) {
      found.push(`${chip}: event ${index} is missing`);
      continue;
    }
    const start = index * words;
    const head = data.subarray(start, start + 4).join();
    if (head !== state.join()) found.push(`${name}: head ${head}, expected ${state.join()}`);
    for (const offsets of eventLayout(format).accesses) {
      const logged = accesses.find(({ operand }) => operand === offsets.operand);
      const where = `${name} at pc ${state[0]}, clk ${state[1]}, ${offsets.operand}`;
      const end = offsets.after + offsets.width;
      if (logged === undefined) {
        const isZero = data
          .subarray(start + offsets.previousTime, start + end)
          .every((x) => x === 0);
        if (!isZero) found.push(`${where}: expected zeros where no access happens`);
        continue;
      }
      const before = elementsAt(data, start + offsets.before, offsets);
      const after = elementsAt(data, start + offsets.after, offsets);
      if (before.join() !== logged.before.join()) {
        found.push(`${where}: before ${before}, expected ${logged.before}`);
      }
      if (after.join() !== logged.after.join()) {
        found.push(`${where}: after ${after}, expected ${logged.after}`);
      }
      const previous = data[start + offsets.previousTime];
      const gap = logged.time - previous - 1;
      if (gap < 0 || gap >= 2 ** 16) found.push(`${where}: out of reach, ${gap}`);
      const cell = cellName(logged.space, logged.high, logged.low);
      count(cell, previous, before, -1);
      count(cell, logged.time, after, 1);
    }
  }
  for (const { chip, count: rows } of recording.events) {
    if ((seen.get(chip) ?? 0) !== rows) found.push(`${chip}: ${rows} events`);
  }
  for (const bus of ['word', 'wide'] as const) {
    const width = bus === 'word' ? 4 : 16;
    const space = bus === 'word' ? 'word' : 'wide';
    const refreshes = recording.refreshes[bus];
    for (let i = 0; i < refreshes.count; i++) {
      const row = refreshes.data.subarray(i * refreshes.words, (i + 1) * refreshes.words);
      const cell = cellName(space, row[refreshRow.high], row[refreshRow.low]);
      const value = [...row.subarray(refreshRow.value, refreshRow.value + width)];
      const [from, to] = [row[refreshRow.timeBefore], row[refreshRow.newTime]];
      if (to <= from || to >= 2 ** 29) found.push(`${cell}: refresh from ${from} to ${to}`);
      count(cell, from, value, -1);
      count(cell, to, value, 1);
    }
    const boundary = recording.boundary[bus];
    const cells = new Set<string>();
    for (let i = 0; i < boundary.count; i++) {
      const row = boundary.data.subarray(i * boundary.words, (i + 1) * boundary.words);
      const cell = cellName(space, row[boundaryRow.high], row[boundaryRow.low]);
      if (cells.has(cell)) found.push(`${cell}: two rows of the boundary`);
      cells.add(cell);
      const first = [...row.subarray(boundaryRow.first, boundaryRow.first + width)];
      const last = [...row.subarray(boundaryRow.last[bus], boundaryRow.last[bus] + width)];
      count(cell, row[boundaryRow.firstTime], first, 1);
      count(cell, row[boundaryRow.lastTime], last, -1);
    }
  }
  for (const [key, times] of balance)
    if (times !== 0) found.push(`${key}: ${times} times too often`);
  return found;
}

/** First values that the boundary claims, by cell. */
export function firstValues(recording: Recording): Map<string, Elements> {
  const values = new Map<string, Elements>();
  for (const bus of ['word', 'wide'] as const) {
    const { data, words, count } = recording.boundary[bus];
    for (let at = 0; at < count * words; at += words) {
      const cell = cellName(bus, data[at + boundaryRow.high], data[at + boundaryRow.low]);
      const first = at + boundaryRow.first;
      values.set(cell, [...data.subarray(first, first + (bus === 'word' ? 4 : 16))]);
    }
  }
  return values;
}
