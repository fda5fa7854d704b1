/**
 * Digests of units and programs: BLAKE3 of one canonical byte encoding of everything that fixed columns are computed from.
 *
 * Every part is preceded by its length, lists by their number of entries, so no two programs have the same bytes.
 * Left out are only the source map and the function names, which nothing proven depends on. `spec/9-programs.md`.
 */

import { digest } from '../stark/hash/digest.ts';
import { encodeCode } from './encoding.ts';
import type { Program, Unit } from './program.ts';

/** Collects byte strings, each with its length, and hashes them in order. */
class Parts {
  private readonly parts: Uint8Array[] = [];

  bytes(bytes: Uint8Array): this {
    this.parts.push(littleEndian([bytes.length]), bytes);
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  numbers(...numbers: readonly number[]): this {
    return this.list(numbers);
  }

  list(numbers: ArrayLike<number>): this {
    this.parts.push(littleEndian([numbers.length]), littleEndian(numbers));
    return this;
  }

  digest(): Uint8Array {
    const total = this.parts.reduce((sum, { length }) => sum + length, 0);
    const all = new Uint8Array(total);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return digest(all);
  }
}

/** 32-bit words, numbers from -2^31 to 2^32 - 1. */
function littleEndian(numbers: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) view.setInt32(4 * i, numbers[i]! | 0, true);
  return bytes;
}

/** What a unit consists of, its name and source apart. */
function addContent(parts: Parts, unit: Omit<Unit, 'sourceDigest'>): Parts {
  parts
    .numbers(unit.isPrivileged ? 1 : 0)
    .bytes(encodeCode(unit.code))
    .list(unit.pool);
  parts.numbers(unit.tables.length);
  for (const table of unit.tables) parts.list(table);
  parts.numbers(unit.imports.length);
  for (const { table, index, guest, entry } of unit.imports) {
    parts.numbers(table, index, guest).text(entry);
  }
  parts.numbers(unit.entries.length);
  for (const { name, pc } of unit.entries) parts.text(name).numbers(pc);
  return parts.list(unit.runtimeEntries).list(unit.allowedWindows).list(unit.allowedGlobals);
}

/** The source digest of a unit that has no other source than its code. */
export function sourceDigestOfCode(unit: Omit<Unit, 'sourceDigest'>): Uint8Array {
  return addContent(new Parts().text('braid code 1'), unit).digest();
}

/** The source digest of a unit that was lowered from these bytes; it names the frontend too, not its version. */
export function digestOfSource(frontend: string, source: Uint8Array): Uint8Array {
  return new Parts().text('braid source 1').text(frontend).bytes(source).digest();
}

/** 32 bytes over the whole unit but its source map and function names. */
export function unitDigest(unit: Unit): Uint8Array {
  const parts = new Parts().text('braid unit 1').text(unit.name);
  parts.text(unit.frontend).numbers(unit.frontendVersion).bytes(unit.sourceDigest);
  return addContent(parts, unit).digest();
}

/**
 * 32 bytes over everything about a program that a run or a fixed column depends on: units in link order, entry,
 * limits, image and the shape of its input and output. Base pcs, tables and keys follow from the units.
 */
export function programDigest(program: Program): Uint8Array {
  const parts = new Parts().text('braid program 1').text(program.vm).numbers(program.units.length);
  for (const { unit, base } of program.units) parts.bytes(unitDigest(unit)).numbers(base);
  parts.numbers(program.entry, program.limits.fpLimit);
  parts.numbers(program.argumentCells, program.resultCells);
  parts.numbers(program.exports.length);
  for (const { name, parameters, results } of program.exports) {
    parts.text(name).text(parameters.join(' ')).text(results.join(' '));
  }
  const { cells, windows, globals, recordPc } = program.image;
  parts.numbers(cells.length);
  for (const entry of cells) parts.numbers(entry.segment).list(entry.cells).list(entry.lanes);
  parts.numbers(windows.length);
  for (const { window, segment, byteLength, isWritable } of windows) {
    parts.numbers(window, segment, byteLength, isWritable ? 1 : 0);
  }
  parts.numbers(globals.length);
  for (const { global, low, high } of globals) parts.numbers(global, low, high);
  return parts.numbers(recordPc).digest();
}
