/**
 * The privileged runtime unit of a Wasm program, made with the builder for the module at hand.
 *
 * It begins the run (start function, then the export whose number the public input names, with its
 * arguments), ends it (results and header into the output), and holds the entries that the guest
 * reaches: traps, `memory.grow` and the functions of the module `braid`. `spec/3-lowering-wasm.md`.
 */

import { type Label, UnitBuilder } from '../../isa/builder.ts';
import { OUTPUT_HEADER_CELLS, PUBLIC_HEADER_CELLS, type Unit } from '../../isa/program.ts';
import { statuses, type WasmTrap, wasmTraps } from '../../isa/status.ts';
import { MEMORY_SEGMENT, MEMORY_WINDOW } from './instance.ts';
import { FRONTEND_VERSION, INVOKE } from './lower.ts';
import type { RuntimeEntries, RuntimeEntry } from './runtime-entries.ts';
import {
  emitInputSize,
  emitPrivateInputSize,
  emitReadInput,
  emitWriteOutput,
  type RuntimeState,
} from './runtime-io.ts';
import { type FunctionType, I32 } from './value-types.ts';

export interface RuntimeOptions {
  readonly entries: RuntimeEntries;
  /** Types of the exported functions, by export number. */
  readonly exportTypes: readonly FunctionType[];
  readonly dispatchRegister: number;
  readonly hasStart: boolean;
  /** Instantiation ends with this trap. */
  readonly instantiationTrap: WasmTrap | undefined;
  readonly argumentCells: number;
  readonly resultCells: number;
  /** `memory.grow` past it returns -1. */
  readonly greatestPages: number;
}

const OUTPUT = 0;
const PUBLIC = 1;
const PRIVATE = 2;
const CELL = 8;
/** Cells of the output header. */
const STATUS = 0;
const REASON = 1;
const GAS_LEFT = 2;
const OUTPUT_LENGTH = 3;
const RESULT_COUNT = 4;
/** Cells of the public input's header. */
const EXPORT = 0;
const ARGUMENT_COUNT = 2;

/** Registers of the entry stub; the called frame slides behind them. */
const ZERO = 0;
const FIRST = 1;
const SECOND = 2;
const SLIDE = 4;

export function makeRuntime(options: RuntimeOptions): Unit {
  const builder = new UnitBuilder({
    name: 'wasm runtime',
    frontend: 'wasm runtime',
    frontendVersion: FRONTEND_VERSION,
    isPrivileged: true,
  });
  const state: RuntimeState = {
    builder,
    invalid: builder.label('invalid'),
    memoryOutOfBounds: builder.label('memory out of bounds'),
    publicBytesStart: CELL * (PUBLIC_HEADER_CELLS + options.argumentCells),
    privateBytesStart: CELL,
    outputBytesStart: CELL * (OUTPUT_HEADER_CELLS + options.resultCells),
    outputLength: CELL * OUTPUT_LENGTH,
    publicLength: CELL * 3,
  };
  const ends = emitInvalid(state, options);
  emitStart(state, options, ends);
  options.entries.list.forEach((entry, number) => {
    builder.function(nameOf(entry));
    builder.runtimeEntry(number, builder.here());
    emitEntry(state, entry, options, ends);
  });
  if (!builder.isPlaced(state.memoryOutOfBounds)) {
    builder.place(state.memoryOutOfBounds);
    emitTrap(builder, 'memoryOutOfBounds', ends);
  }
  return builder.finish();
}

/** Where a run ends: with the status in `FIRST` and the reason in `SECOND`. */
interface Ends {
  /** Sets all results to zero, their count too. */
  readonly withoutResults: Label;
  /** Results and their count stand. */
  readonly withResults: Label;
}

/** The stub at pc 0, and behind it the common ends of all runs. Every header cell is written, always. */
function emitInvalid(state: RuntimeState, { resultCells }: RuntimeOptions): Ends {
  const { builder, invalid } = state;
  const store = (register: number, cell: number): void => {
    builder.emit('st64', register, ZERO, CELL * cell, OUTPUT, invalid);
  };
  builder.function('ends');
  builder.place(invalid);
  builder.entry('invalid', invalid);
  builder.emit('move', FIRST, BigInt(statuses.invalid));
  builder.emit('move', SECOND, 0n);
  const withoutResults = builder.here('without results');
  builder.emit('move', ZERO, 0n);
  for (let i = 0; i < resultCells; i++) store(ZERO, OUTPUT_HEADER_CELLS + i);
  store(ZERO, RESULT_COUNT);
  const withResults = builder.here('with results');
  builder.emit('move', ZERO, 0n);
  store(FIRST, STATUS);
  store(SECOND, REASON);
  store(ZERO, GAS_LEFT);
  builder.emit('halt');
  return { withoutResults, withResults };
}

function emitStart(state: RuntimeState, options: RuntimeOptions, ends: Ends): void {
  const { builder, invalid } = state;
  const { exportTypes, dispatchRegister, hasStart, instantiationTrap } = options;
  builder.function('start');
  builder.entry('start', builder.here('start'));
  builder.emit('move', ZERO, 0n);
  builder.emit('st64', ZERO, ZERO, CELL * OUTPUT_LENGTH, OUTPUT, invalid);
  if (instantiationTrap !== undefined) {
    emitTrap(builder, instantiationTrap, ends);
    return;
  }
  const invoke = builder.guestTable(0, [INVOKE]);
  const call = (): void => builder.emit('callx', ZERO, invoke, 1, SLIDE, invalid);
  if (hasStart) {
    builder.emit('move', SLIDE + dispatchRegister, BigInt(exportTypes.length));
    call();
  }
  builder.emit('ld64', FIRST, ZERO, CELL * EXPORT, PUBLIC, invalid);
  if (exportTypes.length === 0) {
    builder.emit('jump', invalid);
    return;
  }
  // One stub for each type, so that the code does not grow with exports times parameters.
  const stubs = new Map<string, { readonly label: Label; readonly type: FunctionType }>();
  const labels = exportTypes.map((type) => {
    const key = `${type.parameters.join()}>${type.results.join()}`;
    const known = stubs.get(key);
    if (known !== undefined) return known.label;
    const label = builder.label(key);
    stubs.set(key, { label, type });
    return label;
  });
  builder.emit('jumpx', FIRST, builder.table(labels), labels.length, invalid);
  for (const { label, type } of stubs.values()) {
    builder.place(label);
    emitStub(state, type, options, call, ends);
  }
}

