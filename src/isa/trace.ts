/**
 * What a traced run records: one list of events for each chip, and what the memory argument needs.
 *
 * An event is a fixed number of 32-bit words: `pc clk fp sp`, then for each access of the chip's format,
 * in the order of the format, the time of the cell's previous access, the value before, and for a write
 * the value after. An access that does not happen (the operand is an immediate, a write of an instruction
 * that faults, the cell is not needed) is zeros throughout. The gas register is different: `block` and
 * `charge` access it even where they fault, and put the old value back, since without reading it the fault
 * could not be justified. Everything is a typed array; there is no object for a row.
 */

import type { Access, Format, FormatName } from './formats.ts';
import { formats } from './formats.ts';
import { instructions } from './instructions.ts';
import type { Program } from './program.ts';

/** Where the state stands at the head of each event: the state before the instruction. */
export const eventHead = { pc: 0, clk: 1, fp: 2, sp: 3, words: 4 } as const;

/**
 * Words of one value in an event. Words, globals and memory cells: two lanes, low first; wide: eight
 * lanes; window: segment, byte length (as int32), writable; record: pc, fp, sp.
 */
export const valueWords: Readonly<Record<Access['space'], number>> = {
  word: 2,
  global: 2,
  memory: 2,
  wide: 8,
  window: 3,
  record: 3,
};

/** Offsets of one access in an event, in words. */
export interface AccessOffsets {
  readonly operand: string;
  readonly space: Access['space'];
  readonly direction: Access['direction'];
  /** The access happens at `clk + slot`. */
  readonly slot: number;
  /**
   * Time of the previous access, of the refresh row if one stands between. Always less than `clk + slot`
   * and at most 2^16 before it.
   */
  readonly previousTime: number;
  readonly before: number;
  /** The value after the access; of a read the same words as `before`. */
  readonly after: number;
  /** Words of the value. */
  readonly width: number;
}

export interface EventLayout {
  readonly words: number;
  /** In the order of the format, hence of time. */
  readonly accesses: readonly AccessOffsets[];
  /** Throws a RangeError if the format has no access to that operand. */
  readonly offsetOf: (operand: string) => AccessOffsets;
}

function layOut(format: Format): EventLayout {
  let words: number = eventHead.words;
  const accesses = format.accesses.map(({ operand, space, direction }, slot): AccessOffsets => {
    const width = valueWords[space];
    const previousTime = words;
    const before = previousTime + 1;
    const after = direction === 'write' ? before + width : before;
    words = after + width;
    return { operand, space, direction, slot, previousTime, before, after, width };
  });
  return {
    words,
    accesses,
    offsetOf(operand) {
      const found = accesses.find((access) => access.operand === operand);
      if (found === undefined) throw new RangeError(`operand: no access to ${operand}`);
      return found;
    },
  };
}

const layouts = new Map<Format, EventLayout>(
  Object.values(formats).map((format: Format) => [format, layOut(format)]),
);

/** The layout of the events of a format. The same value at each call. */
export function eventLayout(format: FormatName): EventLayout {
  const layout = layouts.get(formats[format]);
  if (layout === undefined) throw new RangeError(`format: expected a known one, got ${format}`);
  return layout;
}

/** The chips of the table and the format that all instructions of each share, by name of the chip. */
export const formatOfChip: ReadonlyMap<string, FormatName> = (() => {
  const found = new Map<string, FormatName>();
  for (const { chip, format } of Object.values(instructions)) {
    if ((found.get(chip) ?? format) !== format) throw new Error(`chip ${chip}: two formats`);
    found.set(chip, format);
  }
  return found;
})();

/** Rows of a fixed number of words, one after the other. */
export interface Rows {
  readonly words: number;
  readonly count: number;
  /** `count * words` of them are meant; int32. */
  readonly data: Int32Array;
}

export interface ChipEvents extends Rows {
  readonly chip: string;
}

/**
 * Words of a row of the refreshes: `high lo timeBefore newTime`, then the value as it stands in the
 * message (spec/5-memory.md): 4 elements on the word bus, 16 limbs on the wide bus.
 */
export const refreshRow = {
  high: 0,
  low: 1,
  timeBefore: 2,
  newTime: 3,
  value: 4,
  words: { word: 8, wide: 20 },
} as const;

/**
 * Words of a row of the boundary: `high lo firstTime lastTime`, the first value, the last value, as in
 * the messages: 4 elements each on the word bus, 16 limbs each on the wide bus.
 */
export const boundaryRow = {
  high: 0,
  low: 1,
  firstTime: 2,
  lastTime: 3,
  first: 4,
  last: { word: 8, wide: 20 },
  words: { word: 12, wide: 36 },
} as const;

/** What the run was asked, as far as the verifier knows it too. */
export interface StatementInput {
  /** Cells of the public-input segment from cell 0, two lanes each. */
  readonly publicInput: Int32Array;
  /** First value of the gas register, two lanes. */
  readonly gas: Int32Array;
}

/** All that the prover needs of a run that came to its end. */
export interface Recording {
  readonly program: Program;
  readonly statement: StatementInput;
  /** One list for each chip of the table, in the order of the table, empty ones too. */
  readonly events: readonly ChipEvents[];
  /** Rows as `refreshRow`, in the order of time. */
  readonly refreshes: { readonly word: Rows; readonly wide: Rows };
  /** Rows as `boundaryRow`: one for each cell that was accessed, in the order of first access. */
  readonly boundary: { readonly word: Rows; readonly wide: Rows };
  /** The clock of the `halt` row. */
  readonly clkEnd: number;
}

/** The events of one chip. Throws a RangeError for a name that no chip has. */
export function eventsOf(recording: Recording, chip: string): ChipEvents {
  const found = recording.events.find((list) => list.chip === chip);
  if (found === undefined) throw new RangeError(`chip: expected one of the table, got ${chip}`);
  return found;
}
