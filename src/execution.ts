/** Running a program for a request, without and with a recording for the prover. */

import { programDigest } from './isa/digests.ts';
import { privateInputCells } from './isa/input.ts';
import { run } from './isa/interpreter.ts';
import { outcomeOf } from './isa/outcome.ts';
import type { Program } from './isa/program.ts';
import type { MachineState } from './isa/state.ts';
import { type Call, type Statement, statementInput } from './isa/statement.ts';
import type { Recording } from './isa/trace.ts';
import { callOf, type Request, type Result, resultOf } from './request.ts';

export interface ExecuteOptions {
  /** The host's limit on instructions. */
  readonly maxSteps?: number;
  /** The host's limit on memory, in bytes; 2 GiB if left out. */
  readonly maxMemoryBytes?: number;
  /** Called before every instruction with the state of the machine, which it must not change. */
  readonly onStep?: (state: MachineState) => void;
  readonly signal?: AbortSignal;
}

export interface Execution extends Result {
  /** Instructions executed. */
  readonly steps: number;
}

/**
 * Runs the program. Whatever the guest does is a status; the host's limits are two of their own.
 *
 * @throws RangeError if the request does not fit the program; the signal's reason.
 */
export function execute(
  program: Program,
  request: Request,
  options: ExecuteOptions = {},
): Execution {
  return observe(program, request, options, false).execution;
}

/** A run with what is needed to prove it, if it can be proven. */
export interface RecordedRun {
  readonly execution: Execution;
  readonly provable?: { readonly recording: Recording; readonly statement: Statement };
}

/** Runs and records. */
export function record(
  program: Program,
  request: Request,
  options: ExecuteOptions = {},
): RecordedRun {
  return observe(program, request, options, true);
}

function observe(
  program: Program,
  request: Request,
  options: ExecuteOptions,
  trace: boolean,
): RecordedRun {
  const call = callOf(program, request);
  const input = {
    ...statementInput(program, call),
    privateInput: privateInputCells(request.privateInput ?? new Uint8Array(0)),
  };
  const ran = run(program, input, { ...options, trace });
  if (ran.status !== 'halted') return { execution: cutShort(ran.status, call, ran.steps) };
  const outcome = outcomeOf(program, ran.output);
  if (outcome === undefined)
    throw new RangeError('program: halted without an outcome in its output');
  const execution = { ...resultOf(call, outcome), steps: ran.steps };
  if (ran.recording === undefined) return { execution };
  const statement: Statement = {
    programDigest: programDigest(program),
    call,
    outcome,
    clkEnd: ran.clkEnd,
  };
  return { execution, provable: { recording: ran.recording, statement } };
}

function cutShort(
  status: 'step-limit' | 'memory-limit' | 'clock-limit',
  call: Call,
  steps: number,
): Execution {
  return {
    // A clock past its limit is a run too long to prove in one piece.
    status: status === 'clock-limit' ? 'step-limit' : status,
    results: [],
    output: new Uint8Array(0),
    gasUsed: call.gasLimit,
    steps,
  };
}
