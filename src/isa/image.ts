/**
 * The image of a run: every first value that the program and the statement fix, as entries and as
 * the fixed columns of the image table. Entries of value zero are left out: cells start at zero anyway.
 */

import { addressSpaces, segments } from '../memory/address-space.ts';
import { IMAGE_COLUMNS } from '../memory/image.ts';
import { logRowsFor } from './encoding.ts';
import type { Program } from './program.ts';
import type { StatementInput } from './trace.ts';

export interface ImageEntries {
  readonly count: number;
  /** In the order of the table. */
  forEach(visit: (high: number, low: number, limbs: number[]) => void): void;
}

/** All entries: return record 0, the gas register, globals, windows, memory cells, public input. */
export function imageEntries(program: Program, statement: StatementInput): ImageEntries {
  const forEach = (visit: (high: number, low: number, limbs: number[]) => void): void => {
    const put = (high: number, low: number, limbs: number[]): void => {
      if (limbs.some((limb) => limb !== 0)) visit(high, low, limbs);
    };
    const lanes = (low: number, high: number): number[] => [
      low & 0xffff,
      low >>> 16,
      high & 0xffff,
      high >>> 16,
    ];
    const { image } = program;
    put(addressSpaces.record.high, 0, [image.recordPc, 0, 0, 0]);
    put(addressSpaces.global.high, 0, lanes(statement.gas[0]!, statement.gas[1]!));
    for (const { global, low, high } of image.globals) {
      put(addressSpaces.global.high, global, lanes(low, high));
    }
    for (const { window, segment, byteLength, isWritable } of image.windows) {
      const limbs = [segment, byteLength & 0xffff, byteLength >>> 16, isWritable ? 1 : 0];
      put(addressSpaces.window.high, window, limbs);
    }
    const memory = addressSpaces.memory.high;
    const cells = statement.publicInput;
    for (let cell = 0; 2 * cell < cells.length; cell++) {
      put(memory + segments.publicInput, cell, lanes(cells[2 * cell]!, cells[2 * cell + 1]!));
    }
    for (const entry of image.cells) {
      entry.cells.forEach((cell, i) => {
        put(memory + entry.segment, cell, lanes(entry.lanes[2 * i]!, entry.lanes[2 * i + 1]!));
      });
    }
  };
  let count = 0;
  forEach(() => {
    count++;
  });
  return { count, forEach };
}

/** Fixed columns of the image table: present, space, address, four limbs. */
export function imageColumns(entries: ImageEntries): Uint32Array[] {
  const rows = 2 ** logRowsFor(entries.count);
  const columns = Array.from({ length: IMAGE_COLUMNS }, () => new Uint32Array(rows));
  let row = 0;
  entries.forEach((high, low, limbs) => {
    [1, high, low, ...limbs].forEach((value, i) => {
      columns[i]![row] = value;
    });
    row++;
  });
  return columns;
}
