/**
 * The opcode table of WebAssembly 2.0 without SIMD: byte, name, types, immediates (Wasm 5.4, 7.3).
 *
 * The decoder reads immediates by it, the validator types every instruction of a fixed type by it, and
 * an opcode that needs a feature the frontend lacks says so here. Opcodes behind the prefix byte 0xfc
 * have the number 0x100 + their second number.
 */

import { EXTERNREF, F32, F64, FUNCREF, I32, I64, type ValueType } from './value-types.ts';

/** What follows an opcode in the binary format. */
export type Immediate =
  | 'none'
  | 'blockType'
  | 'label'
  | 'labels'
  | 'function'
  | 'call' // type index, table index
  | 'types'
  | 'local'
  | 'global'
  | 'table'
  | 'tables' // destination, source
  | 'address' // alignment, offset
  | 'memory' // one zero byte
  | 'memories' // two zero bytes
  | 'initialize' // data index, one zero byte
  | 'data'
  | 'element'
  | 'elementTable' // element index, table index
  | 'referenceType'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64';

export type Feature = 'floating point' | 'bulk memory' | 'reference types';

export interface OpcodeRow {
  readonly opcode: number;
  readonly name: string;
  readonly immediate: Immediate;
  /** Operand and result types, where they are fixed; else the validator knows the rule by name. */
  readonly signature?: {
    readonly takes: readonly ValueType[];
    readonly gives: readonly ValueType[];
  };
  /** Bytes in memory that a load or store touches. */
  readonly accessBytes?: number;
  /** What the lowering lacks for this instruction. */
  readonly lacks?: Feature;
}

const letters: Readonly<Record<string, ValueType>> = {
  i: I32,
  I: I64,
  f: F32,
  F: F64,
  r: FUNCREF,
  x: EXTERNREF,
};
const typesOf = (text: string): readonly ValueType[] =>
  Array.from(text, (letter) => letters[letter]!);

/** Neighbouring opcodes from `first` on; signature as `operands>results` in the letters above. */
function run(
  first: number,
  prefix: string,
  names: string,
  rest: { signature?: string; immediate?: Immediate; lacks?: Feature } = {},
): OpcodeRow[] {
  return names.split(' ').map((name, i) => {
    const full = prefix + name;
    const [takes, gives] = (rest.signature ?? '').split('>');
    const isFloat = /f(32|64)/.test(full);
    const lacks = rest.lacks ?? (isFloat ? 'floating point' : undefined);
    return {
      opcode: first + i,
      name: full,
      immediate: rest.immediate ?? 'none',
      ...(gives !== undefined && { signature: { takes: typesOf(takes!), gives: typesOf(gives) } }),
      ...(rest.immediate === 'address' && { accessBytes: accessBytesOf(full) }),
      ...(lacks !== undefined && { lacks }),
    };
  });
}

/** `i64.load32_u` touches 4 bytes, `f32.store` too. */
function accessBytesOf(name: string): number {
  const width = /(?:load|store)(\d+)/.exec(name)?.[1] ?? name.slice(1, 3);
  return Number(width) / 8;
}

const compares32 = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const floatCompares = 'eq ne lt gt le ge';
const counts = 'clz ctz popcnt';
const arithmetic = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const floatUnary = 'abs neg ceil floor trunc nearest sqrt';
const floatBinary = 'add sub mul div min max copysign';
const bulk = 'bulk memory';
const references = 'reference types';

