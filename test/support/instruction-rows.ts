/**
 * Honest rows of an instruction chip, and the truth about any row of it, from a meaning that the test
 * supplies. Both follow the formats and the conventions of the machine and nothing of the chip, but the
 * names that the adapter gives its messages.
 */

import type { InstructionChip } from '../../src/isa/chips/chip.ts';
import type { RowFacts } from '../../src/isa/chips/row.ts';
import { FILL_ROWS, RowBlock } from '../../src/isa/chips/rows.ts';
import { rangeOf } from '../../src/isa/encoding.ts';
import {
  type Access,
  type Format,
  formats,
  type OperandKind,
  strideOf,
} from '../../src/isa/formats.ts';
import { instructions, type Mnemonic, mnemonicOf, rowOf } from '../../src/isa/instructions.ts';
import { eventLayout } from '../../src/isa/trace.ts';
import { addressSpaces } from '../../src/memory/address-space.ts';
import { MODULUS } from '../../src/stark/field/m31.ts';
import type { Judge } from './forger.ts';
import type { Assumption, CompiledRules, Face } from './rules.ts';

/** Message elements: 4 limbs of words, globals and cells, 16 of wide words, 4 of windows and records. */
export type Elements = readonly number[];

export interface MachineState {
  readonly pc: number;
  readonly clk: number;
  readonly fp: number;
  readonly sp: number;
}

/** What one instruction is given: all that its row may depend on. */
export interface Situation {
  readonly name: Mnemonic;
  readonly isImmediate: boolean;
  readonly state: MachineState;
  /** `s0 s1 x0 x1 x2 x3` of the program message, as canonical field elements. */
  readonly slots: readonly number[];
  /** Relative, signed. */
  readonly target: number;
  /** Value before each access by operand, of reads and writes; an immediate stands in for its operand. */
  readonly values: Readonly<Record<string, Elements>>;
  /** What the tables of other buses answered, by name of the interaction: the message as sent. */
  readonly answers: Readonly<Record<string, Elements>>;
}

/** What one instruction does. */
export interface Outcome {
  /** New values by operand, of the writes that happen. */
  readonly written?: Readonly<Record<string, Elements>>;
  /** Goes to the target, or to `next.pc`. */
  readonly goes?: boolean;
  /** Goes to the target, or to `next.pc`, and no write happens. */
  readonly faults?: boolean;
  /** Where the state differs from that of the next instruction; `undefined` as a whole if none is sent. */
  readonly next?: Partial<MachineState>;
  readonly ends?: boolean;
  /** Accesses that do not happen, besides those of faults and immediates. */
  readonly skipped?: readonly string[];
  /** `(space, address)` of the cells and records that happen. */
  readonly addresses?: Readonly<Record<string, readonly [number, number]>>;
  /** Messages on other buses by name of the interaction; absent: not sent. */
  readonly messages?: Readonly<Record<string, Elements>>;
}

export type Meaning = (situation: Situation) => Outcome;

/** One honest case. What is left out is filled with plausible values. */
export interface Case {
  readonly name: Mnemonic;
  readonly isImmediate?: boolean;
  /** By operand; values before writes may be left out. */
  readonly values?: Readonly<Record<string, Elements>>;
  /** Operands that are no registers, by name: `offset`, `slide`, `gas`, … */
  readonly operands?: Readonly<Record<string, number>>;
  readonly target?: number;
  readonly state?: Partial<MachineState>;
  readonly answers?: Readonly<Record<string, Elements>>;
}

const slotNames = ['s0', 's1', 'x0', 'x1', 'x2', 'x3'] as const;

export function limbsOf(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(16 * i)) & 0xffffn));
}

/** Lanes, low first, as limbs. */
export function limbsOfLanes(lanes: Int32Array, offset: number, laneCount: number): number[] {
  return Array.from({ length: 2 * laneCount }, (_, i) => {
    const lane = lanes[offset + (i >> 1)]!;
    return i % 2 === 0 ? lane & 0xffff : lane >>> 16;
  });
}

