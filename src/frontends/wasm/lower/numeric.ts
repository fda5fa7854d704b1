/**
 * Integer arithmetic, bit operations and conversions (Wasm 4.3.2).
 *
 * Most are one machine instruction, with a constant second operand as its immediate. Division needs
 * explicit checks: the machine's division is total, WebAssembly's traps.
 */

import type { MnemonicWith } from '../../../isa/builder.ts';
import { opcodeOf, opcodeRows } from '../opcodes.ts';
import type { FunctionState } from './state.ts';

export interface BinaryRow {
  readonly mnemonic: MnemonicWith<'alu'>;
  readonly isCommutative: boolean;
  readonly division?: { readonly is32: boolean; readonly canOverflow: boolean };
}

/** Of 32 and 64 bits; the logical ones keep 32-bit values zero-extended as they are. */
const binaryNames: Readonly<
  Record<string, readonly [narrow: MnemonicWith<'alu'>, wide: MnemonicWith<'alu'>]>
> = {
  add: ['add32', 'add'],
  sub: ['sub32', 'sub'],
  mul: ['mul32', 'mul'],
  div_s: ['div32', 'div'],
  div_u: ['divu32', 'divu'],
  rem_s: ['rem32', 'rem'],
  rem_u: ['remu32', 'remu'],
  and: ['and', 'and'],
  or: ['or', 'or'],
  xor: ['xor', 'xor'],
  shl: ['sll32', 'sll'],
  shr_s: ['sra32', 'sra'],
  shr_u: ['srl32', 'srl'],
  rotl: ['rotl32', 'rotl'],
  rotr: ['rotr32', 'rotr'],
};
const commutative: ReadonlySet<string> = new Set(['add', 'mul', 'and', 'or', 'xor']);
const divisions: ReadonlySet<string> = new Set(['div_s', 'div_u', 'rem_s', 'rem_u']);

const unaryNames: Readonly<Record<string, MnemonicWith<'unary'>>> = {
  'i32.clz': 'clz32',
  'i32.ctz': 'ctz32',
  'i32.popcnt': 'popcnt32',
  'i64.clz': 'clz',
  'i64.ctz': 'ctz',
  'i64.popcnt': 'popcnt',
  'i32.extend8_s': 'sext8_32',
  'i32.extend16_s': 'sext16_32',
  'i64.extend8_s': 'sext8',
  'i64.extend16_s': 'sext16',
  'i64.extend32_s': 'sext32',
  'i64.extend_i32_s': 'sext32',
};

export const binaryRows = new Map<number, BinaryRow>(
  opcodeRows.flatMap(({ opcode, name }): [number, BinaryRow][] => {
    const [type, stem] = name.split('.');
    const names = type === 'i32' || type === 'i64' ? binaryNames[stem!] : undefined;
    if (names === undefined) return [];
    const is32 = type === 'i32';
    const row = { mnemonic: names[is32 ? 0 : 1], isCommutative: commutative.has(stem!) };
    if (!divisions.has(stem!)) return [[opcode, row]];
    return [[opcode, { ...row, division: { is32, canOverflow: stem === 'div_s' } }]];
  }),
);

export const unaryRows = new Map<number, MnemonicWith<'unary'>>(
  Object.entries(unaryNames).map(([name, mnemonic]) => [opcodeOf(name), mnemonic]),
);

export function lowerBinary(state: FunctionState, row: BinaryRow): void {
  const { operands, builder } = state;
  let left = operands.height - 2;
  let right = operands.height - 1;
  if (row.isCommutative && operands.isConstant(left) && !operands.isConstant(right)) {
    [left, right] = [right, left];
  }
  const rs1 = operands.register(left);
  if (row.division !== undefined) checkDivision(state, row.division, rs1, right);
  if (operands.isConstant(right)) {
    const low = operands.lowOf(right);
    const high = operands.highOf(right);
    operands.drop(2);
    const rd = state.result();
    builder.emitLanes(row.mnemonic, low, high, rd, rs1, 0);
  } else {
    const rs2 = operands.register(right);
    operands.drop(2);
    const rd = state.result();
    builder.emit(row.mnemonic, rd, rs1, rs2);
  }
}

/** Branches to the traps of division, as far as a constant divisor does not rule them out. */
function checkDivision(
  state: FunctionState,
  { is32, canOverflow }: { readonly is32: boolean; readonly canOverflow: boolean },
  rs1: number,
  right: number,
): void {
  const { operands, builder, unit } = state;
  const isZero = operands.isConstantOf(right, 0, 0);
  const isMinusOne = operands.isConstantOf(right, -1, is32 ? 0 : -1);
  if (operands.isConstant(right) && !isZero && !isMinusOne) return;
  const equal = is32 ? 'beq32' : 'beq';
  const divisor = operands.register(right);
  if (!isMinusOne) builder.emitLanes(equal, 0, 0, divisor, 0, unit.trap('divideByZero'));
  if (!canOverflow || isZero) return;
  const done = builder.label('no overflow');
  const ones = is32 ? 0 : -1;
  if (!isMinusOne) builder.emitLanes(is32 ? 'bne32' : 'bne', -1, ones, divisor, 0, done);
  const low = is32 ? -(2 ** 31) : 0;
  const high = is32 ? 0 : -(2 ** 31);
  builder.emitLanes(equal, low, high, rs1, 0, unit.trap('integerOverflow'));
  builder.place(done);
}

export function lowerUnary(state: FunctionState, mnemonic: MnemonicWith<'unary'>): void {
  const { operands, builder } = state;
  const rs1 = operands.register(operands.height - 1);
  operands.drop();
  const rd = state.result();
  builder.emit(mnemonic, rd, rs1);
}

/** `i32.wrap_i64`: the low half, zero-extended. */
export function lowerWrap(state: FunctionState): void {
  const { operands, builder } = state;
  const top = operands.height - 1;
  if (operands.isConstant(top)) {
    const low = operands.lowOf(top);
    operands.drop();
    operands.pushConstant(low, 0);
    return;
  }
  const rs1 = operands.register(top);
  operands.drop();
  const rd = state.result();
  builder.emitLanes('add32', 0, 0, rd, rs1, 0);
}

export function lowerConstant(state: FunctionState): void {
  state.operands.pushConstant(state.first, state.second);
}
