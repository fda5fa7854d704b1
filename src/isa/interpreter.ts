/**
 * Runs programs: from a program and its input to the output segment, and to a recording for the prover.
 *
 * A run that comes to `halt` has an outcome, whatever the guest did. A run that the host's limits end has
 * none: nothing of it can be proven, and its status says so.
 */

import { CLOCK_LIMIT, segments } from '../memory/address-space.ts';
import { MemoryLimitError } from '../memory/memory.ts';
import { execute } from './execute.ts';
import type { Program } from './program.ts';
import { Recorder } from './recorder.ts';
import { MachineState, type RunInput } from './state.ts';
import type { Recording } from './trace.ts';

export type { RunInput };

export interface RunOptions {
  /** The host's limit on instructions; by default 2^32. */
  readonly maxSteps?: number;
  /** The host's limit on the memory of the run, its recording included; by default 2 GiB. */
  readonly maxMemoryBytes?: number;
  /** Make a recording. */
  readonly trace?: boolean;
  /** Called before each instruction; slow. The state is to be looked at only. */
  readonly onStep?: (state: MachineState) => void;
  /** Looked at every 2^20 instructions, and before each with `onStep`; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * `clock-limit`: a traced run whose clock would pass 2^29, the most one proof can hold.
 * All but `halted` are the host's doing and say nothing about the guest.
 */
export type RunStatus = 'halted' | 'step-limit' | 'memory-limit' | 'clock-limit';

/** Reads the output segment as the run left it. */
export interface OutputReader {
  /** Writes the two lanes of the cell. `cell` below 2^29. */
  readCell(out: Int32Array, d: number, cell: number): void;
  /** Bytes that the output window holds at most. */
  readonly byteLimit: number;
}

export interface RunResult {
  readonly status: RunStatus;
  /** Instructions executed, `halt` included. */
  readonly steps: number;
  /** The clock at `halt`, or where the run was ended. */
  readonly clkEnd: number;
  readonly output: OutputReader;
  /** Of traced runs that halted. */
  readonly recording?: Recording;
}

/** Between two looks at the signal. */
const CHUNK_STEPS = 2 ** 20;
/** Traced runs look at the clock this often; no instruction advances it by more than 16. */
const TRACED_CHUNK_STEPS = 2 ** 12;

/**
 * Runs the program to its end or to the host's limit. Throws a TypeError for an input of the wrong shape,
 * the signal's reason, and a RangeError for a program that no linker would have made.
 */
export function run(program: Program, input: RunInput, options: RunOptions = {}): RunResult {
  const { maxSteps = 2 ** 32, maxMemoryBytes = 2 ** 31, trace = false, onStep, signal } = options;
  if (input.gas.length !== 2) {
    throw new TypeError(`gas: expected two lanes, got ${input.gas.length}`);
  }
  for (const lanes of [input.publicInput, input.privateInput]) {
    if (lanes.length % 2 !== 0) {
      throw new TypeError(`input: expected two lanes for each cell, got ${lanes.length} lanes`);
    }
  }
  let state: MachineState | undefined;
  try {
    state = new MachineState(program, input, maxMemoryBytes);
    const recorder = trace ? new Recorder(state) : undefined;
    while (!state.isHalted) {
      signal?.throwIfAborted();
      let chunk = trace ? TRACED_CHUNK_STEPS : CHUNK_STEPS;
      if (onStep !== undefined) {
        onStep(state);
        chunk = 1;
      }
      chunk = Math.min(chunk, maxSteps - state.steps);
      if (chunk <= 0) return ended('step-limit', state, program);
      if (trace && state.clk + 16 * chunk >= CLOCK_LIMIT) {
        chunk = Math.floor((CLOCK_LIMIT - state.clk) / 16) - 1;
        if (chunk <= 0) return ended('clock-limit', state, program);
      }
      execute(state, chunk, recorder);
    }
    const result = ended('halted', state, program);
    return recorder === undefined
      ? result
      : { ...result, recording: recorder.finish(state, input) };
  } catch (error) {
    if (error instanceof MemoryLimitError) return ended('memory-limit', state, program);
    throw error;
  }
}

function ended(status: RunStatus, state: MachineState | undefined, program: Program): RunResult {
  const output = state?.memory.segment(segments.output);
  const window = program.image.windows.find(({ segment }) => segment === segments.output);
  return {
    status,
    steps: state?.steps ?? 0,
    clkEnd: state?.clk ?? 1,
    output: {
      readCell(out, d, cell) {
        if (output === undefined) out.fill(0, d, d + 2);
        else output.readCell(out, d, cell);
      },
      byteLimit: window?.byteLength ?? 0,
    },
  };
}