export function lanesOfLimbs(limbs: Elements, lanes: Int32Array, offset: number): void {
  for (let i = 0; i < limbs.length; i += 2) {
    lanes[offset + (i >> 1)] = limbs[i]! | (limbs[i + 1]! << 16);
  }
}

function canonical(value: number): number {
  return value < 0 ? value + MODULUS : value;
}

function signed(value: number): number {
  return value > MODULUS / 2 ? value - MODULUS : value;
}

function elementsOf(kind: Access['space']): number {
  return kind === 'wide' ? 16 : 4;
}

/** Which slot carries an operand. */
function slotIndex(format: Format, operand: string): number {
  return slotNames.findIndex((slot) =>
    Object.entries(format.slots).some(([name, of]) => name === slot && of === operand),
  );
}

const twoLimbKinds: readonly OperandKind[] = ['offset', 'gas', 'length'];

function isSkippedByImmediate(format: Format, operand: string, isImmediate: boolean): boolean {
  return isImmediate && format.alternative?.instead === operand;
}

/** What the case puts before the chip, with the program message it stands for. */
export function situationOf(format: Format, entry: Case, index: number): Situation {
  const isImmediate = entry.isImmediate ?? false;
  const slots = [0, 0, 0, 0, 0, 0];
  const values: Record<string, Elements> = {};
  for (const { operand, space: kind } of format.accesses) {
    values[operand] = entry.values?.[operand] ?? defaultValue(kind, index);
  }
  format.operands.forEach(({ name, kind }, k) => {
    const slot = slotIndex(format, name);
    if (slot < 0) return;
    if (isSkippedByImmediate(format, name, isImmediate)) {
      const count = format.alternative!.kind === 'wordImmediate' ? 4 : 2;
      for (let i = 0; i < count; i++) slots[2 + i] = values[name]![i]!;
      return;
    }
    const isRegister = kind === 'word' || kind === 'wide' || kind === 'global' || kind === 'window';
    const value = entry.operands?.[name] ?? (isRegister ? (7 * index + 5 * k) % 14 : 0);
    if (twoLimbKinds.includes(kind)) {
      slots[slot] = value % 0x10000;
      slots[slot + 1] = Math.floor(value / 0x10000);
    } else {
      slots[slot] = canonical(value);
    }
  });
  return {
    name: entry.name,
    isImmediate,
    state: {
      pc: index,
      clk: 100_000 + 40 * index,
      fp: 64 + index,
      sp: 2048 + (index % 1000),
      ...entry.state,
    },
    slots,
    target:
      entry.target ??
      (format.operands.some(({ kind }) => kind === 'target') ? 9 + (index % 50) : 0),
    values,
    answers: entry.answers ?? {},
  };
}

function defaultValue(kind: Access['space'], index: number): Elements {
  if (kind === 'record') return [index, 3, 4, 0];
  if (kind === 'window') return [5, 0, 1, 1];
  return Array.from({ length: elementsOf(kind) }, (_, i) => (index * 977 + i * 31337) & 0xffff);
}

/** Fills one row for each case. The columns have as many rows as there are cases. */
export function fillRows(
  chip: InstructionChip,
  cases: readonly Case[],
  meaning: Meaning,
  facts: RowFacts = { fpLimit: 2 ** 17, tables: new Map() },
): Uint32Array[] {
  const format: Format = formats[chip.format];
  const layout = eventLayout(chip.format);
  const columns = chip.description.columns.map(() => new Uint32Array(cases.length));
  const program = Array.from({ length: 9 }, () => new Uint32Array(cases.length));
  const events = new Int32Array(layout.words * cases.length);
  cases.forEach((entry, index) => {
    const situation = situationOf(
      format,
      { ...entry, state: { ...entry.state, pc: index } },
      index,
    );
    const outcome = meaning(situation);
    program[0]![index] = index;
    program[1]![index] = rowOf(entry.name).opcode + (situation.isImmediate ? 256 : 0);
    situation.slots.forEach((value, k) => {
      program[2 + k]![index] = value;
    });
    program[8]![index] = canonical(situation.target);
    const { state } = situation;
    const event = events.subarray(layout.words * index, layout.words * (index + 1));
    event.set([state.pc, state.clk, state.fp, state.sp]);
    for (const access of layout.accesses) {
      if (!happens(format, situation, outcome, access)) continue;
      const time = state.clk + access.slot;
      event[access.previousTime] = time - 1 - ((index * 7919 + access.slot) & 0xffff);
      setValue(event, access.space, access.before, situation.values[access.operand]!);
      if (access.direction === 'write') {
        setValue(event, access.space, access.after, valueAfter(situation, outcome, access));
      }
    }
  });
  const rows = new RowBlock(program, facts);
  rows.setTable(columns, events, layout.words);
  for (let first = 0; first < cases.length; first += FILL_ROWS) {
    rows.setRange(first, Math.min(FILL_ROWS, cases.length - first), first);
    chip.fill(rows);
  }
  return columns;
}