export const opcodeRows: readonly OpcodeRow[] = [
  ...run(0x00, '', 'unreachable nop'),
  ...run(0x02, '', 'block loop if', { immediate: 'blockType' }),
  ...run(0x05, '', 'else'),
  ...run(0x0b, '', 'end'),
  ...run(0x0c, '', 'br br_if', { immediate: 'label' }),
  ...run(0x0e, '', 'br_table', { immediate: 'labels' }),
  ...run(0x0f, '', 'return'),
  ...run(0x10, '', 'call', { immediate: 'function' }),
  ...run(0x11, '', 'call_indirect', { immediate: 'call' }),
  ...run(0x1a, '', 'drop select'),
  ...run(0x1c, '', 'select_t', { immediate: 'types' }),
  ...run(0x20, 'local.', 'get set tee', { immediate: 'local' }),
  ...run(0x23, 'global.', 'get set', { immediate: 'global' }),
  ...run(0x25, 'table.', 'get set', { immediate: 'table', lacks: references }),
  ...run(0x28, 'i32.', 'load', { immediate: 'address', signature: 'i>i' }),
  ...run(0x29, 'i64.', 'load', { immediate: 'address', signature: 'i>I' }),
  ...run(0x2a, 'f32.', 'load', { immediate: 'address', signature: 'i>f' }),
  ...run(0x2b, 'f64.', 'load', { immediate: 'address', signature: 'i>F' }),
  ...run(0x2c, 'i32.', 'load8_s load8_u load16_s load16_u', {
    immediate: 'address',
    signature: 'i>i',
  }),
  ...run(0x30, 'i64.', 'load8_s load8_u load16_s load16_u load32_s load32_u', {
    immediate: 'address',
    signature: 'i>I',
  }),
  ...run(0x36, 'i32.', 'store', { immediate: 'address', signature: 'ii>' }),
  ...run(0x37, 'i64.', 'store', { immediate: 'address', signature: 'iI>' }),
  ...run(0x38, 'f32.', 'store', { immediate: 'address', signature: 'if>' }),
  ...run(0x39, 'f64.', 'store', { immediate: 'address', signature: 'iF>' }),
  ...run(0x3a, 'i32.', 'store8 store16', { immediate: 'address', signature: 'ii>' }),
  ...run(0x3c, 'i64.', 'store8 store16 store32', { immediate: 'address', signature: 'iI>' }),
  ...run(0x3f, 'memory.', 'size', { immediate: 'memory', signature: '>i' }),
  ...run(0x40, 'memory.', 'grow', { immediate: 'memory', signature: 'i>i' }),
  ...run(0x41, 'i32.', 'const', { immediate: 'i32', signature: '>i' }),
  ...run(0x42, 'i64.', 'const', { immediate: 'i64', signature: '>I' }),
  ...run(0x43, 'f32.', 'const', { immediate: 'f32', signature: '>f' }),
  ...run(0x44, 'f64.', 'const', { immediate: 'f64', signature: '>F' }),
  ...run(0x45, 'i32.', 'eqz', { signature: 'i>i' }),
  ...run(0x46, 'i32.', compares32, { signature: 'ii>i' }),
  ...run(0x50, 'i64.', 'eqz', { signature: 'I>i' }),
  ...run(0x51, 'i64.', compares32, { signature: 'II>i' }),
  ...run(0x5b, 'f32.', floatCompares, { signature: 'ff>i' }),
  ...run(0x61, 'f64.', floatCompares, { signature: 'FF>i' }),
  ...run(0x67, 'i32.', counts, { signature: 'i>i' }),
  ...run(0x6a, 'i32.', arithmetic, { signature: 'ii>i' }),
  ...run(0x79, 'i64.', counts, { signature: 'I>I' }),
  ...run(0x7c, 'i64.', arithmetic, { signature: 'II>I' }),
  ...run(0x8b, 'f32.', floatUnary, { signature: 'f>f' }),
  ...run(0x92, 'f32.', floatBinary, { signature: 'ff>f' }),
  ...run(0x99, 'f64.', floatUnary, { signature: 'F>F' }),
  ...run(0xa0, 'f64.', floatBinary, { signature: 'FF>F' }),
  ...run(0xa7, 'i32.', 'wrap_i64', { signature: 'I>i' }),
  ...run(0xa8, 'i32.', 'trunc_f32_s trunc_f32_u', { signature: 'f>i' }),
  ...run(0xaa, 'i32.', 'trunc_f64_s trunc_f64_u', { signature: 'F>i' }),
  ...run(0xac, 'i64.', 'extend_i32_s extend_i32_u', { signature: 'i>I' }),
  ...run(0xae, 'i64.', 'trunc_f32_s trunc_f32_u', { signature: 'f>I' }),
  ...run(0xb0, 'i64.', 'trunc_f64_s trunc_f64_u', { signature: 'F>I' }),
  ...run(0xb2, 'f32.', 'convert_i32_s convert_i32_u', { signature: 'i>f' }),
  ...run(0xb4, 'f32.', 'convert_i64_s convert_i64_u', { signature: 'I>f' }),
  ...run(0xb6, 'f32.', 'demote_f64', { signature: 'F>f' }),
  ...run(0xb7, 'f64.', 'convert_i32_s convert_i32_u', { signature: 'i>F' }),
  ...run(0xb9, 'f64.', 'convert_i64_s convert_i64_u', { signature: 'I>F' }),
  ...run(0xbb, 'f64.', 'promote_f32', { signature: 'f>F' }),
  ...run(0xbc, 'i32.', 'reinterpret_f32', { signature: 'f>i' }),
  ...run(0xbd, 'i64.', 'reinterpret_f64', { signature: 'F>I' }),
  ...run(0xbe, 'f32.', 'reinterpret_i32', { signature: 'i>f' }),
  ...run(0xbf, 'f64.', 'reinterpret_i64', { signature: 'I>F' }),
  ...run(0xc0, 'i32.', 'extend8_s extend16_s', { signature: 'i>i' }),
  ...run(0xc2, 'i64.', 'extend8_s extend16_s extend32_s', { signature: 'I>I' }),
  ...run(0xd0, 'ref.', 'null', { immediate: 'referenceType', lacks: references }),
  ...run(0xd1, 'ref.', 'is_null', { lacks: references }),
  ...run(0xd2, 'ref.', 'func', { immediate: 'function', lacks: references }),
  ...run(0x100, 'i32.', 'trunc_sat_f32_s trunc_sat_f32_u', { signature: 'f>i' }),
  ...run(0x102, 'i32.', 'trunc_sat_f64_s trunc_sat_f64_u', { signature: 'F>i' }),
  ...run(0x104, 'i64.', 'trunc_sat_f32_s trunc_sat_f32_u', { signature: 'f>I' }),
  ...run(0x106, 'i64.', 'trunc_sat_f64_s trunc_sat_f64_u', { signature: 'F>I' }),
  ...run(0x108, 'memory.', 'init', { immediate: 'initialize', signature: 'iii>', lacks: bulk }),
  ...run(0x109, 'data.', 'drop', { immediate: 'data', signature: '>', lacks: bulk }),
  ...run(0x10a, 'memory.', 'copy', { immediate: 'memories', signature: 'iii>', lacks: bulk }),
  ...run(0x10b, 'memory.', 'fill', { immediate: 'memory', signature: 'iii>', lacks: bulk }),
  ...run(0x10c, 'table.', 'init', { immediate: 'elementTable', signature: 'iii>', lacks: bulk }),
  ...run(0x10d, 'elem.', 'drop', { immediate: 'element', signature: '>', lacks: bulk }),
  ...run(0x10e, 'table.', 'copy', { immediate: 'tables', signature: 'iii>', lacks: bulk }),
  ...run(0x10f, 'table.', 'grow size fill', { immediate: 'table', lacks: references }),
];

