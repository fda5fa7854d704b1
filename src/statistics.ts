/** Where the steps of a run go: chips, functions, source opcodes. */

import type { ExecuteOptions, Execution } from './execution.ts';
import type { Program } from './isa/program.ts';
import { programTable } from './isa/program-tables.ts';
import { prepare, sizeOf, type TraceSize } from './proving.ts';
import type { Request } from './request.ts';

export interface StepCount {
  readonly name: string;
  readonly steps: number;
}

export interface Statistics {
  readonly execution: Execution;
  readonly size: TraceSize;
  /** By unit and function, most steps first. */
  readonly functions: readonly StepCount[];
  /** By opcode of the source, most steps first; `runtime` for what has no source. */
  readonly opcodes: readonly StepCount[];
}

/**
 * Runs and records the program and counts. `opcodeAt` names the source opcode at a byte offset of the
 * guest's source.
 *
 * @throws as `prove`.
 */
export function statistics(
  program: Program,
  request: Request,
  opcodeAt: (offset: number) => string,
  options: ExecuteOptions = {},
): Statistics {
  const { execution, trace } = prepare(program, request, options);
  const counts = trace.tables.find(({ chip }) => chip === programTable)!.columns[0]!;
  const functions = new Map<string, number>();
  const opcodes = new Map<string, number>();
  const bump = (map: Map<string, number>, name: string, steps: number): void => {
    map.set(name, (map.get(name) ?? 0) + steps);
  };
  for (const { unit, base } of program.units) {
    let inFunction = -1;
    for (let local = 0; local < unit.code.op.length; local++) {
      while ((unit.functions[inFunction + 1]?.start ?? Number.POSITIVE_INFINITY) <= local)
        inFunction++;
      const steps = counts[base + local]!;
      if (steps === 0) continue;
      const offset = unit.sourceMap[local]!;
      bump(functions, unit.functions[inFunction]?.name ?? unit.name, steps);
      bump(opcodes, unit.isPrivileged || offset < 0 ? 'runtime' : opcodeAt(offset), steps);
    }
  }
  return {
    execution,
    size: sizeOf(trace, 4),
    functions: sorted(functions),
    opcodes: sorted(opcodes),
  };
}

function sorted(counts: ReadonlyMap<string, number>): StepCount[] {
  return [...counts]
    .map(([name, steps]) => ({ name, steps }))
    .sort((left, right) => right.steps - left.steps);
}