function happens(
  format: Format,
  situation: Situation,
  outcome: Outcome,
  { operand, direction, space: kind }: Access,
): boolean {
  if (isSkippedByImmediate(format, operand, situation.isImmediate)) return false;
  if (outcome.skipped?.includes(operand)) return false;
  // The gas register is read and written in one access, which a faulting row makes too.
  return !outcome.faults || direction === 'read' || kind === 'global';
}

function valueAfter(
  situation: Situation,
  outcome: Outcome,
  { operand, direction }: Access,
): Elements {
  const before = situation.values[operand]!;
  if (direction === 'read') return before;
  const after = outcome.written?.[operand] ?? (outcome.faults ? before : undefined);
  if (after === undefined) throw new RangeError(`${operand}: expected a value written`);
  return after;
}

function setValue(
  events: Int32Array,
  kind: Access['space'],
  offset: number,
  value: Elements,
): void {
  if (kind === 'window') {
    events.set([value[0]!, value[1]! | (value[2]! << 16), value[3]!], offset);
  } else if (kind === 'record') {
    events.set([value[0]!, value[1]!, value[2]!], offset);
  } else {
    lanesOfLimbs(value, events, offset);
  }
}

/** Ranges that other chips guarantee: limbs of what is read, the state, the limbs of the program. */
export function instructionAssumptions(chip: InstructionChip): Assumption[] {
  const format: Format = formats[chip.format];
  const list: Assumption[] = [];
  const assume = (face: string, part: number, bits: number): void => {
    list.push({ name: `${face}, part ${part}, has ${bits} bits`, face, part, bits });
  };
  assume('fetch', 0, 28);
  const immediate = format.alternative?.kind;
  const immediateLimbs = immediate === undefined ? 0 : immediate === 'wordImmediate' ? 4 : 2;
  for (let i = 0; i < immediateLimbs; i++) {
    if (format.alternative!.kind === 'wordImmediate') assume('fetch', 4 + i, 16);
  }
  [28, 29, 28, 27].forEach((bits, part) => {
    assume('state', part, bits);
  });
  for (const { name, kind } of format.operands) {
    if (!twoLimbKinds.includes(kind)) continue;
    const slot = slotIndex(format, name);
    assume('fetch', 2 + slot, 16);
    // The length is that of a table of the program, at most 2^30.
    assume('fetch', 3 + slot, kind === 'length' ? 14 : 16);
  }
  for (const { operand, space: kind } of format.accesses) {
    const face = `${messageName(operand)} as left`;
    assume(face, 2, 29);
    const bits = kind === 'window' ? [28, 16, 16, 1] : kind === 'record' ? [28, 28, 27, 1] : [];
    for (let i = 0; i < elementsOf(kind); i++) assume(face, 3 + i, bits[i] ?? 16);
  }
  return list;
}

/** How the adapter names the messages of an access. */
function messageName(operand: string): string {
  return operand.replace(' ', '-');
}

/** Greatest difference of times that one access bridges. */
const REACH = 2 ** 16;

