/**
 * Several invocations of one Wasm instance. A Braid program is one invocation from instantiation on, so each
 * invocation is a program of its own: what the one before left in memory and globals is the image of the
 * next. Such a program is an ordinary one: it can be checked and proven too.
 */

import { compileModule, type WasmOptions } from '../../src/frontends/wasm/compile.ts';
import { decodeModule, type Module } from '../../src/frontends/wasm/module.ts';
import { execute } from '../../src/isa/execute.ts';
import { runInputOf } from '../../src/isa/input.ts';
import { type Outcome, outcomeOf } from '../../src/isa/outcome.ts';
import type { ImageCells, Program } from '../../src/isa/program.ts';
import { MachineState } from '../../src/isa/state.ts';

const MEMORY_SEGMENT = 3;
const GLOBAL_SEGMENT = 4;
const MEMORY_WINDOW = 3;
const GLOBAL_WINDOW = 4;
const MAX_STEPS = 50_000_000;
const MAX_MEMORY_BYTES = 2 ** 30;

/** One invocation: what was run, and how it ended. */
export interface Invocation {
  readonly program: Program;
  /** Of `instantiate` there is none. */
  readonly request?: { readonly invoke: string; readonly arguments: readonly bigint[] };
  readonly outcome: Outcome;
  readonly steps: number;
}

/** Long-lived mutable state: an instance. */
export class WasmSession {
  private next: Program;
  private readonly afterStart: Program;

  /** Throws CompileError as `compileWasm`. */
  constructor(bytes: Uint8Array, module: Module = decodeModule(bytes), options: WasmOptions = {}) {
    const { start: _, ...withoutStart } = module;
    this.next = compileModule(bytes, module, options);
    this.afterStart = compileModule(bytes, withoutStart, options);
  }

  /** Whether the instance has the exported function. */
  has(name: string): boolean {
    return this.next.exports.some((entry) => entry.name === name);
  }

  /** Instantiates and runs the start function, without an invocation: the outcome is a trap, or `invalid`. */
  instantiate(): Invocation {
    return this.run(this.next.exports.length, []);
  }

  /** Throws a RangeError for an unknown name. */
  invoke(name: string, args: readonly bigint[]): Invocation {
    const number = this.next.exports.findIndex((entry) => entry.name === name);
    if (number < 0) throw new RangeError(`name: expected an exported function, got ${name}`);
    return { ...this.run(number, args), request: { invoke: name, arguments: args } };
  }

  /** The bytes of a segment as the last invocation left them, up to the length of its window. */
  memory(segment: number): Uint8Array {
    const { windows, cells } = this.next.image;
    const length = windows.find((window) => window.segment === segment)?.byteLength ?? 0;
    const lanes = new Int32Array(length / 4);
    for (const image of cells) {
      if (image.segment !== segment) continue;
      image.cells.forEach((cell, i) => {
        lanes[2 * cell] = image.lanes[2 * i]!;
        lanes[2 * cell + 1] = image.lanes[2 * i + 1]!;
      });
    }
    return new Uint8Array(lanes.buffer);
  }

  /** One cell of a segment, unsigned. */
  cell(segment: number, number: number): bigint {
    return new DataView(this.memory(segment).buffer).getBigUint64(8 * number, true);
  }

  private run(exportNumber: number, args: readonly bigint[]): Invocation {
    const program = this.next;
    const input = runInputOf(program, { exportNumber, arguments: args });
    const state = new MachineState(program, input, MAX_MEMORY_BYTES);
    execute(state, MAX_STEPS, undefined);
    if (!state.isHalted) throw new Error(`no end after ${MAX_STEPS} steps`);
    const output = state.memory.segment(0);
    const outcome = outcomeOf(program, {
      readCell: (out, d, cell) => output.readCell(out, d, cell),
      byteLimit: 2 ** 28,
    });
    if (outcome === undefined) throw new Error('the output has no header');
    this.next = continued(this.afterStart, state);
    return { program, outcome, steps: state.steps };
  }
}

/** The program with memory and globals as the run left them. */
function continued(program: Program, { memory }: MachineState): Program {
  const lengthOf = (window: number): number => memory.windows[3 * window + 1]! >>> 0;
  const image = {
    ...program.image,
    cells: [
      cellsOf(memory, MEMORY_SEGMENT, lengthOf(MEMORY_WINDOW)),
      cellsOf(memory, GLOBAL_SEGMENT, lengthOf(GLOBAL_WINDOW)),
    ].filter(({ cells }) => cells.length > 0),
    windows: program.image.windows.map((window) => ({
      ...window,
      byteLength: lengthOf(window.window),
    })),
  };
  return { ...program, image };
}

function cellsOf(memory: MachineState['memory'], number: number, byteLength: number): ImageCells {
  const segment = memory.segment(number);
  const cells: number[] = [];
  const lanes: number[] = [];
  const pair = new Int32Array(2);
  for (let cell = 0; 8 * cell < byteLength; cell++) {
    segment.readCell(pair, 0, cell);
    if ((pair[0]! | pair[1]!) === 0) continue;
    cells.push(cell);
    lanes.push(pair[0]!, pair[1]!);
  }
  return { segment: number, cells: Int32Array.from(cells), lanes: Int32Array.from(lanes) };
}
