/**
 * The two encodings of instructions: fixed-width bytes, and the messages of the program table.
 *
 * Bytes are what units are digested and stored as; decoding is total and accepts one encoding for each instruction.
 * Messages are what chips fetch: `formats.ts` says which slot carries which operand. `spec/2-instructions.md`.
 */

import type { Field, Operand, OperandKind } from './formats.ts';
import {
  type Flow,
  formatOf,
  instructions,
  type Mnemonic,
  mnemonicOf,
  rowOf,
} from './instructions.ts';
import type { Code, Instruction, Program } from './program.ts';

/** In `op`: the immediate alternative is used. */
export const IMMEDIATE = 256;
/** op, mark, rd, rs1, rs2 (4 each), imm (8), target (4); little endian. */
export const INSTRUCTION_BYTES = 26;

const MODULUS = 2 ** 31 - 1;

/** Least and greatest value of the operands that have a number. Immediates and targets are checked apart. */
const ranges: Readonly<Record<Exclude<OperandKind, 'wordImmediate'>, readonly [number, number]>> = {
  word: [0, 65535],
  wide: [-1024, 1023],
  global: [0, 63],
  window: [0, 15],
  wideImmediate: [0, 2 ** 32 - 1],
  offset: [0, 2 ** 32 - 1],
  pool: [0, 2 ** 28 - 1],
  table: [0, 2 ** 28 - 1],
  length: [0, 2 ** 32 - 1],
  slide: [1, 65535],
  signedSlide: [-1024, 1024],
  depth: [0, 1024],
  gas: [0, 2 ** 32 - 1],
  entry: [0, 65535],
  flag: [0, 1],
  target: [-(2 ** 28), 2 ** 28],
};

/** The range of an operand kind, both ends included. */
export function rangeOf(kind: Exclude<OperandKind, 'wordImmediate'>): readonly [number, number] {
  return ranges[kind];
}

export function widthOfImmediate(kind: 'wordImmediate' | 'wideImmediate'): 32 | 64 {
  return kind === 'wordImmediate' ? 64 : 32;
}

/** Throws a RangeError that names the operand and the pc if the value is outside the range of its kind. */
export function checkOperand(name: string, operand: Operand, value: number, pc: number): void {
  if (operand.kind === 'wordImmediate') return; // any lanes
  const [least, greatest] = ranges[operand.kind];
  if (!Number.isInteger(value) || value < least || value > greatest) {
    throw new RangeError(
      `${operand.name} of ${name} at pc ${pc}: expected ${operand.kind} from ${least} to ${greatest}, got ${value}`,
    );
  }
}

/** Why bytes or fields are no instruction. */
export interface DecodeError {
  readonly code: 'length' | 'opcode' | 'mark' | 'operand' | 'unused-field';
  /** Of the first byte that is wrong. */
  readonly offset: number;
  readonly message: string;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DecodeError };

/** Columns of `code` by the name of a field; `imm` is `immLow` (fields named `imm` are below 2^32 but for immediates). */
export function columnOf(code: Code, field: Field): Int32Array {
  switch (field) {
    case 'rd':
      return code.rd;
    case 'rs1':
      return code.rs1;
    case 'rs2':
      return code.rs2;
    case 'imm':
    case 'imm.low':
      return code.immLow;
    case 'imm.high':
      return code.immHigh;
    case 'target':
      return code.target;
  }
}

/** The operand's value at `pc`: signed kinds as they are, all others unsigned. Not for a replaced operand. */
export function operandValue(code: Code, pc: number, operand: Operand): number {
  const value = columnOf(code, operand.field)[pc]!;
  return operand.kind === 'wide' || operand.kind === 'signedSlide' || operand.kind === 'target'
    ? value
    : value >>> 0;
}

export function isImmediate(code: Code, pc: number): boolean {
  return code.op[pc]! >= IMMEDIATE;
}

/** Throws if `pc` is outside the code or holds no instruction. */
export function mnemonicAt(code: Code, pc: number): Mnemonic {
  const name = mnemonicOf[code.op[pc]! & 255];
  if (name === undefined) throw new RangeError(`pc: expected one of an instruction, got ${pc}`);
  return name;
}

/** The instruction at `pc` of a unit's code. */
export function instructionAt(code: Code, pc: number): Instruction {
  return {
    name: mnemonicAt(code, pc),
    rd: code.rd[pc]!,
    rs1: code.rs1[pc]!,
    rs2: code.rs2[pc]!,
    imm: BigInt(code.immLow[pc]! >>> 0) | (BigInt(code.immHigh[pc]! >>> 0) << 32n),
    isImmediate: isImmediate(code, pc),
    target: code.target[pc]!,
  };
}

