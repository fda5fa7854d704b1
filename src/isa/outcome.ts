/**
 * The outcome of a run, read from the header of its output segment.
 *
 * Cells: status, reason, gas left, byte length of the output, number of results; then `resultCells` cells,
 * fixed for a program; then the output's bytes (spec/9-programs.md). A program may write anything
 * there, so what is no outcome is told apart from every outcome.
 */

import type { OutputReader } from './interpreter.ts';
import { OUTPUT_HEADER_CELLS, type Program } from './program.ts';
import { reasonText, type StatusName, type StatusText, statusOf, statusText } from './status.ts';

export interface Outcome {
  readonly status: StatusName;
  /** As people see it: `out-of-gas`. */
  readonly statusText: StatusText;
  readonly reason: number;
  /** The words for the reason; empty where the status has none. */
  readonly reasonText: string;
  readonly gasLeft: bigint;
  /** Words, unsigned. */
  readonly results: readonly bigint[];
  readonly output: Uint8Array;
}

/**
 * The outcome that stands in the output of a halted run. Undefined where the header is none: no known
 * status, a reason of 2^32 or more, more results than the program has cells for, or more output than its
 * window holds.
 */
export function outcomeOf(
  program: Pick<Program, 'vm' | 'resultCells'>,
  reader: OutputReader,
): Outcome | undefined {
  const lanes = new Int32Array(2);
  const word = (cell: number): bigint => {
    reader.readCell(lanes, 0, cell);
    return BigInt(lanes[0] >>> 0) | (BigInt(lanes[1] >>> 0) << 32n);
  };
  const code = word(0);
  const reason = word(1);
  const byteLength = word(3);
  const count = word(4);
  const status = code < 256n ? statusOf(Number(code)) : undefined;
  const head = OUTPUT_HEADER_CELLS + program.resultCells;
  if (status === undefined || reason >= 2n ** 32n) return undefined;
  if (count > BigInt(program.resultCells)) return undefined;
  if (byteLength > 0n && 8n * BigInt(head) + byteLength > BigInt(reader.byteLimit))
    return undefined;
  const output = new Uint8Array(Number(byteLength));
  for (let i = 0; i < output.length; i++) {
    if (i % 8 === 0) reader.readCell(lanes, 0, head + i / 8);
    output[i] = lanes[(i >>> 2) & 1] >>> ((i & 3) << 3);
  }
  return makeOutcome(program, status, {
    reason: Number(reason),
    gasLeft: word(2),
    results: Array.from({ length: Number(count) }, (_, i) => word(OUTPUT_HEADER_CELLS + i)),
    output,
  });
}

/** An outcome with its words. */
export function makeOutcome(
  { vm }: Pick<Program, 'vm'>,
  status: StatusName,
  header: Pick<Outcome, 'reason' | 'gasLeft' | 'results' | 'output'>,
): Outcome {
  return {
    status,
    statusText: statusText(status),
    reasonText: reasonText(vm, status, header.reason),
    ...header,
  };
}
