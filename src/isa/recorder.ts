/**
 * The recorder: watches each step and writes down what chips and memory argument need.
 *
 * Before a step it takes the operands that are read and the old values of those written, after it the new
 * values; it executes nothing itself. Each cell's last access time stands in an array beside the cell. A
 * gap that one access cannot bridge becomes a refresh row that ends one tick before the access; a cell's
 * first access finds it one tick old (spec/5-memory.md). All rows go to growing arrays, no objects.
 */

import { ACCESS_REACH, addressSpaces } from '../memory/address-space.ts';
import {
  GLOBALS,
  type Memory,
  type MemoryBudget,
  PAGE_CELL_MASK,
  PAGE_CELL_SHIFT,
  type Segment,
  WINDOWS,
} from '../memory/memory.ts';
import { decodedField, decodedFieldOf, decodeProgram } from './decode.ts';
import type { FormatName } from './formats.ts';
import { instructions, mnemonicOf } from './instructions.ts';
import type { MachineState, RunInput } from './state.ts';
import {
  type AccessOffsets,
  boundaryRow,
  eventLayout,
  formatOfChip,
  type Recording,
  type Rows,
  refreshRow,
} from './trace.ts';

/** Rows in the making. */
class RowList implements Rows {
  readonly words: number;
  readonly #budget: MemoryBudget;
  count = 0;
  data: Int32Array = new Int32Array(0);

  constructor(words: number, budget: MemoryBudget) {
    this.words = words;
    this.#budget = budget;
  }

  /** A new row of zeros. Returns where it begins. */
  append(): number {
    const start = this.count * this.words;
    if (start + this.words > this.data.length) {
      // Untouched pages cost nothing, copying does: fourfold while small.
      const factor = this.data.length < 2 ** 24 ? 4 : 2;
      const length = Math.max(this.words * 256, this.data.length * factor);
      this.#budget.reserve(4 * (length - this.data.length));
      const data = new Int32Array(length);
      data.set(this.data);
      this.data = data;
    }
    this.count += 1;
    return start;
  }
}

/** The operand of `block` and `charge` that no field names: global 0. */
const GAS_REGISTER = 'gas register';
const GAS_FIELD = -1;

/** Kinds of cells that an instruction names. */
const Kind = { word: 0, wide: 1, global: 2, window: 3 } as const;

/** Words of a read in a plan: kind, decoded field, slot of time, offset of the value before. */
const READ_WORDS = 4;

/** What the events of one opcode hold. */
interface Plan {
  readonly list: RowList;
  /** Accesses that read registers, globals and windows, `READ_WORDS` each. */
  readonly reads: Int32Array;
  /** Index in `reads` of the second source, if it may be an immediate; else -1. */
  readonly alternative: number;
  /** The one register, global or window that is written: its kind, or -1 if there is none. */
  readonly writeKind: number;
  readonly writeField: number;
  readonly writeSlot: number;
  readonly writeBefore: number;
  readonly writeAfter: number;
  /** The gas register is accessed on faults too. */
  readonly isMetering: boolean;
  readonly cells: readonly AccessOffsets[];
  readonly record: AccessOffsets | undefined;
}

export class Recorder {
  readonly #memory: Memory;
  readonly #wordBase: number;
  readonly #wideBase: number;
  readonly #code: Int32Array;
  readonly #lists = new Map<string, RowList>();
  readonly #plans: (Plan | undefined)[];
  readonly #wordRefreshes: RowList;
  readonly #wideRefreshes: RowList;
  readonly #wordBoundary: RowList;
  readonly #wideBoundary: RowList;
  /** Time of the last access to each cell; 0 where there was none. */
  #wordTimes: Int32Array = new Int32Array(0);
  #wideTimes: Int32Array = new Int32Array(0);
  #recordTimes: Int32Array = new Int32Array(0);
  readonly #globalTimes = new Int32Array(GLOBALS);
  readonly #windowTimes = new Int32Array(WINDOWS);
  // The step under way.
  #plan: Plan;
  #start = 0;
  #at = 0;
  #clk = 0;
  #fp = 0;
  #sp = 0;
  #segment: Segment | undefined;
  #firstCell = 0;
  #cellCount = 0;
  #recordFp = -1;

