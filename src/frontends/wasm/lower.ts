/**
 * The guest unit of a module: its functions, index tables, trap stubs and the dispatcher of its exports.
 *
 * Deterministic and linear: one walk over each body, one entry for each table element and type that is
 * called through it.
 */

import { type Label, UnitBuilder } from '../../isa/builder.ts';
import { digestOfSource } from '../../isa/digests.ts';
import type { Unit } from '../../isa/program.ts';
import type { WasmTrap } from '../../isa/status.ts';
import { CompileError } from '../frontend.ts';
import { braidFunctions } from './braid-imports.ts';
import { type Context, typeOfFunction } from './context.ts';
import { GLOBAL_WINDOW, type Instance, MEMORY_WINDOW, TABLE_ENTRY_LIMIT } from './instance.ts';
import { lowerFunction } from './lower/function.ts';
import type { IndirectTable, UnitState } from './lower/state.ts';
import type { Export } from './module.ts';
import type { RuntimeEntries } from './runtime-entries.ts';
import type { FunctionType } from './value-types.ts';

export const FRONTEND_NAME = 'wasm';
/** Grows with every change of the lowered code. */
export const FRONTEND_VERSION = 1;

/** The entry point of the guest: jumps to the function whose number stands in `dispatchRegister`. */
export const INVOKE = 'invoke';

export interface LoweredModule {
  readonly unit: Unit;
  /** Exported functions, in the order of the export section: what the export number counts. */
  readonly exports: readonly Export[];
  /** Behind the parameters of every export, so that it is in nobody's way. */
  readonly dispatchRegister: number;
}

/** Runtime entries that the code uses are added to `runtime`. */
export function lowerModule(
  source: Uint8Array,
  context: Context,
  instance: Instance,
  runtime: RuntimeEntries,
): LoweredModule {
  const { module } = context;
  const builder = new UnitBuilder({
    name: 'module',
    frontend: FRONTEND_NAME,
    frontendVersion: FRONTEND_VERSION,
    sourceDigest: digestOfSource(FRONTEND_NAME, source),
    allowedWindows: [MEMORY_WINDOW, GLOBAL_WINDOW],
  });
  const functionLabels = context.functionTypes.map((_, index) =>
    builder.label(`function ${index}`),
  );
  const traps = new Map<WasmTrap, Label>();
  const trap = (reason: WasmTrap): Label => {
    const known = traps.get(reason);
    if (known !== undefined) return known;
    const label = builder.label(reason);
    traps.set(reason, label);
    return label;
  };
  const indirectTable = indirectTables(builder, context, instance, functionLabels, trap);
  const unit: UnitState = {
    builder,
    context,
    instance,
    runtime,
    functionLabels,
    trap,
    indirectTable,
  };
  const exports = module.exports.filter(({ kind }) => kind === 'function');
  const dispatchRegister = exports.reduce(
    (most, { index }) => Math.max(most, typeOfFunction(context, index).parameters.length),
    0,
  );
  emitDispatcher(unit, exports, dispatchRegister);
  const names = functionNames(context);
  module.functions.forEach((body, i) => {
    const index = context.importedFunctions + i;
    builder.function(names.get(index) ?? `function ${index}`);
    lowerFunction(unit, index, body);
  });
  builder.function('stubs');
  builder.at(-1);
  emitStubs(unit, traps);
  return { unit: builder.finish(), exports, dispatchRegister };
}

/** Exports and, behind them, the start function. */
function emitDispatcher(unit: UnitState, exports: readonly Export[], register: number): void {
  const { builder, context, functionLabels } = unit;
  const labels = exports.map(({ index }) => functionLabels[index]!);
  if (context.module.start !== undefined) labels.push(functionLabels[context.module.start.index]!);
  builder.function(INVOKE);
  builder.entry(INVOKE, builder.here(INVOKE));
  const none = unit.trap('unreachable');
  if (labels.length === 0) builder.emit('jump', none);
  else builder.emit('jumpx', register, builder.table(labels), labels.length, none);
}

/** Imported functions, for tables and exports, then the traps that were asked for. */
function emitStubs(unit: UnitState, traps: ReadonlyMap<WasmTrap, Label>): void {
  const { builder, context, runtime, functionLabels } = unit;
  for (let index = 0; index < context.importedFunctions; index++) {
    const { name } = braidFunctions[context.module.imports[index]!.name]!;
    builder.place(functionLabels[index]!);
    builder.emit('jumpr', runtime.numberOf({ kind: 'braid', name }));
  }
  for (const [reason, label] of traps) {
    builder.place(label);
    builder.emit('jumpr', runtime.numberOf({ kind: 'trap', trap: reason }));
  }
}

function functionNames({ module }: Context): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { kind, index, name } of module.exports)
    if (kind === 'function') names.set(index, name);
  for (const [index, name] of module.functionNames) names.set(index, name);
  return names;
}

/** Makes index tables on demand, one for each table and type (types are equal by structure). */
function indirectTables(
  builder: UnitBuilder,
  context: Context,
  { tables }: Instance,
  functionLabels: readonly Label[],
  trap: UnitState['trap'],
): UnitState['indirectTable'] {
  const keys = context.module.types.map(typeKey);
  const made = new Map<string, IndirectTable>();
  let entries = 0;
  return (table, typeIndex) => {
    const key = `${table} ${keys[typeIndex]!}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const { functions, size } = tables[table]!;
    entries += functions.length;
    if (entries > TABLE_ENTRY_LIMIT) {
      throw new CompileError(
        'unsupported',
        `more than ${TABLE_ENTRY_LIMIT} table elements, counted for each type called`,
        context.tables[table]!.offset,
      );
    }
    const labels = functions.map((index) => {
      if (index < 0) return trap('uninitializedElement');
      const isFitting = keys[context.functionTypes[index]!] === keys[typeIndex];
      return isFitting ? functionLabels[index]! : trap('callTypeMismatch');
    });
    const number = labels.length > 0 ? builder.table(labels) : -1;
    const result = { number, length: labels.length, size };
    made.set(key, result);
    return result;
  };
}

function typeKey({ parameters, results }: FunctionType): string {
  return `${parameters.join(' ')} > ${results.join(' ')}`;
}
