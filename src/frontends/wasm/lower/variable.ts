/**
 * Locals, globals, `drop` and `select` (Wasm 4.4.4, 4.4.5).
 */

import { GLOBAL_WINDOW } from '../instance.ts';
import type { FunctionState } from './state.ts';

export function lowerLocalGet(state: FunctionState): void {
  const register = state.frame.locals.get(state.first)!;
  if (state.isPendingZero(register)) state.operands.pushConstant(0, 0);
  else state.operands.pushLocal(register);
}

/** `local.set` and `local.tee` of an operand that was not computed straight into the local. */
export function lowerLocalSet(state: FunctionState, options: { readonly isTee: boolean }): void {
  const { operands, frame } = state;
  const register = frame.locals.get(state.first);
  const top = operands.height - 1;
  if (register !== undefined && operands.sourceOf(top) !== register) {
    if (options.isTee) {
      // The operand stays as it is: a constant, its slot, or another local.
      state.prepareWrite(register);
      operands.emitMove(top, register);
      return;
    }
    const isConstant = operands.isConstant(top);
    const low = operands.lowOf(top);
    const high = operands.highOf(top);
    const source = operands.sourceOf(top);
    operands.drop();
    state.prepareWrite(register);
    if (isConstant) state.builder.emitLanes('move', low, high, register, 0);
    else state.builder.emit('move', register, source!);
  } else if (!options.isTee) {
    operands.drop();
  }
}

export function lowerGlobalGet(state: FunctionState): void {
  const { operands, unit, frame, builder } = state;
  const place = unit.instance.globals[state.first]!;
  if (place.kind === 'constant') {
    operands.pushConstant(place.low, place.high);
    return;
  }
  const rd = state.result();
  builder.emit('ld64', rd, frame.zeroRegister, 8 * place.cell, GLOBAL_WINDOW, outside(state));
}

export function lowerGlobalSet(state: FunctionState): void {
  const { operands, unit, frame, builder } = state;
  const place = unit.instance.globals[state.first]!;
  if (place.kind === 'constant') throw new Error('global.set: the module was not validated');
  const top = operands.height - 1;
  const isZero = operands.isConstantOf(top, 0, 0);
  const rs2 = isZero ? frame.zeroRegister : operands.register(top);
  operands.drop();
  builder.emit('st64', rs2, frame.zeroRegister, 8 * place.cell, GLOBAL_WINDOW, outside(state));
}

/** A global's cell is always inside its window; the instruction needs a target all the same. */
function outside(state: FunctionState) {
  return state.unit.trap('memoryOutOfBounds');
}

export function lowerSelect(state: FunctionState): void {
  const { operands, builder } = state;
  const start = operands.height - 3;
  const rs1 = operands.register(start);
  const rs2 = operands.register(start + 1);
  const rs3 = operands.register(start + 2);
  operands.drop(3);
  const rd = state.result();
  builder.emit('select', rd, rs1, rs2, rs3);
}
