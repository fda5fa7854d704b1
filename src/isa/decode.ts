/**
 * Programs as the interpreter reads them: eight words for each instruction, operands as lane offsets.
 *
 * A register operand becomes the lane where register number + base would stand, an immediate or a
 * constant the lane of a copy that stands before the registers (`src/memory/memory.ts`). So a second
 * source is one offset whether it is a register or an immediate: it adds the frame only under a mask.
 */

import { columnOf, IMMEDIATE } from './encoding.ts';
import { type Format, type FormatName, formats, type Operand, strideOf } from './formats.ts';
import { instructions, mnemonicOf } from './instructions.ts';
import type { Program } from './program.ts';

/** Words of a decoded instruction, as a shift. */
export const DECODED_SHIFT = 3;

/** Where an operand stands in a decoded instruction. `mask` is 0 where the second source is an immediate. */
export const decodedField = {
  op: 0,
  rd: 1,
  rs1: 2,
  rs2: 3,
  mask: 4,
  target: 5,
  rs3: 6,
  window: 7,
  offset: 6,
  table: 6,
  length: 7,
  entry: 6,
  global: 6,
  writable: 6,
  gas: 6,
  need: 1,
  grow: 2,
  /** No format with a slide has an immediate. */
  slide: 4,
  pool: 3,
} as const;

/** The decoded word that holds an operand of a format. */
export function decodedFieldOf(format: FormatName, operand: string): number {
  // Of these two the address may be an immediate, so it takes the place of the second source.
  const isWideAccess = format === 'wideLoad' || format === 'wideStore';
  if (isWideAccess && operand === 'rs1') return decodedField.rs2;
  if (isWideAccess && operand === 'rs2') return decodedField.rs1;
  for (const [name, field] of Object.entries(decodedField)) if (name === operand) return field;
  throw new RangeError(`operand: expected one of the formats, got ${operand}`);
}

/** The fields of each format's operands, in their order; formats are visited once for each instruction. */
const fieldsOf = new Map<Format, readonly number[]>(
  Object.entries(formats).map(([name, format]): [Format, number[]] => [
    format,
    format.operands.map((operand) => decodedFieldOf(name as FormatName, operand.name)), // its keys
  ]),
);

/** Wide registers at negative addresses would stand here; no proof can reach them (spec/1-machine.md). */
const WIDE_MARGIN = 1024;

export interface DecodedProgram {
  /** Without the mark of immediates in `op`; one all-zero instruction after the last. */
  readonly code: Int32Array;
  readonly wordConstants: Int32Array;
  readonly wideConstants: Int32Array;
  /** No instruction reaches word registers from `fp +` this on. */
  readonly wordReach: number;
  /** No instruction reaches wide registers from `sp +` this on. */
  readonly wideReach: number;
}

const decoded = new WeakMap<Program, DecodedProgram>();

/** The decoded program; made at the first call for it. */
export function decodeProgram(program: Program): DecodedProgram {
  const known = decoded.get(program);
  if (known !== undefined) return known;
  const made = decode(program);
  decoded.set(program, made);
  return made;
}

/** The clock's advance by opcode; 0 where no instruction is defined. */
export const strides = Uint8Array.from(mnemonicOf, (name) =>
  name === undefined ? 0 : strideOf(instructions[name].format),
);

function decode(program: Program): DecodedProgram {
  const source = program.code;
  const count = source.op.length;
  let wordImmediates = 0;
  let wideImmediates = 0;
  for (let pc = 0; pc < count; pc++) {
    if (source.op[pc] < IMMEDIATE) continue;
    if (formatAt(program, pc).alternative?.kind === 'wordImmediate') wordImmediates += 1;
    else wideImmediates += 1;
  }
  const poolLanes = program.pool.length;
  const wordConstants = new Int32Array(2 * wordImmediates);
  const wideConstants = new Int32Array(poolLanes + 8 * (wideImmediates + WIDE_MARGIN));
  wideConstants.set(program.pool);
  const code = new Int32Array((count + 1) << DECODED_SHIFT);
  let wordReach = 1;
  let wideReach = 1;
  let wordAt = 0;
  let wideAt = poolLanes;
  for (let pc = 0; pc < count; pc++) {
    const at = pc << DECODED_SHIFT;
    const name = mnemonicOf[source.op[pc] % IMMEDIATE];
    if (name === undefined) throw new RangeError(`pc ${pc}: no such opcode ${source.op[pc]}`);
    const format: Format = formats[instructions[name].format];
    const fields = fieldsOf.get(format) ?? [];
    const isImmediate = source.op[pc] >= IMMEDIATE;
    code[at] = source.op[pc] % IMMEDIATE;
    code[at + decodedField.mask] = -1;
    for (let i = 0; i < fields.length; i++) {
      const operand = format.operands[i];
      const field = fields[i];
      if (isImmediate && format.alternative?.instead === operand.name) {
        code[at + decodedField.mask] = 0;
        if (format.alternative.kind === 'wordImmediate') {
          code[at + field] = wordAt;
          wordConstants[wordAt] = source.immLow[pc];
          wordConstants[wordAt + 1] = source.immHigh[pc];
          wordAt += 2;
        } else {
          code[at + field] = wideAt;
          wideConstants[wideAt] = source.immLow[pc];
          wideAt += 8;
        }
        continue;
      }
      const value = columnOf(source, operand.field)[pc];
      if (operand.kind === 'word') wordReach = Math.max(wordReach, value + 1);
      if (operand.kind === 'wide') wideReach = Math.max(wideReach, value + 1);
      if (operand.kind === 'pool') code[at + decodedField.mask] = 0;
      code[at + field] = place(operand, value);
    }
  }
  return { code, wordConstants, wideConstants, wordReach, wideReach };

  function place(operand: Operand, value: number): number {
    switch (operand.kind) {
      case 'word':
        return wordConstants.length + 2 * value;
      case 'wide':
        return wideConstants.length + 8 * value;
      case 'global':
        return 2 * value;
      case 'pool':
        return 8 * value;
      case 'entry':
        return program.runtimeEntries[value];
      default:
        return value;
    }
  }
}

function formatAt(program: Program, pc: number): Format {
  const name = mnemonicOf[program.code.op[pc] % IMMEDIATE];
  if (name === undefined) throw new RangeError(`pc ${pc}: no such opcode ${program.code.op[pc]}`);
  return formats[instructions[name].format];
}