/** An empty code of that many instructions, to be filled. */
export function createCode(length: number): Code {
  return {
    op: new Int32Array(length),
    rd: new Int32Array(length),
    rs1: new Int32Array(length),
    rs2: new Int32Array(length),
    immLow: new Int32Array(length),
    immHigh: new Int32Array(length),
    target: new Int32Array(length),
  };
}

export function putInstruction(code: Code, pc: number, instruction: Instruction): void {
  code.op[pc] = instructions[instruction.name].opcode + (instruction.isImmediate ? IMMEDIATE : 0);
  code.rd[pc] = instruction.rd;
  code.rs1[pc] = instruction.rs1;
  code.rs2[pc] = instruction.rs2;
  code.immLow[pc] = Number(BigInt.asIntN(32, instruction.imm));
  code.immHigh[pc] = Number(BigInt.asIntN(32, instruction.imm >> 32n));
  code.target[pc] = instruction.target;
}

/** Where the bytes of a field begin. */
const byteOffsets = { op: 0, mark: 1, rd: 2, rs1: 6, rs2: 10, immLow: 14, immHigh: 18, target: 22 };

/** The bytes of a unit's code, {@link INSTRUCTION_BYTES} for each instruction. */
export function encodeCode(code: Code): Uint8Array {
  const bytes = new Uint8Array(code.op.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (let pc = 0; pc < code.op.length; pc++) {
    const at = pc * INSTRUCTION_BYTES;
    bytes[at] = code.op[pc]! & 255;
    bytes[at + byteOffsets.mark] = isImmediate(code, pc) ? 1 : 0;
    view.setInt32(at + byteOffsets.rd, code.rd[pc]!, true);
    view.setInt32(at + byteOffsets.rs1, code.rs1[pc]!, true);
    view.setInt32(at + byteOffsets.rs2, code.rs2[pc]!, true);
    view.setInt32(at + byteOffsets.immLow, code.immLow[pc]!, true);
    view.setInt32(at + byteOffsets.immHigh, code.immHigh[pc]!, true);
    view.setInt32(at + byteOffsets.target, code.target[pc]!, true);
  }
  return bytes;
}

/** Reads code. Any bytes are accepted or refused, and no two byte strings give the same code. */
export function decodeCode(bytes: Uint8Array): Decoded<Code> {
  const whole = Math.floor(bytes.length / INSTRUCTION_BYTES) * INSTRUCTION_BYTES;
  if (whole !== bytes.length) {
    return {
      ok: false,
      error: { code: 'length', offset: whole, message: `${bytes.length - whole} bytes left over` },
    };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const code = createCode(bytes.length / INSTRUCTION_BYTES);
  for (let pc = 0; pc < code.op.length; pc++) {
    const at = pc * INSTRUCTION_BYTES;
    const mark = bytes[at + byteOffsets.mark]!;
    if (mark > 1) {
      const message = `expected 0 or 1, got ${mark}`;
      return { ok: false, error: { code: 'mark', offset: at + byteOffsets.mark, message } };
    }
    code.op[pc] = bytes[at]! + mark * IMMEDIATE;
    code.rd[pc] = view.getInt32(at + byteOffsets.rd, true);
    code.rs1[pc] = view.getInt32(at + byteOffsets.rs1, true);
    code.rs2[pc] = view.getInt32(at + byteOffsets.rs2, true);
    code.immLow[pc] = view.getInt32(at + byteOffsets.immLow, true);
    code.immHigh[pc] = view.getInt32(at + byteOffsets.immHigh, true);
    code.target[pc] = view.getInt32(at + byteOffsets.target, true);
    const problem = checkInstruction(code, pc);
    if (problem) {
      const offset = at + byteOffsets[problem.column];
      return { ok: false, error: { code: problem.code, offset, message: problem.message } };
    }
  }
  return { ok: true, value: code };
}

export interface InstructionProblem {
  readonly code: 'opcode' | 'mark' | 'operand' | 'unused-field';
  readonly column: keyof typeof byteOffsets;
  readonly message: string;
}

/** Which columns a format uses, without and with its immediate. */
type ColumnName = Exclude<keyof Code, 'op'>;
const columnNames: readonly ColumnName[] = ['rd', 'rs1', 'rs2', 'immLow', 'immHigh', 'target'];

const fieldColumns: Readonly<Record<Field, ColumnName>> = {
  rd: 'rd',
  rs1: 'rs1',
  rs2: 'rs2',
  imm: 'immLow',
  'imm.low': 'immLow',
  'imm.high': 'immHigh',
  target: 'target',
};

/** What an instruction holds, by its `op`: worked out once, for loops over whole programs. */
export interface Shape {
  readonly name: Mnemonic;
  readonly flow: Flow;
  /** Operands that stand in the instruction as numbers: all but a replaced register. */
  readonly operands: readonly Operand[];
  /** Those of them that name something outside the instruction. */
  readonly references: readonly Operand[];
  readonly wides: readonly Operand[];
  readonly target: Operand | undefined;
  readonly table: Operand | undefined;
  /** Columns that must be 0. */
  readonly unused: readonly ColumnName[];
}

const referenceKinds: ReadonlySet<OperandKind> = new Set<OperandKind>([
  'target',
  'window',
  'global',
  'entry',
  'pool',
  'table',
]);

function makeShape(op: number): Shape | undefined {
  const name = mnemonicOf[op & 255];
  if (name === undefined) return undefined;
  const { alternative, operands: all } = formatOf(name);
  const withImmediate = op >= IMMEDIATE;
  if (withImmediate && !alternative) return undefined;
  const operands = all.filter((operand) => !withImmediate || operand.name !== alternative?.instead);
  const used = new Set(operands.map(({ field }) => fieldColumns[field]));
  if (withImmediate && alternative) {
    used.add('immLow');
    if (alternative.kind === 'wordImmediate') used.add('immHigh');
  }
  return {
    name,
    flow: rowOf(name).flow,
    operands,
    references: operands.filter(({ kind }) => referenceKinds.has(kind)),
    wides: operands.filter(({ kind }) => kind === 'wide'),
    target: operands.find(({ kind }) => kind === 'target'),
    table: operands.find(({ kind }) => kind === 'table'),
    unused: columnNames.filter((column) => !used.has(column)),
  };
}

/** By `op`, 0 to 511; undefined where there is no such instruction or it takes no immediate. */
export const shapeOf: readonly (Shape | undefined)[] = Array.from({ length: 512 }, (_, op) =>
  makeShape(op),
);

/** What is wrong with the instruction at `pc`, taken alone; undefined if nothing is. */
export function checkInstruction(code: Code, pc: number): InstructionProblem | undefined {
  const op = code.op[pc]!;
  const shape = shapeOf[op];
  if (shape === undefined) {
    const name = op >= IMMEDIATE && op < 2 * IMMEDIATE ? mnemonicOf[op - IMMEDIATE] : undefined;
    return name === undefined
      ? { code: 'opcode', column: 'op', message: `no instruction has opcode ${op}` }
      : { code: 'mark', column: 'mark', message: `${name} takes no immediate` };
  }
  for (const operand of shape.operands) {
    if (operand.kind === 'wordImmediate') continue; // never an operand by itself
    const [least, greatest] = ranges[operand.kind];
    const value = operandValue(code, pc, operand);
    if (value < least || value > greatest) {
      return {
        code: 'operand',
        column: fieldColumns[operand.field],
        message: `${operand.name} of ${shape.name}: expected ${operand.kind} from ${least} to ${greatest}, got ${value}`,
      };
    }
  }
  for (const column of shape.unused) {
    if (code[column][pc] !== 0) {
      const message = `${column} of ${shape.name}: expected 0, got ${code[column][pc]}`;
      return { code: 'unused-field', column, message };
    }
  }
  return undefined;
}

function fieldElement(value: number): number {
  return value < 0 ? MODULUS + value : value;
}

/** Kinds of 32 bits, which take two slots. */
function isTwoLimbs(kind: OperandKind): boolean {
  return kind === 'offset' || kind === 'gas' || kind === 'length';
}

const slotNumbers = { s0: 1, s1: 2, x0: 3, x1: 4, x2: 5 } as const;
type SlotName = keyof typeof slotNumbers;
const slotNames = Object.keys(slotNumbers) as SlotName[]; // its keys

/** Of a shape: which slot carries which of its operands, and the limbs of an immediate, which begin at x0. */
interface SlotPlan {
  readonly slots: readonly { readonly slot: number; readonly operand: Operand }[];
  readonly immediateLimbs: 0 | 2 | 4;
}

const slotPlans: readonly (SlotPlan | undefined)[] = shapeOf.map((shape, op) => {
  if (shape === undefined) return undefined;
  const format = formatOf(shape.name);
  const slots = slotNames.flatMap((slotName) => {
    const operand = shape.operands.find(({ name }) => name === format.slots[slotName]);
    return operand ? [{ slot: slotNumbers[slotName], operand }] : [];
  });
  if (op < IMMEDIATE || format.alternative === undefined) return { slots, immediateLimbs: 0 };
  return { slots, immediateLimbs: format.alternative.kind === 'wordImmediate' ? 4 : 2 };
});

/**
 * The program message at `pc` without the pc: `[op, s0, s1, x0, x1, x2, x3, target]` as field elements.
 * Table and pool operands are keys and the target a pc, all three relative to the pc.
 */
export function messageSlots(program: Program, pc: number): Uint32Array {
  const { code } = program;
  const op = code.op[pc]!;
  const plan = slotPlans[op]!;
  const slots = new Uint32Array(8);
  slots[0] = op;
  if (plan.immediateLimbs > 0) {
    slots[3] = code.immLow[pc]! & 0xffff;
    slots[4] = code.immLow[pc]! >>> 16;
  }
  if (plan.immediateLimbs === 4) {
    slots[5] = code.immHigh[pc]! & 0xffff;
    slots[6] = code.immHigh[pc]! >>> 16;
  }
  for (const { slot, operand } of plan.slots) {
    const value = operandValue(code, pc, operand);
    if (isTwoLimbs(operand.kind)) {
      slots[slot] = value & 0xffff;
      slots[slot + 1] = value >>> 16;
    } else if (operand.kind === 'table') {
      slots[slot] = fieldElement(program.tables[value]!.key - pc);
    } else if (operand.kind === 'pool') {
      slots[slot] = fieldElement(program.poolKeys[value]! - pc);
    } else {
      slots[slot] = fieldElement(value);
    }
  }
  if (shapeOf[op]!.target) slots[7] = fieldElement(code.target[pc]! - pc);
  return slots;
}

/** Least log2 of the rows of a fixed table. */
const LEAST_LOG_ROWS = 4;

/** log2 of the height of a fixed table with that many entries. */
export function logRowsFor(entries: number): number {
  return Math.max(LEAST_LOG_ROWS, Math.ceil(Math.log2(Math.max(1, entries))));
}

function emptyColumns(count: number, entries: number): Uint32Array[] {
  const rows = 2 ** logRowsFor(entries);
  return Array.from({ length: count }, () => new Uint32Array(rows));
}

/**
 * The program table: columns pc, op, s0, s1, x0, x1, x2, x3, target. Padding rows are all 0: no chip
 * executes opcode 0, so none of them is ever fetched.
 */
export function programColumns(program: Program): Uint32Array[] {
  const length = program.code.op.length;
  const columns = emptyColumns(9, length);
  for (let pc = 0; pc < length; pc++) {
    columns[0]![pc] = pc;
    const slots = messageSlots(program, pc);
    for (let i = 0; i < 8; i++) columns[i + 1]![pc] = slots[i]!;
  }
  return columns;
}

/**
 * The index tables: columns key, index, pc; entries in order of table and index. Padding rows have index
 * 2^31 - 2, which no instruction asks for, since an index fetched is below a length of the program.
 */
export function tableColumns(program: Program): Uint32Array[] {
  const total = program.tables.reduce((sum, { pcs }) => sum + pcs.length, 0);
  const columns = emptyColumns(3, total);
  columns[1]!.fill(MODULUS - 1);
  let row = 0;
  for (const { key, pcs } of program.tables) {
    for (let index = 0; index < pcs.length; index++) {
      columns[0]![row] = key;
      columns[1]![row] = index;
      columns[2]![row] = pcs[index]!;
      row++;
    }
  }
  return columns;
}

/**
 * The pool: columns key and 16 limbs. Padding rows have the key 2^31 - 2, which is that of no constant.
 */
export function poolColumns(program: Program): Uint32Array[] {
  const count = program.poolKeys.length;
  const columns = emptyColumns(17, count);
  columns[0]!.fill(MODULUS - 1);
  for (let i = 0; i < count; i++) {
    columns[0]![i] = program.poolKeys[i]!;
    for (let limb = 0; limb < 16; limb++) {
      const lane = program.pool[8 * i + (limb >> 1)]!;
      columns[1 + limb]![i] = limb % 2 === 0 ? lane & 0xffff : lane >>> 16;
    }
  }
  return columns;
}
