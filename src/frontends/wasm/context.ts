/**
 * The index spaces of a module: imports first, then what the module defines (Wasm 2.5).
 */

import type { GlobalType, MemoryType, Module, TableType } from './module.ts';
import type { FunctionType } from './value-types.ts';

export interface Context {
  readonly module: Module;
  /** Type index of each function. */
  readonly functionTypes: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly GlobalType[];
  /** How many of each space are imported. */
  readonly importedFunctions: number;
  readonly importedGlobals: number;
}

export function contextOf(module: Module): Context {
  const functionTypes: number[] = [];
  const tables: TableType[] = [];
  const memories: MemoryType[] = [];
  const globals: GlobalType[] = [];
  for (const item of module.imports) {
    if (item.kind === 'function') functionTypes.push(item.typeIndex);
    else if (item.kind === 'table') tables.push(item.table);
    else if (item.kind === 'memory') memories.push(item.memory);
    else globals.push(item.global);
  }
  const importedFunctions = functionTypes.length;
  const importedGlobals = globals.length;
  for (const { typeIndex } of module.functions) functionTypes.push(typeIndex);
  for (const table of module.tables) tables.push(table);
  for (const memory of module.memories) memories.push(memory);
  for (const global of module.globals) globals.push(global);
  return { module, functionTypes, tables, memories, globals, importedFunctions, importedGlobals };
}

/** The type of a function; of a valid module only. */
export function typeOfFunction(context: Context, index: number): FunctionType {
  return context.module.types[context.functionTypes[index]!]!;
}