/** By number; `undefined` where 2.0 without SIMD has none. */
export const opcodeTable: readonly (OpcodeRow | undefined)[] = Array.from(
  { length: 0x112 },
  (_, opcode) => opcodeRows.find((row) => row.opcode === opcode),
);

const byName = new Map(opcodeRows.map((row) => [row.name, row.opcode]));

/** The number of an opcode by its name. Throws for a name that the table does not have. */
export function opcodeOf(name: string): number {
  const opcode = byName.get(name);
  if (opcode === undefined)
    throw new RangeError(`name: expected a WebAssembly opcode, got ${name}`);
  return opcode;
}

/** Opcodes of later versions of the standard, so that a refusal can name what is missing. */
export function laterFeatureOf(byte: number): string | undefined {
  if (byte === 0xfd) return 'SIMD';
  if (byte === 0xfe) return 'threads';
  if (byte === 0xfb) return 'garbage collection';
  if (byte === 0x12 || byte === 0x13) return 'tail calls';
  if ((byte >= 0x06 && byte <= 0x0a) || byte === 0x18 || byte === 0x19 || byte === 0x1f)
    return 'exceptions';
  if (byte === 0x14 || byte === 0x15 || (byte >= 0xd3 && byte <= 0xd6))
    return 'typed function references';
  return undefined;
}
