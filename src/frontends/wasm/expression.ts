/**
 * Decoding of instruction sequences: function bodies and constant expressions (Wasm 5.4).
 *
 * A sequence becomes columns of numbers, one entry for each instruction, so that validator and lowering
 * walk it without reading bytes again and without an object for each instruction.
 */

import { CompileError } from '../frontend.ts';
import { laterFeatureOf, opcodeOf, opcodeTable } from './opcodes.ts';
import type { Reader } from './reader.ts';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, type ValueType } from './value-types.ts';

export interface Expression {
  /** Numbers of `opcodeTable`. */
  readonly opcodes: number[];
  /** Byte offset of each instruction in the module. */
  readonly offsets: number[];
  /**
   * First and second immediate: index; label depth; alignment exponent and offset; low and high lane of
   * a constant; block type (a type index, or minus what `blockTypeByte` says); start and length in `lists`.
   */
  readonly first: number[];
  readonly second: number[];
  /** Labels of `br_table` (default last) and types of `select`. */
  readonly lists: number[];
}

/** The block type "no parameters, no results". */
export const EMPTY_BLOCK = 0x40;

/** The value type, or `EMPTY_BLOCK`, of a negative block type immediate. */
export function blockTypeByte(immediate: number): number {
  return immediate & 0x7f;
}

const BLOCK = opcodeOf('block');
const LOOP = opcodeOf('loop');
const IF = opcodeOf('if');
const ELSE = opcodeOf('else');
const END = opcodeOf('end');

export function readValueType(reader: Reader): ValueType {
  const offset = reader.position;
  const type = reader.byte();
  if (isValueType(type)) return type;
  if (type === 0x7b) throw new CompileError('unsupported', 'SIMD', offset);
  if (type === 0x63 || type === 0x64) {
    throw new CompileError('unsupported', 'typed function references', offset);
  }
  if ((type >= 0x69 && type <= 0x6e) || (type >= 0x71 && type <= 0x74)) {
    throw new CompileError('unsupported', 'garbage collection', offset);
  }
  throw reader.malformed('malformed value type', offset);
}

export function readReferenceType(reader: Reader): ValueType {
  const offset = reader.position;
  const type = readValueType(reader);
  if (type !== FUNCREF && type !== EXTERNREF) {
    throw reader.malformed('malformed reference type', offset);
  }
  return type;
}

function isValueType(byte: number): boolean {
  return (
    byte === I32 ||
    byte === I64 ||
    byte === F32 ||
    byte === F64 ||
    byte === FUNCREF ||
    byte === EXTERNREF
  );
}

/** Reads one expression up to and with its `end`. */
export function readExpression(reader: Reader): Expression {
  const expression: Expression = { opcodes: [], offsets: [], first: [], second: [], lists: [] };
  const open: number[] = [];
  for (;;) {
    const offset = reader.position;
    const opcode = readOpcode(reader);
    expression.opcodes.push(opcode);
    expression.offsets.push(offset);
    readImmediates(reader, opcode, expression);
    if (opcode === BLOCK || opcode === LOOP || opcode === IF) {
      open.push(opcode);
    } else if (opcode === ELSE) {
      if (open.pop() !== IF) throw reader.malformed('else without if', offset);
      open.push(ELSE);
    } else if (opcode === END) {
      if (open.length === 0) return expression;
      open.pop();
    }
  }
}

function readOpcode(reader: Reader): number {
  const offset = reader.position;
  const byte = reader.byte();
  const opcode = byte === 0xfc ? 0x100 + reader.u32() : byte;
  if (opcodeTable[opcode] !== undefined) return opcode;
  const later = laterFeatureOf(byte);
  if (later !== undefined) throw new CompileError('unsupported', later, offset);
  throw reader.malformed('illegal opcode', offset);
}

function readImmediates(reader: Reader, opcode: number, expression: Expression): void {
  let first = 0;
  let second = 0;
  switch (opcodeTable[opcode]!.immediate) {
    case 'none':
      break;
    case 'blockType':
      first = readBlockType(reader);
      break;
    case 'label':
    case 'function':
    case 'local':
    case 'global':
    case 'table':
    case 'data':
    case 'element':
      first = reader.u32();
      break;
    case 'labels':
      first = expression.lists.length;
      second = reader.u32() + 1;
      for (let i = 0; i < second; i++) expression.lists.push(reader.u32());
      break;
    case 'types':
      first = expression.lists.length;
      second = reader.u32();
      for (let i = 0; i < second; i++) expression.lists.push(readValueType(reader));
      break;
    case 'call':
    case 'tables':
    case 'elementTable':
      first = reader.u32();
      second = reader.u32();
      break;
    case 'address':
      first = readAlignment(reader);
      second = reader.u32();
      break;
    case 'memory':
      readZero(reader);
      break;
    case 'memories':
      readZero(reader);
      readZero(reader);
      break;
    case 'initialize':
      first = reader.u32();
      readZero(reader);
      break;
    case 'referenceType':
      first = readReferenceType(reader);
      break;
    case 'i32':
      first = reader.signed(32);
      break;
    case 'i64':
      first = reader.signed(64);
      second = reader.high;
      break;
    case 'f32':
      first = readWord(reader);
      break;
    case 'f64':
      first = readWord(reader);
      second = readWord(reader);
      break;
  }
  expression.first.push(first);
  expression.second.push(second);
}

function readBlockType(reader: Reader): number {
  const offset = reader.position;
  const low = reader.signed(33);
  if (reader.high >= 0) return low >>> 0;
  const byte = low & 0x7f;
  const isOneByte = reader.position === offset + 1;
  if (isOneByte && (byte === EMPTY_BLOCK || isValueType(byte))) return low;
  if (isOneByte && byte === 0x7b) throw new CompileError('unsupported', 'SIMD', offset);
  throw reader.malformed('malformed block type', offset);
}

/** The alignment exponent; bit 6 would announce a memory index. */
function readAlignment(reader: Reader): number {
  const offset = reader.position;
  const alignment = reader.u32();
  if (alignment >= 32) {
    if (alignment >= 64 && alignment < 128) {
      throw new CompileError('unsupported', 'multiple memories', offset);
    }
    throw reader.malformed('malformed memop flags', offset);
  }
  return alignment;
}

function readZero(reader: Reader): void {
  const offset = reader.position;
  if (reader.byte() !== 0) throw reader.malformed('zero byte expected', offset);
}

function readWord(reader: Reader): number {
  const bytes = reader.take(4);
  return bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);
}
