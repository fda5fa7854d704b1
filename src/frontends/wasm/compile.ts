/**
 * The entry of the WebAssembly frontend: bytes of a module in, linked program out.
 *
 * Decode, validate, refuse what is not supported, fix the instance, lower, link. The result depends on the
 * bytes and the options alone, so the verifier makes the same program for itself.
 */

import { link } from '../../isa/linker.ts';
import {
  DEFAULT_FP_LIMIT,
  type Program,
  type ValueType as ProgramType,
} from '../../isa/program.ts';
import { CompileError, type Frontend } from '../frontend.ts';
import { typeOfFunction } from './context.ts';
import {
  GLOBAL_SEGMENT,
  GLOBAL_WINDOW,
  instantiate,
  MEMORY_SEGMENT,
  MEMORY_WINDOW,
  PAGE_BYTES,
} from './instance.ts';
import { FRONTEND_NAME, FRONTEND_VERSION, lowerModule } from './lower.ts';
import { decodeModule, type Module } from './module.ts';
import { makeRuntime } from './runtime.ts';
import { RuntimeEntries } from './runtime-entries.ts';
import { checkSupport, PAGE_LIMIT } from './support.ts';
import { validateModule } from './validate.ts';
import { I32, type ValueType } from './value-types.ts';

/** Frame pointers stay below 2^28 (`spec/9-programs.md`). */
const GREATEST_FP_LIMIT = 2 ** 28;

export interface WasmOptions {
  /** Word registers of all frames together: the limit of the call depth. 1 to 2^28. */
  readonly fpLimit?: number;
  /** Pages that memory may grow to, at most 65,535, which is also the default. */
  readonly greatestPages?: number;
}

/**
 * Throws `CompileError` for a module that is malformed, invalid or needs an unsupported feature, and
 * RangeError for options out of range.
 */
export function compileWasm(source: Uint8Array, options: WasmOptions = {}): Program {
  return compileModule(source, decodeModule(source), options);
}

/** As `compileWasm`, for a module that is decoded. `source` enters the digest of the unit only. */
export function compileModule(
  source: Uint8Array,
  module: Module,
  options: WasmOptions = {},
): Program {
  const { fpLimit = DEFAULT_FP_LIMIT, greatestPages = PAGE_LIMIT } = options;
  if (!Number.isInteger(fpLimit) || fpLimit < 1 || fpLimit > GREATEST_FP_LIMIT) {
    throw new RangeError(`fpLimit: expected 1 to ${GREATEST_FP_LIMIT}, got ${fpLimit}`);
  }
  if (!Number.isInteger(greatestPages) || greatestPages < 0 || greatestPages > PAGE_LIMIT) {
    throw new RangeError(`greatestPages: expected 0 to ${PAGE_LIMIT}, got ${greatestPages}`);
  }
  const context = validateModule(module);
  checkSupport(context);
  const memory = context.memories[0];
  if (memory !== undefined && memory.limits.minimum > greatestPages) {
    const feature = `a memory of more than ${greatestPages} pages`;
    throw new CompileError('unsupported', feature, memory.offset);
  }
  const instance = instantiate(context);
  const entries = new RuntimeEntries();
  const lowered = lowerModule(source, context, instance, entries);
  const exportTypes = lowered.exports.map(({ index }) => typeOfFunction(context, index));
  const most = (counts: readonly number[]): number =>
    counts.reduce((left, right) => Math.max(left, right), 0);
  const usesAbort = entries.list.some((entry) => entry.kind === 'braid' && entry.name === 'abort');
  const argumentCells = most(exportTypes.map(({ parameters }) => parameters.length));
  const resultCells = Math.max(
    usesAbort ? 1 : 0,
    most(exportTypes.map(({ results }) => results.length)),
  );
  const runtime = makeRuntime({
    entries,
    exportTypes,
    dispatchRegister: lowered.dispatchRegister,
    hasStart: module.start !== undefined,
    instantiationTrap: instance.trap,
    argumentCells,
    resultCells,
    greatestPages: Math.min(greatestPages, memory?.limits.maximum ?? greatestPages),
  });
  const linked = link({
    vm: 'wasm',
    runtime,
    guests: [lowered.unit],
    argumentCells,
    resultCells,
    exports: lowered.exports.map(({ name }, i) => ({
      name,
      parameters: exportTypes[i]!.parameters.map(programType),
      results: exportTypes[i]!.results.map(programType),
    })),
    fpLimit,
    windows: [
      {
        window: MEMORY_WINDOW,
        segment: MEMORY_SEGMENT,
        byteLength: (memory?.limits.minimum ?? 0) * PAGE_BYTES,
        isWritable: true,
      },
      {
        window: GLOBAL_WINDOW,
        segment: GLOBAL_SEGMENT,
        byteLength: 8 * instance.globalCells,
        isWritable: true,
      },
    ],
    cells: instance.cells,
  });
  if (linked.ok) return linked.value;
  const { code, message, pc } = linked.error;
  if (code === 'too-long') throw new CompileError('unsupported', message, 0);
  throw new Error(`lowering made a unit that the linker refuses at pc ${pc}: ${message}`);
}

function programType(type: ValueType): ProgramType {
  return type === I32 ? 'i32' : 'i64';
}

export const wasmFrontend: Frontend<WasmOptions> = {
  name: FRONTEND_NAME,
  version: FRONTEND_VERSION,
  compile: compileWasm,
};
