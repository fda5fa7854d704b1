/**
 * The whole of proving, from the run to the bytes of the proof, against what it must reach; and the phases of it.
 *
 * Times by the clock, medians; cells are real ones, padding is not work. Targets are in units (`unit.ts`), those in
 * milliseconds are for a unit of 0.40 ns and scale with it.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '../src/isa/program.ts';
import { type Proven, type ProveOptions, prove } from '../src/proving.ts';
import type { Request } from '../src/request.ts';
import { profiles } from '../src/stark/parameters.ts';
import { proveInstance } from '../src/stark/prover.ts';
import { verify } from '../src/verifier.ts';
import { columnsOnly } from './columns-only.ts';
import { type Figure, measure } from './measure.ts';
import { generator, productChain, requestOf } from './programs.ts';
import { unitFigure } from './unit.ts';

const GIBIBYTE = 2 ** 30;
/** Nanoseconds of the unit for which targets in milliseconds are told. */
const UNIT_OF_TARGETS = 0.4;

interface Work {
  readonly name: string;
  readonly program: Program;
  readonly request: Request;
  readonly options: ProveOptions;
}

/** A line of the table: what was asked, what was reached. */
interface Line {
  readonly work: string;
  readonly reached: number;
  readonly most: number;
  readonly digits: number;
  readonly unit: string;
}