/** Judges rows of an instruction chip by the meaning of its instructions. */
export function instructionJudge(
  chip: InstructionChip,
  compiled: CompiledRules,
  meaning: Meaning,
): Judge {
  const format: Format = formats[chip.format];
  const stride = strideOf(chip.format);
  const faces = new Map(compiled.faces.map((face) => [face.name, face]));
  const face = (name: string): Face => {
    const found = faces.get(name);
    if (!found) throw new RangeError(`${chip.description.name}: expected a message named ${name}`);
    return found;
  };
  const fetch = face('fetch');
  const stateFace = face('state');
  const nextFace = faces.get('next state');
  const accesses = format.accesses.map((access, slot) => ({
    access,
    slot,
    left: face(`${messageName(access.operand)} as left`),
    now: face(`${messageName(access.operand)} from now`),
  }));
  const known = new Set<Face | undefined>([
    fetch,
    stateFace,
    nextFace,
    ...accesses.flatMap(({ left, now }) => [left, now]),
  ]);
  const others = compiled.faces.filter((entry) => !known.has(entry));
  const lookups = compiled.rules.filter(({ kind }) => kind === 'range' || kind === 'byte');

  return (cells) => {
    const count = (entry: Face): number => entry.multiplicity.value(cells);
    const part = (entry: Face, index: number): number => entry.message[index]!.value(cells);
    // A multiplicity of -1 could take back what another row sent to a table.
    for (const { multiplicity } of lookups) {
      if (multiplicity!.value(cells) > 1) return 'lie';
    }
    const isReal = count(fetch);
    if (isReal === 0) return compiled.faces.some((entry) => count(entry) !== 0) ? 'lie' : 'truth';
    if (isReal !== 1 || count(stateFace) !== 1) return 'lie';

    const op = part(fetch, 1);
    const name = mnemonicOf[op & 255];
    const isImmediate = op >= 256;
    if (name === undefined || op >= 512) return 'outside';
    if (instructions[name].chip !== chip.description.name) return 'lie';
    if (isImmediate && format.alternative === undefined) return 'outside';
    const slots = slotNames.map((_, i) => part(fetch, 2 + i));
    const target = signed(part(fetch, 8));
    if (!isInstruction(format, slots, target, isImmediate)) return 'outside';
    const [pc, clk, fp, sp] = stateFace.message.map((form) => form.value(cells)) as [
      number,
      number,
      number,
      number,
    ];
    if (pc !== part(fetch, 0)) return 'lie';
    if (pc >= 2 ** 28 || clk < 1 || clk >= 2 ** 29 - stride || fp >= 2 ** 28 || sp >= 2 ** 27)
      return 'outside';

    const values: Record<string, Elements> = {};
    for (const { access, left, now } of accesses) {
      if (count(left) !== count(now)) return 'lie';
      const { operand, space: kind, direction } = access;
      if (isSkippedByImmediate(format, operand, isImmediate)) {
        const limbs = format.alternative!.kind === 'wordImmediate' ? 4 : 2;
        values[operand] = Array.from({ length: elementsOf(kind) }, (_, i) =>
          i < limbs ? slots[2 + i]! : 0,
        );
        continue;
      }
      const before = left.message.slice(3).map((form) => form.value(cells));
      if (count(left) !== 0 && !isStored(kind, before)) return 'outside';
      if (direction === 'read' && before.some((value, i) => value !== part(now, 3 + i))) {
        if (count(left) !== 0) return 'lie';
      }
      values[operand] = before;
    }
    const answers: Record<string, Elements> = {};
    for (const other of others) {
      if (count(other) !== 0) answers[other.name] = other.message.map((form) => form.value(cells));
    }
    const state = { pc, clk, fp, sp };
    const situation: Situation = { name, isImmediate, state, slots, target, values, answers };
    const outcome = meaning(situation);

    for (const { access, slot, left, now } of accesses) {
      const expected = happens(format, situation, outcome, access) ? 1 : 0;
      if (count(left) !== expected) return 'lie';
      if (expected === 0) continue;
      const { operand } = access;
      const [high, low] = outcome.addresses?.[operand] ?? addressOf(format, access, situation);
      for (const message of [left, now]) {
        if (part(message, 0) !== high || part(message, 1) !== canonical(low)) return 'lie';
      }
      if (part(now, 2) !== clk + slot) return 'lie';
      const gap = clk + slot - part(left, 2);
      if (part(left, 2) >= 2 ** 29 || gap < 1 || gap > REACH) return 'lie';
      const after = valueAfter(situation, outcome, access);
      if (after.some((value, i) => value !== part(now, 3 + i))) return 'lie';
    }
    if (nextFace !== undefined) {
      if (count(nextFace) !== (outcome.ends ? 0 : 1)) return 'lie';
      const jumps = outcome.goes === true || outcome.faults === true;
      const next = {
        ...state,
        clk: clk + stride,
        pc: jumps ? pc + target : pc + 1,
        ...outcome.next,
      };
      const expected = [next.pc, next.clk, next.fp, next.sp];
      if (!outcome.ends && expected.some((value, i) => canonical(value) !== part(nextFace, i)))
        return 'lie';
    } else if (!outcome.ends) {
      return 'lie';
    }
    for (const other of others) {
      const expected = outcome.messages?.[other.name];
      if (count(other) !== (expected === undefined ? 0 : 1)) return 'lie';
      if (expected?.some((value, i) => canonical(value) !== part(other, i))) return 'lie';
    }
    return 'truth';
  };
}

