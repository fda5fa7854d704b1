/**
 * Loads, stores and the size of memory (Wasm 4.4.7). An access outside the window is a fault, whose target is
 * the trap: no check is emitted.
 */

import type { MnemonicWith } from '../../../isa/builder.ts';
import { MEMORY_WINDOW } from '../instance.ts';
import { opcodeOf } from '../opcodes.ts';
import type { FunctionState } from './state.ts';

const loads: Readonly<Record<string, MnemonicWith<'load'>>> = {
  'i32.load': 'ld32u',
  'i32.load8_s': 'ld8s32',
  'i32.load8_u': 'ld8u',
  'i32.load16_s': 'ld16s32',
  'i32.load16_u': 'ld16u',
  'i64.load': 'ld64',
  'i64.load8_s': 'ld8s',
  'i64.load8_u': 'ld8u',
  'i64.load16_s': 'ld16s',
  'i64.load16_u': 'ld16u',
  'i64.load32_s': 'ld32s',
  'i64.load32_u': 'ld32u',
};
const stores: Readonly<Record<string, MnemonicWith<'store'>>> = {
  'i32.store': 'st32',
  'i32.store8': 'st8',
  'i32.store16': 'st16',
  'i64.store': 'st64',
  'i64.store8': 'st8',
  'i64.store16': 'st16',
  'i64.store32': 'st32',
};

const byOpcode = <T>(rows: Readonly<Record<string, T>>): ReadonlyMap<number, T> =>
  new Map(Object.entries(rows).map(([name, row]) => [opcodeOf(name), row]));

export const loadRows = byOpcode(loads);
export const storeRows = byOpcode(stores);

/** Base register and offset of the address at a position of the stack. */
function addressOf(
  { operands, frame }: FunctionState,
  position: number,
  offset: number,
): { base: number; offset: number } {
  if (operands.isConstant(position) && frame.zeroRegister >= 0) {
    const sum = (operands.lowOf(position) >>> 0) + offset;
    if (sum < 2 ** 32) return { base: frame.zeroRegister, offset: sum };
  }
  return { base: operands.register(position), offset };
}

export function lowerLoad(state: FunctionState, mnemonic: MnemonicWith<'load'>): void {
  const { operands, builder, unit } = state;
  const address = addressOf(state, operands.height - 1, state.second);
  operands.drop();
  const rd = state.result();
  const trap = unit.trap('memoryOutOfBounds');
  builder.emit(mnemonic, rd, address.base, address.offset, MEMORY_WINDOW, trap);
}

export function lowerStore(state: FunctionState, mnemonic: MnemonicWith<'store'>): void {
  const { operands, builder, unit, frame } = state;
  const { base, offset } = addressOf(state, operands.height - 2, state.second);
  const value = operands.height - 1;
  const isZero = operands.isConstantOf(value, 0, 0) && frame.zeroRegister >= 0;
  const rs2 = isZero ? frame.zeroRegister : operands.register(value);
  operands.drop(2);
  builder.emit(mnemonic, rs2, base, offset, MEMORY_WINDOW, unit.trap('memoryOutOfBounds'));
}

/** In pages: the window's length is a whole number of them. */
export function lowerMemorySize(state: FunctionState): void {
  const rd = state.result();
  state.builder.emit('getm', rd, MEMORY_WINDOW);
  state.builder.emitLanes('srl', 16, 0, rd, rd, 0);
}