export interface TargetFigures {
  readonly figures: readonly Figure[];
  readonly lines: readonly Line[];
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Proofs before the first that counts: kernels are compiled again, better, while they are used. */
const WARM_UP = 3;

/** Median seconds of proving, and the last proof. */
async function timed(work: Work, samples: number): Promise<{ figure: Figure; proven: Proven }> {
  let proven = await prove(work.program, work.request, work.options);
  for (let i = 1; i < WARM_UP; i++) proven = await prove(work.program, work.request, work.options);
  const [figure] = await measure('prover', [
    {
      name: work.name,
      unit: 'cells',
      amount: proven.size.cells,
      isAsync: true,
      work: async () => {
        proven = await prove(work.program, work.request, work.options);
      },
      options: { minSamples: samples, maxTime: 0.1 },
    },
  ]);
  return { figure: figure!, proven };
}

export async function proverBench(): Promise<TargetFigures> {
  const unit = 1e9 / (await unitFigure()).perCpuSecond;
  const milliseconds = (most: number): number => (most * unit) / UNIT_OF_TARGETS;
  const inUnits = (seconds: number, amount: number): number => (seconds * 1e9) / amount / unit;
  const lcg = (logSteps: number, options: ProveOptions = {}): Work => ({
    name: `2^${logSteps} steps${Object.values(options).map((value) => `, ${value}`)}`,
    program: generator,
    ...requestOf(2 ** logSteps),
    options,
  });
  const figures: Figure[] = [];
  const lines: Line[] = [];
  const run = async (work: Work, samples = 5): Promise<{ figure: Figure; proven: Proven }> => {
    const result = await timed(work, samples);
    figures.push(result.figure);
    return result;
  };

  const small = await run({ ...lcg(7), name: '100 steps', request: requestOf(100).request }, 9);
  const main = await run(lcg(20));
  const profile = await profiled(lcg(20));
  printPhases(profile.proven, profile.cpuSeconds);
  const steps = main.proven.execution.steps;
  const { seconds, amount } = main.figure;
  const units = { digits: 0, unit: 'units' };
  lines.push(
    { work: 'LCG loop, 2^20 steps: a cell', reached: inUnits(seconds, amount), most: 83, ...units },
    { work: 'the same: a step', reached: inUnits(seconds, steps), most: 7100, ...units },
  );
  const chain = await run({ name: '2^17 products', ...productChain(2 ** 17), options: {} });
  const perChainCell = inUnits(chain.figure.seconds, chain.figure.amount);
  lines.push({ work: '256-bit products, 2^17: a cell', reached: perChainCell, most: 83, ...units });
  const alone = await run(lcg(20, { threads: 1 }), 3);
  lines.push({
    work: 'two threads: time of one, divided by 1.6, to theirs',
    reached: seconds / (alone.figure.seconds / 1.6),
    most: 1,
    digits: 2,
    unit: `(${(alone.figure.seconds / seconds).toFixed(2)} times)`,
  });
  lines.push({
    work: 'execution and filling, of one thread proving',
    reached: 100 * traceShare(alone.proven),
    most: 15,
    digits: 1,
    unit: '%',
  });
  const peak = ownProcess<{ bytes: number; cells: number }>('peak.js', String(2 ** 20));
  lines.push({
    work: `peak memory, ${(peak.cells / 2 ** 20 / 75).toFixed(2)} times 2^20 rows of 75 cells`,
    reached: peak.bytes / GIBIBYTE,
    most: 1.5,
    digits: 2,
    unit: 'GiB',
  });
  const verifying = await verifySeconds(main.proven.proof);
  const ms = { digits: 0, unit: 'ms' };
  lines.push(
    { work: 'verifier, warm', reached: 1000 * verifying, most: milliseconds(60), ...ms },
    {
      work: '100 steps, warm',
      reached: 1000 * small.figure.seconds,
      most: milliseconds(250),
      ...ms,
    },
    {
      work: '100 steps, whole command',
      reached: 1000 * commandSeconds(),
      most: milliseconds(1000),
      ...ms,
    },
  );
  lines.push({
    work: 'all chips of the machine, emitted and compiled',
    reached: ownProcess<{ milliseconds: number }>('chips.js').milliseconds,
    most: 500,
    ...ms,
  });
  const perStep = new Map<number, number>();
  for (const logSteps of [18, 19, 20, 21]) {
    const { figure, proven } = logSteps === 20 ? main : await run(lcg(logSteps));
    perStep.set(logSteps, (figure.seconds - small.figure.seconds) / proven.execution.steps);
  }
  const times = [...perStep.values()];
  lines.push({
    work: '2^18 to 2^21 steps: dearest step over cheapest, less 100 steps',
    reached: Math.max(...times) / Math.min(...times),
    most: 1.15,
    digits: 2,
    unit: '',
  });
  const p128 = await run(lcg(20, { profile: 'P128' }), 3);
  lines.push({
    work: 'P128 against P100, 2^20 steps',
    reached: p128.figure.seconds / seconds,
    most: 1.7,
    digits: 2,
    unit: '',
  });

  const plain = columnsOnly(18);
  for (let i = 0; i < WARM_UP; i++) {
    await proveInstance(plain.instance, plain.trace, profiles.P100);
  }
  const [withoutLookups] = await measure('prover', [
    {
      name: 'no lookups, 2^18 rows of 64 cells',
      unit: 'cells',
      amount: plain.cells,
      isAsync: true,
      work: async () => {
        await proveInstance(plain.instance, plain.trace, profiles.P100);
      },
      options: { minSamples: 5, maxTime: 0.1 },
    },
  ]);
  figures.push(withoutLookups!);
  lines.push({
    work: 'a cell without lookups (far goal)',
    reached: inUnits(withoutLookups!.seconds, plain.cells),
    most: 33,
    ...units,
  });
  printLines(lines, unit);
  printNative(
    inUnits(seconds, amount),
    inUnits(seconds, steps),
    inUnits(withoutLookups!.seconds, plain.cells),
  );
  return { figures, lines };
}

/** Seconds of the processor, all threads of the process, in each phase of one more proof. */
async function profiled({ program, request, options }: Work): Promise<{
  proven: Proven;
  cpuSeconds: ReadonlyMap<string, number>;
}> {
  const cpuSeconds = new Map<string, number>();
  let current = '';
  let before = process.cpuUsage();
  const close = (): void => {
    const { user, system } = process.cpuUsage(before);
    cpuSeconds.set(current, (cpuSeconds.get(current) ?? 0) + (user + system) / 1e6);
    before = process.cpuUsage();
  };
  const proven = await prove(program, request, {
    ...options,
    onProgress: ({ phase }) => {
      if (phase === current) return;
      close();
      current = phase;
    },
  });
  close();
  return { proven, cpuSeconds };
}

/** What each phase took, and how much of the time of all threads was work. */
function printPhases(
  { phases, size, threads }: Proven,
  cpuSeconds: ReadonlyMap<string, number>,
): void {
  const all = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  console.log(`  phases of one proof, ${threads} threads:`);
  for (const { phase, seconds, bytes } of phases) {
    const share = ((100 * seconds) / all).toFixed(1).padStart(5);
    const busy = ((100 * cpuSeconds.get(phase)!) / seconds / threads).toFixed(0).padStart(4);
    const mebibytes = (bytes / 2 ** 20).toFixed(1).padStart(8);
    console.log(
      `    ${phase.padEnd(12)} ${(1000 * seconds).toFixed(0).padStart(6)} ms ${share} % ` +
        `${mebibytes} MiB, threads busy ${busy} %`,
    );
  }
  for (const chip of size.chips.toSorted((left, right) => right.cells - left.cells).slice(0, 12)) {
    console.log(`    ${chip.name.padEnd(16)} ${chip.rows} rows, ${chip.cells} cells`);
  }
}

/** Part of proving that is execution and filling. */
function traceShare({ phases }: Proven): number {
  const sum = (names: readonly string[]): number =>
    phases.reduce((total, { phase, seconds }) => total + (names.includes(phase) ? seconds : 0), 0);
  return sum(['execute', 'fill']) / sum(phases.map(({ phase }) => phase));
}

/** What a script of this folder prints, run in a process of its own. */
function ownProcess<Answer>(script: string, ...words: readonly string[]): Answer {
  const path = join(dirname(fileURLToPath(import.meta.url)), script);
  return JSON.parse(
    execFileSync(process.execPath, [path, ...words], { encoding: 'utf8' }),
  ) as Answer;
}

async function verifySeconds(proof: Uint8Array): Promise<number> {
  const [figure] = await measure('prover', [
    {
      name: 'verify 2^20 steps',
      unit: 'proofs',
      amount: 1,
      isAsync: true,
      work: async () => {
        const verdict = await verify(proof, { program: generator });
        if (!verdict.ok) throw new Error(`refused: ${JSON.stringify(verdict.rejection)}`);
      },
      options: { minSamples: 20, maxTime: 3 },
    },
  ]);
  return figure!.seconds;
}

/** `braid prove` of about a hundred steps, from the start of the process to its end; the median of five. */
function commandSeconds(): number {
  const folder = mkdtempSync(join(tmpdir(), 'braid-bench-'));
  try {
    // PUSH1 20, JUMPDEST, PUSH1 1, SWAP1, SUB, DUP1, PUSH1 2, JUMPI, STOP: twenty turns.
    const code = join(folder, 'loop.hex');
    writeFileSync(code, '60145b600190038060025700');
    const command = [join(root, 'dist/cli/main.js'), 'prove', code, '-o', join(folder, 'proof')];
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now();
      execFileSync(process.execPath, command, { stdio: 'ignore' });
      return (performance.now() - started) / 1000;
    });
    return times.toSorted((left, right) => left - right)[2]!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function printLines(lines: readonly Line[], unit: number): void {
  console.log(`  the unit: ${unit.toFixed(3)} ns; a bound in ms is for 0.40 ns and scaled`);
  for (const { work, reached, most, digits, unit: of } of lines) {
    const verdict = reached <= most ? 'holds' : 'MISSED';
    console.log(
      `  ${work.padEnd(66)} ${reached.toFixed(digits).padStart(7)} of at most ` +
        `${most.toFixed(digits).padStart(6)} ${of.padEnd(12)} ${verdict}`,
    );
  }
}

/** What others have published, in units of wall time on two cores of machines with a unit of about 1.0 ns. */
const natives = [
  { name: 'Plonky3, AVX2, no lookups', cell: 30 },
  { name: 'stwo with LogUp, AVX-512', cell: 57 },
  { name: 'stwo with LogUp, AVX2', cell: 104 },
  { name: 'OpenVM', cell: 1500, step: 81_000 },
  { name: 'Miden', step: 54_000 },
] as const;

function printNative(cell: number, step: number, plainCell: number): void {
  console.log(
    '  beside native provers, in units of wall time on two cores; not one run: theirs are published figures',
  );
  const text = (value: number | undefined): string =>
    (value === undefined ? '-' : value.toFixed(0)).padStart(8);
  console.log(`  ${''.padEnd(34)} ${'a cell'.padStart(8)} ${'a step'.padStart(8)}`);
  console.log(`  ${'Braid, LCG loop'.padEnd(34)} ${text(cell)} ${text(step)}`);
  console.log(`  ${'Braid, no lookups'.padEnd(34)} ${text(plainCell)} ${text(undefined)}`);
  for (const native of natives) {
    const ofCell = 'cell' in native ? native.cell : undefined;
    const ofStep = 'step' in native ? native.step : undefined;
    console.log(`  ${native.name.padEnd(34)} ${text(ofCell)} ${text(ofStep)}`);
  }
}
