/**
 * The whole of proving, from the run to the bytes of the proof, against what it must reach; and the phases of it.
 *
 * Times by the clock, medians over rounds; cells are real ones, padding is not work. Targets are in units (`unit.ts`), those in
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
import { type Figure, measure, median } from './measure.ts';
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

/**
 * How often everything is measured, one after the other: a neighbour that comes and goes is then beside all of it, and a
 * ratio of what stands together in one round says more than one of medians.
 */
const ROUNDS = 5;

/** What is measured in every round: seconds by the clock, one for each. */
class Rounds {
  readonly #figures = new Map<string, Figure[]>();

  /** Once more, or where that is short several times, of which the median counts. */
  async add(
    name: string,
    unit: string,
    amount: number,
    work: () => Promise<void>,
    minSamples = 1,
  ): Promise<void> {
    const options = { minSamples, maxTime: 0.01 };
    const [figure] = await measure('prover', [
      { name, unit, amount, isAsync: true, work, options },
    ]);
    this.put(name, figure!);
  }

  put(name: string, figure: Figure): void {
    this.#figures.set(name, [...(this.#figures.get(name) ?? []), figure]);
  }

  #of(name: string): readonly Figure[] {
    const found = this.#figures.get(name);
    if (found === undefined) throw new Error(`bench: no samples of ${name}`);
    return found;
  }

  seconds(name: string): number {
    return median(this.#of(name).map(({ seconds }) => seconds));
  }

  /** The least of the rounds. */
  least(name: string): number {
    return Math.min(...this.#of(name).map(({ seconds }) => seconds));
  }

  amount(name: string): number {
    return this.#of(name)[0]!.amount;
  }

  /** The median over the rounds of what `compare` makes of the seconds of several. */
  ratio(names: readonly string[], compare: (...seconds: readonly number[]) => number): number {
    const rounds = names.map((name) => this.#of(name).map(({ seconds }) => seconds));
    return median(rounds[0]!.map((_, round) => compare(...rounds.map((list) => list[round]!))));
  }

  /** Medians, as figures. */
  figures(): Figure[] {
    return Array.from(this.#figures, ([name, figures]) => {
      const seconds = median(figures.map((figure) => figure.seconds));
      const cpuSeconds = median(figures.map((figure) => figure.cpuSeconds));
      const { amount, suite, unit } = figures[0]!;
      const rates = { perSecond: amount / seconds, perCpuSecond: amount / cpuSeconds };
      return { suite, name, unit, amount, seconds, cpuSeconds, samples: figures.length, ...rates };
    });
  }
}

const lcg = (logSteps: number, options: ProveOptions = {}): Work => ({
  name: `2^${logSteps} steps${Object.values(options).map((value) => `, ${value}`)}`,
  program: generator,
  ...requestOf(2 ** logSteps),
  options,
});

const works = {
  small: { ...lcg(7), name: '100 steps', request: requestOf(100).request },
  steps18: lcg(18),
  steps19: lcg(19),
  main: lcg(20),
  alone: lcg(20, { threads: 1 }),
  p128: lcg(20, { profile: 'P128' }),
  steps21: lcg(21),
  chain: { name: '2^17 products', ...productChain(2 ** 17), options: {} },
} as const satisfies Readonly<Record<string, Work>>;

type WorkName = keyof typeof works;

const UNIT = 'unit';
const NO_LOOKUPS = 'no lookups, 2^18 rows of 64 cells';
const VERIFY = 'verify 2^20 steps';

export async function proverBench(): Promise<TargetFigures> {
  const rounds = new Rounds();
  const last = new Map<WorkName, Proven>();
  const shares: number[] = [];
  const plain = columnsOnly(18);
  const proveColumns = async (): Promise<void> => {
    await proveInstance(plain.instance, plain.trace, profiles.P100);
  };
  const queries = new Map<WorkName, number[]>();
  const proveWork = async (name: WorkName): Promise<void> => {
    const { program, request, options }: Work = works[name];
    const proven = await prove(program, request, options);
    last.set(name, proven);
    const { seconds } = proven.phases.find(({ phase }) => phase === 'queries')!;
    queries.set(name, [...(queries.get(name) ?? []), seconds]);
  };
  const names = Object.keys(works) as WorkName[];
  for (let i = 0; i < WARM_UP; i++) {
    for (const name of names) await proveWork(name);
    await proveColumns();
  }
  for (let round = 0; round < ROUNDS; round++) {
    rounds.put(UNIT, await unitFigure());
    for (const name of names) {
      const { cells } = last.get(name)!.size;
      const samples = name === 'small' ? 7 : name === 'steps18' ? 3 : 1;
      await rounds.add(works[name].name, 'cells', cells, () => proveWork(name), samples);
    }
    shares.push(traceShare(last.get('alone')!));
    await rounds.add(NO_LOOKUPS, 'cells', plain.cells, proveColumns);
    const { proof } = last.get('main')!;
    const check = async (): Promise<void> => {
      const verdict = await verify(proof, { program: generator });
      if (!verdict.ok) throw new Error(`refused: ${JSON.stringify(verdict.rejection)}`);
    };
    await rounds.add(VERIFY, 'proofs', 1, check, 21);
  }
  const profile = await profiled(works.main);
  printPhases(profile.proven, profile.cpuSeconds);
  const stepsOf = (name: WorkName): number => last.get(name)!.execution.steps;
  const queriesOf = (name: WorkName): number => Math.min(...queries.get(name)!);
  const lines = linesOf(rounds, median(shares), stepsOf, queriesOf);
  printLines(lines, unitOf(rounds));
  const [cell, step, plainCell] = [
    inUnits(rounds, works.main.name, rounds.amount(works.main.name)),
    inUnits(rounds, works.main.name, stepsOf('main')),
    inUnits(rounds, NO_LOOKUPS, plain.cells),
  ];
  printNative(cell, step, plainCell);
  return { figures: rounds.figures(), lines };
}

/** Nanoseconds of the unit, of the processor, the median of the rounds. */
function unitOf(rounds: Rounds): number {
  const figure = rounds.figures().find(({ name }) => name === UNIT)!;
  return 1e9 / figure.perCpuSecond;
}

/** Units for each of `amount`, by the clock; both of one round. */
function inUnits(rounds: Rounds, name: string, amount: number): number {
  const operations = rounds.amount(UNIT);
  return rounds.ratio([name, UNIT], (seconds, unit) => seconds! / amount / (unit! / operations));
}

function linesOf(
  rounds: Rounds,
  share: number,
  stepsOf: (name: WorkName) => number,
  queriesOf: (name: WorkName) => number,
): readonly Line[] {
  const scale = unitOf(rounds) / UNIT_OF_TARGETS;
  const units = { digits: 0, unit: 'units' };
  const ms = { digits: 0, unit: 'ms' };
  const ratio = { digits: 2, unit: '' };
  const cellOf = (name: string): number => inUnits(rounds, name, rounds.amount(name));
  const { main, alone, small, p128, chain } = works;
  const peak = ownProcess<{ bytes: number; cells: number }>('peak.js', String(2 ** 20));
  // A slope over four points shows every disturbance, so the least of the rounds counts. Queries are left out: how long
  // the search for their nonce takes is luck, a few to some hundred milliseconds.
  const secondsOf = (name: WorkName): number => rounds.least(works[name].name) - queriesOf(name);
  const perStep = (['steps18', 'steps19', 'main', 'steps21'] as const).map(
    (name) => (secondsOf(name) - secondsOf('small')) / stepsOf(name),
  );
  const linear = Math.max(...perStep) / Math.min(...perStep);
  const speedUp = rounds.ratio([alone.name, main.name], (one, two) => one! / two!);
  return [
    { work: 'LCG loop, 2^20 steps: a cell', reached: cellOf(main.name), most: 83, ...units },
    {
      work: 'the same: a step',
      reached: inUnits(rounds, main.name, stepsOf('main')),
      most: 7100,
      ...units,
    },
    { work: '256-bit products, 2^17: a cell', reached: cellOf(chain.name), most: 83, ...units },
    {
      work: 'two threads: time of one, divided by 1.6, to theirs',
      reached: 1.6 / speedUp,
      most: 1,
      digits: 2,
      unit: `(${speedUp.toFixed(2)} times)`,
    },
    {
      work: 'execution and filling, of one thread proving',
      reached: 100 * share,
      most: 15,
      digits: 1,
      unit: '%',
    },
    {
      work: `peak memory, ${(peak.cells / 2 ** 20 / 75).toFixed(2)} times 2^20 rows of 75 cells`,
      reached: peak.bytes / GIBIBYTE,
      most: 1.5,
      digits: 2,
      unit: 'GiB',
    },
    { work: 'verifier, warm', reached: 1000 * rounds.seconds(VERIFY), most: 60 * scale, ...ms },
    {
      work: '100 steps, warm',
      reached: 1000 * rounds.seconds(small.name),
      most: 250 * scale,
      ...ms,
    },
    {
      work: '100 steps, whole command',
      reached: 1000 * commandSeconds(),
      most: 1000 * scale,
      ...ms,
    },
    {
      work: 'all chips of the machine, emitted and compiled',
      reached: ownProcess<{ milliseconds: number }>('chips.js').milliseconds,
      most: 500,
      ...ms,
    },
    {
      work: '2^18 to 2^21 steps: dearest step over cheapest',
      reached: linear,
      most: 1.15,
      ...ratio,
    },
    {
      work: 'P128 against P100, 2^20 steps',
      reached: rounds.ratio([p128.name, main.name], (long, short) => long! / short!),
      most: 1.7,
      ...ratio,
    },
    { work: 'a cell without lookups (far goal)', reached: cellOf(NO_LOOKUPS), most: 33, ...units },
  ];
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