  constructor(state: MachineState) {
    const { memory, program } = state;
    const { budget } = memory;
    this.#memory = memory;
    this.#wordBase = memory.wordBase;
    this.#wideBase = memory.wideBase;
    this.#code = decodeProgram(program).code;
    this.#wordRefreshes = new RowList(refreshRow.words.word, budget);
    this.#wideRefreshes = new RowList(refreshRow.words.wide, budget);
    this.#wordBoundary = new RowList(boundaryRow.words.word, budget);
    this.#wideBoundary = new RowList(boundaryRow.words.wide, budget);
    for (const [chip, format] of formatOfChip) {
      this.#lists.set(chip, new RowList(eventLayout(format).words, budget));
    }
    this.#plans = mnemonicOf.map((name) => {
      if (name === undefined) return undefined;
      const { chip, format } = instructions[name];
      const list = this.#lists.get(chip);
      return list && planOf(list, format);
    });
    const plan = this.#plans[instructions.halt.opcode];
    if (plan === undefined) throw new Error('no plan for halt');
    this.#plan = plan;
    this.#ensureTimes();
  }

  /** Begins the event of the instruction whose decoded words begin at `at`. */
  before(op: number, at: number, pc: number, clk: number, fp: number, sp: number): void {
    const plan = this.#plans[op];
    if (plan === undefined) return; // the step throws
    const { list, reads, writeKind } = plan;
    const start = list.append();
    const { data } = list;
    data[start] = pc;
    data[start + 1] = clk;
    data[start + 2] = fp;
    data[start + 3] = sp;
    this.#plan = plan;
    this.#start = start;
    this.#at = at;
    this.#clk = clk;
    this.#fp = fp;
    this.#sp = sp;
    this.#segment = undefined;
    this.#recordFp = -1;
    const code = this.#code;
    const { words, wides } = this.#memory;
    const skipped = code[at + decodedField.mask] === 0 ? plan.alternative : -1;
    for (let i = 0; i < reads.length; i += READ_WORDS) {
      if (i === skipped) continue;
      const kind = reads[i];
      const field = reads[i + 1];
      const value = start + reads[i + 3];
      if (kind === Kind.word) {
        // As `#copy` and `#touch` do, in line: most accesses are of these kinds.
        const lane = code[at + field] + (fp << 1);
        data[value] = words[lane];
        data[value + 1] = words[lane + 1];
        const cell = (lane - this.#wordBase) >> 1;
        data[value - 1] = this.#touchWord(cell, clk + reads[i + 2], data, value);
      } else if (kind === Kind.wide) {
        const lane = code[at + field] + (sp << 3);
        copyWide(wides, lane, data, value);
        const cell = (lane - this.#wideBase) >> 3;
        data[value - 1] = this.#touchWide(cell, clk + reads[i + 2], data, value);
      } else {
        this.#copy(kind, field, data, value);
        data[value - 1] = this.#touch(kind, field, reads[i + 2], data, value);
      }
    }
    if (writeKind === Kind.word) {
      const lane = code[at + plan.writeField] + (fp << 1);
      data[start + plan.writeBefore] = words[lane];
      data[start + plan.writeBefore + 1] = words[lane + 1];
    } else if (writeKind >= 0) {
      this.#copy(writeKind, plan.writeField, data, start + plan.writeBefore);
    }
  }

  /** The step accesses the cells that hold the bytes from `address` up to `end`. */
  cells(segment: Segment, address: number, end: number): void {
    const first = Math.floor(address / 8);
    this.#segment = segment;
    this.#firstCell = first;
    this.#cellCount = Math.floor((end - 1) / 8) - first + 1;
    const { list, cells } = this.#plan;
    const { data } = list;
    for (let i = 0; i < this.#cellCount; i++) {
      const value = this.#start + cells[i].before;
      segment.readCell(data, value, first + i);
      const now = this.#clk + cells[i].slot;
      data[value - 1] = this.#touchCell(segment, first + i, now, data, value);
    }
  }

  /** The step accesses the return record at `fp`. */
  record(fp: number): void {
    const access = this.#plan.record;
    if (access === undefined) return;
    this.#recordFp = fp;
    this.#ensureTimes();
    const { data } = this.#plan.list;
    const value = this.#start + access.before;
    this.#copyRecord(fp, data, value);
    data[value - 1] = this.#touchRecord(fp, this.#clk + access.slot, data, value);
  }

  /** Ends the event: what was written. */
  after(faults: boolean): void {
    const plan = this.#plan;
    const { writeKind, writeField, cells, record } = plan;
    const { data } = plan.list;
    const start = this.#start;
    const before = start + plan.writeBefore;
    const after = start + plan.writeAfter;
    if (faults && !plan.isMetering) {
      data.fill(0, before, after);
    } else if (writeKind === Kind.word) {
      const { words } = this.#memory;
      const lane = this.#code[this.#at + writeField] + (this.#fp << 1);
      const cell = (lane - this.#wordBase) >> 1;
      data[before - 1] = this.#touchWord(cell, this.#clk + plan.writeSlot, data, before);
      data[after] = words[lane];
      data[after + 1] = words[lane + 1];
    } else if (writeKind >= 0) {
      data[before - 1] = this.#touch(writeKind, writeField, plan.writeSlot, data, before);
      this.#copy(writeKind, writeField, data, after);
    }
    const segment = this.#segment;
    if (segment !== undefined && cells[0].direction === 'write') {
      for (let i = 0; i < this.#cellCount; i++) {
        segment.readCell(data, start + cells[i].after, this.#firstCell + i);
      }
    }
    if (plan.isMetering) this.#ensureTimes(); // `block` may have moved sp
    if (this.#recordFp >= 0 && record?.direction === 'write') {
      this.#copyRecord(this.#recordFp, data, start + record.after);
    }
  }

  /** The recording of a run that halted. The state must not go on. */
  finish(state: MachineState, input: RunInput): Recording {
    this.#closeBoundary();
    return {
      program: state.program,
      statement: { publicInput: input.publicInput, gas: input.gas },
      events: [...this.#lists].map(([chip, list]) => ({ chip, ...rowsOf(list) })),
      refreshes: { word: rowsOf(this.#wordRefreshes), wide: rowsOf(this.#wideRefreshes) },
      boundary: { word: rowsOf(this.#wordBoundary), wide: rowsOf(this.#wideBoundary) },
      clkEnd: state.clk,
    };
  }

  /** The number of the register, global or window that a field of the instruction names. */
  #cellOf(kind: number, field: number): number {
    const lane = this.#code[this.#at + field];
    if (kind === Kind.word) return ((lane - this.#wordBase) >> 1) + this.#fp;
    if (kind === Kind.wide) return ((lane - this.#wideBase) >> 3) + this.#sp;
    if (field === GAS_FIELD) return 0;
    return kind === Kind.global ? lane >> 1 : lane;
  }

  /** Copies the value as it stands now. */
  #copy(kind: number, field: number, data: Int32Array, to: number): void {
    const { words, wides, globals, windows } = this.#memory;
    const cell = this.#cellOf(kind, field);
    if (kind === Kind.word) {
      const lane = this.#wordBase + 2 * cell;
      data[to] = words[lane];
      data[to + 1] = words[lane + 1];
    } else if (kind === Kind.wide) {
      const lane = this.#wideBase + 8 * cell;
      copyWide(wides, lane, data, to);
    } else if (kind === Kind.global) {
      data[to] = globals[2 * cell];
      data[to + 1] = globals[2 * cell + 1];
    } else {
      for (let i = 0; i < 3; i++) data[to + i] = windows[3 * cell + i];
    }
  }

  #copyRecord(fp: number, data: Int32Array, to: number): void {
    for (let i = 0; i < 3; i++) data[to + i] = this.#memory.records[3 * fp + i];
  }

  /**
   * Makes the access at its time; the value before stands at `data[value..]`. Returns the time to which
   * the access reaches back.
   */
  #touch(kind: number, field: number, slot: number, data: Int32Array, value: number): number {
    const cell = this.#cellOf(kind, field);
    const now = this.#clk + slot;
    if (kind === Kind.word) return this.#touchWord(cell, now, data, value);
    if (kind === Kind.wide) return this.#touchWide(cell, now, data, value);
    const times = kind === Kind.global ? this.#globalTimes : this.#windowTimes;
    const previous = times[cell];
    times[cell] = now;
    if (now - previous <= ACCESS_REACH && previous !== 0) return previous;
    const { high } = kind === Kind.global ? addressSpaces.global : addressSpaces.window;
    return this.#reach(high, cell, previous, now, data, value);
  }

  #touchWord(cell: number, now: number, data: Int32Array, value: number): number {
    const previous = this.#wordTimes[cell];
    this.#wordTimes[cell] = now;
    if (now - previous <= ACCESS_REACH && previous !== 0) return previous;
    return this.#reach(addressSpaces.word.high, cell, previous, now, data, value);
  }

  #touchWide(cell: number, now: number, data: Int32Array, value: number): number {
    if (cell < 0) throw new RangeError(`wide register: expected 0 or more, got ${cell}`);
    const previous = this.#wideTimes[cell];
    this.#wideTimes[cell] = now;
    if (now - previous <= ACCESS_REACH && previous !== 0) return previous;
    return this.#reachWide(cell, previous, now, data, value);
  }

  #touchCell(segment: Segment, cell: number, now: number, data: Int32Array, value: number): number {
    const page = cell >>> PAGE_CELL_SHIFT;
    let times = segment.times[page];
    if (times === undefined) {
      this.#memory.budget.reserve(4 * (PAGE_CELL_MASK + 1));
      times = new Int32Array(PAGE_CELL_MASK + 1);
      segment.times[page] = times;
    }
    const previous = times[cell & PAGE_CELL_MASK];
    times[cell & PAGE_CELL_MASK] = now;
    if (now - previous <= ACCESS_REACH && previous !== 0) return previous;
    return this.#reach(
      addressSpaces.memory.high + segment.number,
      cell,
      previous,
      now,
      data,
      value,
    );
  }

  #touchRecord(fp: number, now: number, data: Int32Array, value: number): number {
    const previous = this.#recordTimes[fp];
    this.#recordTimes[fp] = now;
    if (now - previous <= ACCESS_REACH && previous !== 0) return previous;
    return this.#reach(addressSpaces.record.high, fp, previous, now, data, value);
  }

  /**
   * A first access, or one that needs a refresh: writes the row of the boundary or of the refreshes, with
   * the value before from the event. Returns the time to which the access reaches back: one tick.
   */
  #reach(
    high: number,
    low: number,
    previous: number,
    now: number,
    data: Int32Array,
    value: number,
  ): number {
    const list = previous === 0 ? this.#wordBoundary : this.#wordRefreshes;
    const at = this.#appendRow(list, high, low, previous, now);
    writeElements(high, data, value, list.data, at + 4);
    return now - 1;
  }

  #reachWide(low: number, previous: number, now: number, data: Int32Array, value: number): number {
    const list = previous === 0 ? this.#wideBoundary : this.#wideRefreshes;
    const at = this.#appendRow(list, addressSpaces.wide.high, low, previous, now);
    for (let i = 0; i < 8; i += 2) writeLimbs(data, value + i, list.data, at + 4 + 2 * i);
    return now - 1;
  }

  #appendRow(list: RowList, high: number, low: number, previous: number, now: number): number {
    const at = list.append();
    list.data[at] = high;
    list.data[at + 1] = low;
    if (previous === 0) {
      list.data[at + 2] = now - 1;
    } else {
      list.data[at + 2] = previous;
      list.data[at + 3] = now - 1;
    }
    return at;
  }

  /** Fills in last values and times. */
  #closeBoundary(): void {
    const words = this.#wordBoundary;
    const value = new Int32Array(4);
    for (let at = 0; at < words.count * words.words; at += words.words) {
      const high = words.data[at];
      const low = words.data[at + 1];
      words.data[at + 3] = this.#timeOf(high, low);
      this.#readWord(high, low, value);
      writeElements(high, value, 0, words.data, at + boundaryRow.last.word);
    }
    const wides = this.#wideBoundary;
    for (let at = 0; at < wides.count * wides.words; at += wides.words) {
      const low = wides.data[at + 1];
      wides.data[at + 3] = this.#wideTimes[low];
      const lane = this.#wideBase + 8 * low;
      const last = at + boundaryRow.last.wide;
      for (let i = 0; i < 8; i += 2) {
        writeLimbs(this.#memory.wides, lane + i, wides.data, last + 2 * i);
      }
    }
  }

  /** The value of a cell of the word bus as it would stand in an event. */
  #readWord(high: number, low: number, value: Int32Array): void {
    const { words, globals, windows, records } = this.#memory;
    if (high === addressSpaces.word.high) {
      value.set(words.subarray(this.#wordBase + 2 * low, this.#wordBase + 2 * low + 2));
    } else if (high === addressSpaces.global.high) {
      value.set(globals.subarray(2 * low, 2 * low + 2));
    } else if (high === addressSpaces.window.high) {
      value.set(windows.subarray(3 * low, 3 * low + 3));
    } else if (high === addressSpaces.record.high) {
      value.set(records.subarray(3 * low, 3 * low + 3));
    } else {
      this.#memory.segment(high - addressSpaces.memory.high).readCell(value, 0, low);
    }
  }

  #timeOf(high: number, low: number): number {
    switch (high) {
      case addressSpaces.word.high:
        return this.#wordTimes[low];
      case addressSpaces.global.high:
        return this.#globalTimes[low];
      case addressSpaces.window.high:
        return this.#windowTimes[low];
      case addressSpaces.record.high:
        return this.#recordTimes[low];
      default: {
        const segment = this.#memory.segment(high - addressSpaces.memory.high);
        return segment.times[low >>> PAGE_CELL_SHIFT]?.[low & PAGE_CELL_MASK] ?? 0;
      }
    }
  }

  /** Times for as many registers as the memory has. */
  #ensureTimes(): void {
    const { words, wides, budget } = this.#memory;
    const wordCells = (words.length - this.#wordBase) >> 1;
    if (wordCells > this.#wordTimes.length) {
      budget.reserve(8 * (wordCells - this.#wordTimes.length));
      this.#wordTimes = grownTimes(this.#wordTimes, wordCells);
      this.#recordTimes = grownTimes(this.#recordTimes, wordCells);
    }
    const wideCells = (wides.length - this.#wideBase) >> 3;
    if (wideCells > this.#wideTimes.length) {
      budget.reserve(4 * (wideCells - this.#wideTimes.length));
      this.#wideTimes = grownTimes(this.#wideTimes, wideCells);
    }
  }
}

/** A value of an event as the four elements of its message. */
function writeElements(
  high: number,
  source: Int32Array,
  from: number,
  out: Int32Array,
  to: number,
): void {
  if (high === addressSpaces.window.high) {
    out[to] = source[from];
    out[to + 1] = source[from + 1] & 0xffff;
    out[to + 2] = source[from + 1] >>> 16;
    out[to + 3] = source[from + 2];
  } else if (high === addressSpaces.record.high) {
    for (let i = 0; i < 3; i++) out[to + i] = source[from + i];
  } else {
    writeLimbs(source, from, out, to);
  }
}

/** Four limbs of 16 bits from two lanes. */
function writeLimbs(source: Int32Array, from: number, out: Int32Array, to: number): void {
  out[to] = source[from] & 0xffff;
  out[to + 1] = source[from] >>> 16;
  out[to + 2] = source[from + 1] & 0xffff;
  out[to + 3] = source[from + 1] >>> 16;
}

/** The eight lanes of a wide register, without a loop. */
function copyWide(source: Int32Array, from: number, out: Int32Array, to: number): void {
  out[to] = source[from];
  out[to + 1] = source[from + 1];
  out[to + 2] = source[from + 2];
  out[to + 3] = source[from + 3];
  out[to + 4] = source[from + 4];
  out[to + 5] = source[from + 5];
  out[to + 6] = source[from + 6];
  out[to + 7] = source[from + 7];
}

function grownTimes(times: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(length);
  copy.set(times);
  return copy;
}

function rowsOf({ words, count, data }: Rows): Rows {
  return { words, count, data: data.subarray(0, words * count) };
}

function planOf(list: RowList, format: FormatName): Plan {
  const { accesses } = eventLayout(format);
  const fieldOf = (operand: string): number =>
    operand === GAS_REGISTER ? GAS_FIELD : decodedFieldOf(format, operand);
  const named = accesses.flatMap((access) =>
    access.space === 'memory' || access.space === 'record'
      ? []
      : [{ ...access, kind: Kind[access.space] }],
  );
  const reads = named.filter(({ direction }) => direction === 'read');
  const [write, ...more] = named.filter(({ direction }) => direction === 'write');
  if (more.length > 0) throw new Error(`${format}: the recorder knows one written register`);
  // Only the second source has a mask; in formats without an alternative it is never 0.
  const second = reads.findIndex(({ operand }) => fieldOf(operand) === decodedField.rs2);
  return {
    list,
    reads: Int32Array.from(
      reads.flatMap(({ kind, operand, slot, before }) => [kind, fieldOf(operand), slot, before]),
    ),
    alternative: second < 0 ? -1 : second * READ_WORDS,
    writeKind: write?.kind ?? -1,
    writeField: write === undefined ? 0 : fieldOf(write.operand),
    writeSlot: write?.slot ?? 0,
    writeBefore: write?.before ?? 0,
    writeAfter: write?.after ?? 0,
    isMetering: write?.operand === GAS_REGISTER,
    cells: accesses.filter(({ space }) => space === 'memory'),
    record: accesses.find(({ space }) => space === 'record'),
  };
}
