/**
 * Instantiation at compile time: what tables, memory and globals hold before the first instruction (Wasm 4.5.4).
 *
 * Every offset and initial value is a constant here, so segments become the image of the program, and a
 * segment that does not fit is known to trap before the run.
 */

import type { ImageCells } from '../../isa/program.ts';
import type { WasmTrap } from '../../isa/status.ts';
import { CompileError } from '../frontend.ts';
import type { Context } from './context.ts';
import type { Expression } from './expression.ts';
import type { ElementSegment } from './module.ts';
import { opcodeOf } from './opcodes.ts';

export const MEMORY_SEGMENT = 3;
export const GLOBAL_SEGMENT = 4;
export const MEMORY_WINDOW = 3;
export const GLOBAL_WINDOW = 4;
export const PAGE_BYTES = 65_536;
/** Entries of all tables together; an index table of the program has a row for each. */
export const TABLE_ENTRY_LIMIT = 2 ** 20;

const REF_FUNC = opcodeOf('ref.func');

export interface TableContents {
  /** Function index, -1 for null; up to the last element that a segment sets. */
  readonly functions: readonly number[];
  /** Its size: elements past `functions` are null. */
  readonly size: number;
}

export interface Instance {
  readonly tables: readonly TableContents[];
  readonly cells: readonly ImageCells[];
  /** For each global: its lanes if it never changes, else its cell in the segment of globals. */
  readonly globals: readonly GlobalPlace[];
  readonly globalCells: number;
  /** Instantiation ends with this trap. */
  readonly trap?: WasmTrap;
}

export type GlobalPlace =
  | { readonly kind: 'constant'; readonly low: number; readonly high: number }
  | { readonly kind: 'cell'; readonly cell: number };

/** Of a module that `checkSupport` has let pass. */
export function instantiate(context: Context): Instance {
  const globals = placeGlobals(context);
  const tables = fillTables(context);
  const memory = fillMemory(context);
  const trap = tables.trap ?? memory.trap;
  return {
    tables: tables.contents,
    cells: [memory.cells, globals.cells].filter(({ cells }) => cells.length > 0),
    globals: globals.places,
    globalCells: globals.count,
    ...(trap !== undefined && { trap }),
  };
}

/** Lanes of a constant expression; an i32 has the high lane 0. */
function constantOf({ first, second }: Expression): { low: number; high: number } {
  return { low: first[0]!, high: second[0]! };
}

function placeGlobals({ module }: Context): {
  places: GlobalPlace[];
  cells: ImageCells;
  count: number;
} {
  const image = createImage();
  let count = 0;
  const places = module.globals.map(({ isMutable, value }): GlobalPlace => {
    const { low, high } = constantOf(value);
    if (!isMutable) return { kind: 'constant', low, high };
    image.set(count, low, high);
    return { kind: 'cell', cell: count++ };
  });
  return { places, cells: image.finish(GLOBAL_SEGMENT), count };
}

function fillTables({ module, tables }: Context): {
  contents: readonly TableContents[];
  trap?: WasmTrap;
} {
  const contents = tables.map(({ limits }) => ({
    functions: [] as number[],
    size: limits.minimum,
  }));
  for (const segment of module.elements) {
    const { placement, offset } = segment;
    if (placement.mode !== 'active') continue;
    const { functions, size } = contents[placement.target]!;
    const start = constantOf(placement.start).low >>> 0;
    const items = itemsOf(segment);
    if (start + items.length > size) return { contents, trap: 'tableOutOfBounds' };
    if (start + items.length > TABLE_ENTRY_LIMIT) {
      throw new CompileError(
        'unsupported',
        `table elements past number ${TABLE_ENTRY_LIMIT}`,
        offset,
      );
    }
    if (items.length > 0) while (functions.length < start) functions.push(-1);
    items.forEach((index, i) => {
      functions[start + i] = index;
    });
  }
  return { contents };
}

function itemsOf({ items }: ElementSegment): readonly number[] {
  if (items.kind === 'functions') return items.functions;
  return items.expressions.map(({ opcodes, first }) => (opcodes[0] === REF_FUNC ? first[0]! : -1));
}

function fillMemory({ module, memories }: Context): { cells: ImageCells; trap?: WasmTrap } {
  const image = createImage();
  const size = (memories[0]?.limits.minimum ?? 0) * PAGE_BYTES;
  for (const { placement, bytes } of module.data) {
    if (placement.mode !== 'active') continue;
    const start = constantOf(placement.start).low >>> 0;
    if (start + bytes.length > size) {
      return { cells: image.finish(MEMORY_SEGMENT), trap: 'memoryOutOfBounds' };
    }
    bytes.forEach((byte, i) => {
      image.setByte(start + i, byte);
    });
  }
  return { cells: image.finish(MEMORY_SEGMENT) };
}

/** Cells in the making. Cells of value zero are left out: that is how all others start. */
function createImage() {
  const places = new Map<number, number>();
  const lanes: number[] = [];
  const place = (cell: number): number => {
    const known = places.get(cell);
    if (known !== undefined) return known;
    lanes.push(0, 0);
    places.set(cell, lanes.length - 2);
    return lanes.length - 2;
  };
  return {
    set(cell: number, low: number, high: number): void {
      const at = place(cell);
      lanes[at] = low;
      lanes[at + 1] = high;
    },
    setByte(address: number, byte: number): void {
      const at = place(Math.floor(address / 8)) + ((address >> 2) & 1);
      const shift = 8 * (address & 3);
      lanes[at] = (lanes[at]! & ~(0xff << shift)) | (byte << shift);
    },
    finish(segment: number): ImageCells {
      const cells = Int32Array.from(places.keys())
        .filter((cell) => (lanes[places.get(cell)!]! | lanes[places.get(cell)! + 1]!) !== 0)
        .sort();
      const out = new Int32Array(2 * cells.length);
      cells.forEach((cell, i) => {
        out[2 * i] = lanes[places.get(cell)!]!;
        out[2 * i + 1] = lanes[places.get(cell)! + 1]!;
      });
      return { segment, cells, lanes: out };
    },
  };
}
