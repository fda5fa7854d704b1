/** The commands that run a program: run, check, prove, stats; and disasm. Each returns its exit status. */

import { access, constants, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Execution, execute } from '../execution.ts';
import { instructionText } from '../isa/disassembler.ts';
import type { Program } from '../isa/program.ts';
import { check, prove, type TraceSize } from '../proving.ts';
import { statistics } from '../statistics.ts';
import {
  type CallOptions,
  jsonNumber,
  Misuse,
  parseMaxSteps,
  parseThreads,
  readRequest,
  readSource,
  toHex,
} from './options.ts';
import { startProgress } from './progress.ts';

/** Of `run` and `check`: the guest must have returned. */
function statusOfRun({ status }: Execution): number {
  return status === 'returned' ? 0 : 1;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printJson(value: object): void {
  print(JSON.stringify(value));
}

/** The execution as JSON has it: numbers of 64 bits as decimal strings, bytes as hex. */
function describeRun(execution: Execution): Record<string, unknown> {
  const { status, reason, results, output, gasUsed, steps } = execution;
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    results: results.map(String),
    output: toHex(output),
    gasUsed: jsonNumber(gasUsed),
    steps,
  };
}

function runLines(execution: Execution, program: Program): string[] {
  const { status, reason, results, output, gasUsed, steps } = execution;
  return [
    `status    ${status}${reason === undefined ? '' : ` (${reason})`}`,
    ...(results.length > 0 ? [`results   ${results.join(' ')}`] : []),
    ...(output.length > 0 ? [`output    ${toHex(output)}`] : []),
    ...(program.vm === 'evm' ? [`gas used  ${gasUsed}`] : []),
    `steps     ${steps}`,
  ];
}

export async function runCommand(file: string, options: CallOptions): Promise<number> {
  const { program } = await readSource(file, options.vm);
  const execution = execute(program, await readRequest(options), parseMaxSteps(options.maxSteps));
  if (options.json) printJson(describeRun(execution));
  else print(runLines(execution, program).join('\n'));
  return statusOfRun(execution);
}

export async function checkCommand(file: string, options: CallOptions): Promise<number> {
  const { program } = await readSource(file, options.vm);
  const request = await readRequest(options);
  const limits = parseMaxSteps(options.maxSteps);
  const cut = endedByHost(execute(program, request, limits), options, program);
  if (cut !== undefined) return cut;
  const { execution, ok, failures, size } = await check(program, request, limits);
  if (options.json) printJson({ ok, ...describeRun(execution), ...sizeFields(size), failures });
  else {
    print(
      [
        ...runLines(execution, program),
        `rows      ${size.rows}`,
        `cells     ${size.cells} (${size.paddedCells} with padding)`,
        ok ? 'all constraints hold, all buses balance' : 'NOT SATISFIED',
        ...failures,
      ].join('\n'),
    );
  }
  return ok ? statusOfRun(execution) : 1;
}

/** Prints a run that the host's limits ended, which cannot be proven; its exit status, if it is one. */
function endedByHost(
  execution: Execution,
  options: CallOptions,
  program: Program,
): number | undefined {
  if (execution.status !== 'step-limit' && execution.status !== 'memory-limit') return undefined;
  if (options.json) printJson(describeRun(execution));
  else print(runLines(execution, program).join('\n'));
  process.stderr.write(`braid: ${execution.status}: the run did not end, so it cannot be proven\n`);
  return 1;
}

function sizeFields({ rows, cells, paddedCells }: TraceSize): Record<string, number> {
  return { rows, cells, paddedCells };
}

