/**
 * Calls (Wasm 4.4.8). The frame slides to the slot of the first argument, so arguments and results are where
 * both sides expect them and no instruction moves them.
 */

import { braidFunctions } from '../braid-imports.ts';
import { typeOfFunction } from '../context.ts';
import { type FunctionType, I32 } from '../value-types.ts';
import type { FunctionState } from './state.ts';

/** Puts the arguments into their slots, calls, replaces them by the results. */
function around(state: FunctionState, type: FunctionType, emit: (slide: number) => void): void {
  const { operands } = state;
  const count = type.parameters.length;
  operands.settleTop(count);
  emit(operands.slot(operands.height - count));
  operands.drop(count);
  for (let i = 0; i < type.results.length; i++) operands.pushSlot();
}

export function lowerCall(state: FunctionState): void {
  const { builder, unit } = state;
  const { context } = unit;
  const index = state.first;
  around(state, typeOfFunction(context, index), (slide) => {
    if (index < context.importedFunctions) {
      const { name } = braidFunctions[context.module.imports[index]!.name]!;
      builder.emit('callr', unit.runtime.numberOf({ kind: 'braid', name }), slide);
    } else {
      builder.emit('call', slide, unit.functionLabels[index]!);
    }
  });
}

export function lowerMemoryGrow(state: FunctionState): void {
  const { builder, unit } = state;
  around(state, GROW, (slide) => {
    builder.emit('callr', unit.runtime.numberOf({ kind: 'grow' }), slide);
  });
}

const GROW: FunctionType = { parameters: [I32], results: [I32] };

/**
 * The index table of this table and type has the function where the type fits and trap stubs elsewhere;
 * an index outside faults.
 */
export function lowerCallIndirect(state: FunctionState): void {
  const { builder, unit, operands } = state;
  const type = unit.context.module.types[state.first]!;
  const table = unit.indirectTable(state.second, state.first);
  const rs1 = operands.register(operands.height - 1);
  operands.drop();
  const undefinedElement = unit.trap('undefinedElement');
  const outside = table.size > table.length ? builder.label('outside') : undefinedElement;
  if (outside !== undefinedElement) {
    // Null elements behind the last one that a segment sets are not in the index table.
    const uninitialized = unit.trap('uninitializedElement');
    state.later(() => {
      builder.place(outside);
      builder.emitLanes('bltu', table.size | 0, 0, rs1, 0, uninitialized);
      builder.emit('jump', undefinedElement);
    });
  }
  around(state, type, (slide) => {
    if (table.length === 0) builder.emit('jump', outside);
    else builder.emit('callx', rs1, table.number, table.length, slide, outside);
  });
}