/** Whether a cell of that space can hold the value. */
function isStored(kind: Access['space'], value: Elements): boolean {
  if (kind === 'window') {
    return value[0]! < 2 ** 28 && value[1]! < 0x10000 && value[2]! < 0x10000 && value[3]! < 2;
  }
  if (kind === 'record') {
    return value[0]! < 2 ** 28 && value[1]! < 2 ** 28 && value[2]! < 2 ** 27 && value[3] === 0;
  }
  return value.every((limb) => limb < 0x10000);
}

/** Whether the message stands for an instruction of the format. */
function isInstruction(
  format: Format,
  slots: readonly number[],
  target: number,
  isImmediate: boolean,
): boolean {
  const isUsed = [false, false, false, false, false, false];
  let isTargetUsed = false;
  for (const { name, kind } of format.operands) {
    if (kind === 'target') isTargetUsed = true;
    const slot = slotIndex(format, name);
    if (slot < 0 || kind === 'wordImmediate') continue;
    if (isSkippedByImmediate(format, name, isImmediate)) {
      const limbs = format.alternative!.kind === 'wordImmediate' ? 4 : 2;
      for (let i = 0; i < limbs; i++) {
        isUsed[2 + i] = true;
        if (slots[2 + i]! >= 0x10000) return false;
      }
      continue;
    }
    isUsed[slot] = true;
    if (twoLimbKinds.includes(kind)) {
      isUsed[slot + 1] = true;
      if (slots[slot]! >= 0x10000 || slots[slot + 1]! >= 0x10000) return false;
    } else if (kind === 'table' || kind === 'pool') {
      // The message holds the key relative to pc, or the key itself.
      if (Math.abs(signed(slots[slot]!)) > 2 ** 28) return false;
    } else {
      const [least, greatest] = rangeOf(kind);
      const value = signed(slots[slot]!);
      if (value < least || value > greatest) return false;
    }
  }
  if (Math.abs(target) > (isTargetUsed ? 2 ** 28 : 0)) return false;
  return slots.every((value, i) => isUsed[i] || value === 0);
}

/** Where an access goes that names a register, a global, a window or the record at fp. */
function addressOf(
  format: Format,
  access: Access,
  situation: Situation,
): readonly [number, number] {
  const { state, slots } = situation;
  const slot = (): number => signed(slots[slotIndex(format, access.operand)]!);
  switch (access.space) {
    case 'word':
      return [addressSpaces.word.high, state.fp + slot()];
    case 'wide':
      return [0, state.sp + slot()];
    case 'global':
      return [addressSpaces.global.high, access.operand === 'gas register' ? 0 : slot()];
    case 'window':
      return [addressSpaces.window.high, slot()];
    case 'record':
      return [addressSpaces.record.high, state.fp];
    case 'memory':
      throw new RangeError(`${access.operand}: expected its address from the meaning`);
  }
}
