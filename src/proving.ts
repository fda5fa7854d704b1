/** Checking and proving a run of a program for a request. */

import { type ExecuteOptions, type Execution, record } from './execution.ts';
import { fillTrace, planTrace } from './isa/fill.ts';
import type { Program } from './isa/program.ts';
import { instanceOf, outputCells } from './isa/statement.ts';
import type { Recording } from './isa/trace.ts';
import type { Request } from './request.ts';
import { checkTrace, formatFailure } from './stark/air/check.ts';
import { cellsPerRow } from './stark/air/chip.ts';
import { withEngine } from './stark/engines.ts';
import { memoryOf } from './stark/memory-plan.ts';
import { type ProfileName, profiles } from './stark/parameters.ts';
import { type PhaseReport, proveOn, type ProveOptions as StarkOptions } from './stark/prover.ts';
import type { Instance, Trace, TraceTable } from './stark/system.ts';

/** Rows and cells of a trace: real ones, and those with the padding. */
export interface TraceSize {
  readonly rows: number;
  /** Real rows times committed width. */
  readonly cells: number;
  /** All rows times committed width. */
  readonly paddedCells: number;
  readonly chips: readonly ChipSize[];
}

export interface ChipSize {
  readonly name: string;
  readonly rows: number;
  readonly cells: number;
  readonly paddedCells: number;
}

export type CheckOptions = ExecuteOptions & {
  /** For attack tests: spoils the trace before it is checked. */
  readonly mutateTrace?: (tables: readonly TraceTable[]) => void;
};

export interface CheckResult {
  readonly execution: Execution;
  /** Whether every constraint holds on every row and every bus balances. */
  readonly ok: boolean;
  /** The first failures, a line each. */
  readonly failures: readonly string[];
  readonly size: TraceSize;
}

/**
 * Runs the program and checks everything a proof would prove, without cryptography.
 *
 * @throws RangeError if the request does not fit the program, or the host's limits end the run.
 */
export async function check(
  program: Program,
  request: Request,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const { execution, instance, trace } = prepare(program, request, options);
  options.mutateTrace?.(trace.tables);
  const checked = checkTrace(instance, trace);
  return {
    execution,
    ok: checked.ok,
    failures: checked.ok ? [] : checked.failures.map(formatFailure),
    size: sizeOf(trace, 4),
  };
}

export type ProveOptions = ExecuteOptions &
  Pick<StarkOptions, 'mutateTrace' | 'kernels' | 'threads'> & {
    /** `P100` if left out. A proof of profile `test` proves nothing. */
    readonly profile?: ProfileName;
    readonly onProgress?: (progress: { readonly phase: string; readonly fraction: number }) => void;
  };

/** What one part of proving took; `bytes` are those of what it made: recording, trace, then as `PhaseReport`. */
export interface Phase {
  readonly phase: 'execute' | 'fill' | PhaseReport['phase'];
  readonly seconds: number;
  readonly bytes: number;
}

export interface Proven {
  readonly execution: Execution;
  /** The proof, with its statement inside. */
  readonly proof: Uint8Array;
  readonly size: TraceSize;
  /** In the order of time. */
  readonly phases: readonly Phase[];
  /** Threads that worked. */
  readonly threads: number;
}

/**
 * Runs the program and proves how it ended: a trap or a revert is proven as well as a return.
 *
 * @throws RangeError if the request does not fit the program, the host's limits end the run, or its trace does not fit
 * into memory; the signal's reason.
 */
export async function prove(
  program: Program,
  request: Request,
  options: ProveOptions = {},
): Promise<Proven> {
  const { profile: profileName = 'P100', onProgress, signal, mutateTrace } = options;
  const profile = profiles[profileName];
  const phases: Phase[] = [];
  onProgress?.({ phase: 'execute', fraction: 0 });
  const started = performance.now();
  const { execution, instance, outputLength, ...recorded } = recordRun(program, request, options);
  let recording: Recording | undefined = recorded.recording;
  phases.push({
    phase: 'execute',
    seconds: secondsSince(started),
    bytes: recordedBytes(recording),
  });
  const plan = memoryOf(instance, profile, planTrace(recording, instance, outputLength));
  return withEngine(plan, options, async (engine) => {
    onProgress?.({ phase: 'fill', fraction: 0 });
    const filling = performance.now();
    // What is filled is extended by the other threads while this one fills the rest.
    const announce = mutateTrace === undefined ? engine.announce : undefined;
    const trace = fillTrace(recording!, instance, outputLength, engine.allocate, announce);
    // As large as the trace, and of no use any more.
    recording = undefined;
    const columns = trace.tables.flatMap((table) => table.columns);
    const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
    phases.push({ phase: 'fill', seconds: secondsSince(filling), bytes });
    const proof = await proveOn(engine, instance, trace, profile, {
      onPhase: (report) => phases.push(report),
      ...(onProgress ? { onProgress } : {}),
      ...(signal ? { signal } : {}),
      ...(mutateTrace ? { mutateTrace } : {}),
    });
    const size = sizeOf(trace, profile.field.degree);
    return { execution, proof, size, phases, threads: engine.threads };
  });
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** Runs, records and fills: all that `check` starts from. */
export function prepare(
  program: Program,
  request: Request,
  options: ExecuteOptions,
): { execution: Execution; instance: Instance; trace: Trace } {
  const { execution, recording, instance, outputLength } = recordRun(program, request, options);
  return { execution, instance, trace: fillTrace(recording, instance, outputLength) };
}

/** A run that can be proven, and what both sides know of it. */
function recordRun(program: Program, request: Request, options: ExecuteOptions) {
  const { maxSteps, maxMemoryBytes, onStep, signal } = options;
  const { execution, provable } = record(program, request, {
    ...(maxSteps === undefined ? {} : { maxSteps }),
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
    ...(onStep ? { onStep } : {}),
    ...(signal ? { signal } : {}),
  });
  if (provable === undefined) {
    throw new RangeError(
      `${execution.status} after ${execution.steps} steps: the run did not end, so it cannot be proven`,
    );
  }
  const { recording, statement } = provable;
  const instance = instanceOf(program, statement);
  const outputLength = outputCells(program, statement.outcome).length;
  return { execution, recording, instance, outputLength };
}

function recordedBytes({ events, refreshes, boundary }: Recording): number {
  const lists = [...events, refreshes.word, refreshes.wide, boundary.word, boundary.wide];
  return lists.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** Counts rows and cells, instances of a chip together. */
export function sizeOf({ tables }: Trace, extensionDegree: number): TraceSize {
  const chips = new Map<string, ChipSize>();
  for (const { chip, logRows, realRows } of tables) {
    const width = cellsPerRow(chip, extensionDegree);
    const before = chips.get(chip.name) ?? { name: chip.name, rows: 0, cells: 0, paddedCells: 0 };
    chips.set(chip.name, {
      name: chip.name,
      rows: before.rows + realRows,
      cells: before.cells + realRows * width,
      paddedCells: before.paddedCells + 2 ** logRows * width,
    });
  }
  const list = [...chips.values()];
  const sum = (pick: (chip: ChipSize) => number): number =>
    list.reduce((total, chip) => total + pick(chip), 0);
  return {
    rows: sum(({ rows }) => rows),
    cells: sum(({ cells }) => cells),
    paddedCells: sum(({ paddedCells }) => paddedCells),
    chips: list,
  };
}