/** Arguments from the public input, the call, results into the output. */
function emitStub(
  { builder, invalid }: RuntimeState,
  { parameters, results }: FunctionType,
  { dispatchRegister, resultCells }: RuntimeOptions,
  call: () => void,
  ends: Ends,
): void {
  builder.emit('ld64', SECOND, ZERO, CELL * ARGUMENT_COUNT, PUBLIC, invalid);
  builder.emit('bne', SECOND, BigInt(parameters.length), invalid);
  parameters.forEach((type, i) => {
    const register = SLIDE + i;
    builder.emit('ld64', register, ZERO, CELL * (PUBLIC_HEADER_CELLS + i), PUBLIC, invalid);
    if (type === I32) builder.emit('bgeu', register, 2n ** 32n, invalid);
  });
  builder.emit('move', SLIDE + dispatchRegister, FIRST);
  call();
  for (let i = 0; i < resultCells; i++) {
    const register = i < results.length ? SLIDE + i : ZERO;
    builder.emit('st64', register, ZERO, CELL * (OUTPUT_HEADER_CELLS + i), OUTPUT, invalid);
  }
  builder.emit('move', SECOND, BigInt(results.length));
  builder.emit('st64', SECOND, ZERO, CELL * RESULT_COUNT, OUTPUT, invalid);
  builder.emit('move', FIRST, BigInt(statuses.returned));
  builder.emit('move', SECOND, 0n);
  builder.emit('jump', ends.withResults);
}

function emitTrap(builder: UnitBuilder, trap: WasmTrap, ends: Ends): void {
  builder.emit('move', FIRST, BigInt(statuses.trapped));
  builder.emit('move', SECOND, BigInt(wasmTraps[trap].code));
  builder.emit('jump', ends.withoutResults);
}

function nameOf(entry: RuntimeEntry): string {
  if (entry.kind === 'trap') return `trap: ${entry.trap}`;
  return entry.kind === 'grow' ? 'memory.grow' : entry.name;
}

function emitEntry(
  state: RuntimeState,
  entry: RuntimeEntry,
  options: RuntimeOptions,
  ends: Ends,
): void {
  const { builder } = state;
  if (entry.kind === 'trap') {
    if (entry.trap === 'memoryOutOfBounds') builder.place(state.memoryOutOfBounds);
    emitTrap(builder, entry.trap, ends);
    return;
  }
  if (entry.kind === 'grow') {
    emitGrow(state, options.greatestPages);
    return;
  }
  switch (entry.name) {
    case 'input_size':
      emitInputSize(state, PUBLIC);
      break;
    case 'private_input_size':
      emitPrivateInputSize(state, PRIVATE);
      break;
    case 'read_input':
      emitReadInput(state, PUBLIC);
      break;
    case 'read_private_input':
      emitReadInput(state, PRIVATE);
      break;
    case 'write_output':
      emitWriteOutput(state, OUTPUT);
      break;
    case 'abort':
      emitAbort(state, options, ends);
      break;
  }
}

/** The pages to add are in r0; so is the result: the pages before, or -1. */
function emitGrow({ builder, invalid }: RuntimeState, greatestPages: number): void {
  const [delta, before, after, segment] = [0, 1, 2, 3];
  const refused = builder.label('refused');
  builder.emit('getm', before, MEMORY_WINDOW);
  builder.emit('srl', before, before, 16n);
  builder.emit('add', after, before, delta);
  builder.emit('bgeu', after, BigInt(greatestPages + 1), refused);
  builder.emit('sll', after, after, 16n);
  builder.emit('move', segment, BigInt(MEMORY_SEGMENT));
  builder.emit('setm', MEMORY_WINDOW, segment, after, 1, invalid);
  builder.emit('move', delta, before);
  builder.emit('return');
  builder.place(refused);
  builder.emit('move', delta, 2n ** 32n - 1n);
  builder.emit('return');
}

/** The code in r0 becomes the only result. */
function emitAbort(
  { builder, invalid }: RuntimeState,
  { resultCells }: RuntimeOptions,
  ends: Ends,
): void {
  const code = 3;
  builder.emit('move', code, 0);
  builder.emit('move', ZERO, 0n);
  builder.emit('st64', code, ZERO, CELL * OUTPUT_HEADER_CELLS, OUTPUT, invalid);
  for (let i = 1; i < resultCells; i++) {
    builder.emit('st64', ZERO, ZERO, CELL * (OUTPUT_HEADER_CELLS + i), OUTPUT, invalid);
  }
  builder.emit('move', FIRST, 1n);
  builder.emit('st64', FIRST, ZERO, CELL * RESULT_COUNT, OUTPUT, invalid);
  builder.emit('move', FIRST, BigInt(statuses.trapped));
  builder.emit('move', SECOND, BigInt(wasmTraps.abort.code));
  builder.emit('jump', ends.withResults);
}
