/**
 * All benches, or those named: `npm run bench -- field prover`. A run of all writes bench/results.json: the
 * machine, every figure, and ratios of figures of this run, which tell more than either where machines differ.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fieldBench } from './field.bench.ts';
import { interpreterBench } from './interpreter.bench.ts';
import { kernelBench, unitsOf } from './kernel.bench.ts';
import { loweringBench } from './lowering.bench.ts';
import type { Figure } from './measure.ts';
import { proverBench } from './prover.bench.ts';
import { verifierBench } from './verifier.bench.ts';

/** What must be reached, and what was. */
const targets: object[] = [];

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  field: fieldBench,
  kernel: kernelBench,
  interpreter: interpreterBench,
  lowering: loweringBench,
  verifier: verifierBench,
  prover: async () => {
    const { figures: proving, lines } = await proverBench();
    targets.push(...lines);
    return proving;
  },
};

function machine() {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { encoding: 'utf8' }).trim();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    commit: git('rev-parse', '--short', 'HEAD'),
    /** The results of the run before are no part of what is measured. */
    isCommitted: git('status', '--porcelain', '-uno', '--', '.', ':!bench/results.json') === '',
    date: new Date().toISOString(),
    /** Others that wanted a core while the benches ran show as more than 1. */
    loadBefore: loadavg()[0]!,
  };
}

/** Ratios of processor times, so that neighbours distort them least. */
function ratios(figures: readonly Figure[]): Record<string, number> {
  const find = (suite: string, name: string): Figure => {
    const found = figures.find((figure) => figure.suite === suite && figure.name === name);
    if (found === undefined) throw new Error(`bench: no figure ${suite}, ${name}`);
    return found;
  };
  const result: Record<string, number> = {};
  for (const { suite, name, perCpuSecond } of figures) {
    if (suite !== 'interpreter' || !name.endsWith(', plain')) continue;
    const program = name.slice(0, -', plain'.length);
    const recorded = find('interpreter', `${program}, recorded`);
    result[`recorded / plain time, ${program}`] = perCpuSecond / recorded.perCpuSecond;
  }
  for (const [name, units] of Object.entries(unitsOf(figures))) {
    result[`kernel / SIMD multiply-add, ${name}`] = units;
  }
  return result;
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`bench: expected ${Object.keys(benches).join(', ')}, got ${unknown.join(', ')}`);
  process.exit(2);
}
const described = machine();
console.log(described);
const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (named.length === 0 || named.includes(name)) figures.push(...(await bench()));
}
if (named.length === 0) {
  const compared = ratios(figures);
  console.log(compared);
  const results = {
    note: 'cpuSeconds: time of the processor, all threads of the process; seconds: by the clock; medians of one call',
    machine: { ...described, loadAfter: loadavg()[0]! },
    ratios: compared,
    targets,
    figures,
  };
  writeFileSync('bench/results.json', `${JSON.stringify(results, replacer, 2)}\n`);
}

/** Four digits are more than these measurements have. */
function replacer(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}