export async function proveCommand(
  file: string,
  options: CallOptions & {
    readonly out: string;
    readonly profile: 'P100' | 'P128';
    readonly threads?: string;
  },
): Promise<number> {
  const { program } = await readSource(file, options.vm);
  const request = await readRequest(options);
  const limits = parseMaxSteps(options.maxSteps);
  const threads = parseThreads(options.threads);
  const cut = endedByHost(execute(program, request, limits), options, program);
  if (cut !== undefined) return cut;
  await requireFolder(options.out);
  const started = performance.now();
  const progress = startProgress(process.stderr);
  const proven = await prove(program, request, {
    ...limits,
    ...threads,
    profile: options.profile,
    onProgress: progress.show,
  }).finally(() => progress.end());
  const seconds = (performance.now() - started) / 1000;
  await writeWhole(options.out, proven.proof);
  const { execution, proof, size } = proven;
  if (options.json) {
    printJson({
      ...describeRun(execution),
      profile: options.profile,
      proofBytes: proof.length,
      seconds,
      threads: proven.threads,
      ...sizeFields(size),
      phases: proven.phases,
      chips: size.chips,
    });
  } else {
    print(
      [
        ...runLines(execution, program),
        `rows      ${size.rows}`,
        `cells     ${size.cells} (${size.paddedCells} with padding)`,
        `proof     ${options.out}, ${proof.length} bytes, ${options.profile}, ${seconds.toFixed(2)} s`,
      ].join('\n'),
    );
  }
  return 0;
}

/** Whether a file can go there is known before minutes of proving. */
async function requireFolder(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): Misuse {
  const reason = error instanceof Error ? error.message : String(error);
  return new Misuse(`--out: cannot write ${path}: ${reason}`);
}

/** Writes a file so that it is there whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw cannotWrite(path, error);
  }
}

export async function statsCommand(file: string, options: CallOptions): Promise<number> {
  const { program, bytes } = await readSource(file, options.vm);
  const request = await readRequest(options);
  const limits = parseMaxSteps(options.maxSteps);
  const cut = endedByHost(execute(program, request, limits), options, program);
  if (cut !== undefined) return cut;
  const nameOf = await opcodeNames(program);
  const opcodeAt = (offset: number): string => nameOf(bytes[offset]!);
  const { execution, size, functions, opcodes } = statistics(program, request, opcodeAt, limits);
  if (options.json) {
    printJson({
      ...describeRun(execution),
      ...sizeFields(size),
      chips: size.chips,
      opcodes: Object.fromEntries(opcodes.map(({ name, steps }) => [name, steps])),
      functions: Object.fromEntries(functions.map(({ name, steps }) => [name, steps])),
    });
  } else {
    print(
      [
        ...runLines(execution, program),
        `cells     ${size.cells} (${size.paddedCells} with padding)`,
        '',
        ...table(
          ['chip', 'rows', 'cells', 'with padding'],
          size.chips.map((chip) => [chip.name, chip.rows, chip.cells, chip.paddedCells]),
        ),
        '',
        ...table(
          ['function', 'steps'],
          functions.map(({ name, steps }) => [name, steps]),
        ),
        '',
        ...table(
          ['opcode', 'steps'],
          opcodes.map(({ name, steps }) => [name, steps]),
        ),
      ].join('\n'),
    );
  }
  return statusOfRun(execution);
}

/** Names of the opcodes of the program's source. */
async function opcodeNames({ vm }: Program): Promise<(byte: number) => string> {
  const names: readonly ({ readonly name: string } | undefined)[] =
    vm === 'evm'
      ? (await import('../frontends/evm/opcodes.ts')).opcodeOf
      : (await import('../frontends/wasm/opcodes.ts')).opcodeTable;
  return (byte) => names[byte]?.name ?? `0x${byte.toString(16).padStart(2, '0')}`;
}

/** Columns aligned: text left, numbers right. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
}

export async function disasmCommand(file: string, options: CallOptions): Promise<number> {
  const { program } = await readSource(file, options.vm);
  const lines: string[] = [];
  for (const { unit, base } of program.units) {
    lines.push(`; unit ${unit.name}, pc ${base} to ${base + unit.code.op.length - 1}`);
    const starts = new Map(unit.functions.map(({ name, start }) => [start, name]));
    for (let local = 0; local < unit.code.op.length; local++) {
      const name = starts.get(local);
      if (name !== undefined) lines.push(`; ${name}`);
      const offset = unit.sourceMap[local]!;
      const source = offset < 0 ? '' : `0x${offset.toString(16)}`;
      const text = instructionText(unit.code, local, (pc) => String(base + pc));
      lines.push(`${source.padStart(8)}  ${String(base + local).padStart(6)}  ${text}`);
    }
  }
  print(lines.join('\n'));
  return 0;
}
