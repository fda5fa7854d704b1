/**
 * What all benches share: cases run by benny, with the time of the processor beside that of the clock.
 *
 * On a machine that is shared the clock tells about the neighbours; the processor's time, of all threads of
 * this process, does so much less. Both are medians.
 */

import benny from 'benny';

export interface Case {
  readonly name: string;
  /** What one call does, counted: `steps`, `cells`, `bytes`. */
  readonly unit: string;
  readonly amount: number;
  readonly work: (() => void) | (() => Promise<void>);
  /** The work is a promise. */
  readonly isAsync?: true;
  /** Of benny: how often and for how long at most, in seconds. */
  readonly options?: { readonly minSamples?: number; readonly maxTime?: number };
}

export interface Figure {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly amount: number;
  /** Of one call, by the clock and by the processor. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly samples: number;
}

/** Runs the cases one after the other and prints a line for each. */
export async function measure(suite: string, cases: readonly Case[]): Promise<Figure[]> {
  const cpuTimes = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  const figures: Figure[] = [];
  await benny.suite(
    suite,
    ...cases.map((entry) =>
      benny.add(entry.name, timed(entry, cpuTimes.get(entry.name)!), {
        maxTime: 1,
        minSamples: 3,
        ...entry.options,
      }),
    ),
    benny.cycle((result) => {
      const { name, unit, amount } = cases.find((entry) => entry.name === result.name)!;
      const seconds = result.details.median;
      const cpuSeconds = median(cpuTimes.get(name)!);
      const samples = result.samples;
      const figure = { suite, name, unit, amount, seconds, cpuSeconds, samples };
      const rates = { perSecond: amount / seconds, perCpuSecond: amount / cpuSeconds };
      figures.push({ ...figure, ...rates });
      console.log(
        `  ${name}: ${scaled(rates.perCpuSecond)} ${unit}/CPU s, ${scaled(rates.perSecond)} ${unit}/s, ` +
          `${(1000 * cpuSeconds).toFixed(2)} ms CPU, ${(1000 * seconds).toFixed(2)} ms (${samples} samples)`,
      );
    }),
  );
  return figures;
}

/**
 * The work, with its processor time noted at each call. benny calls every case once before it starts, to
 * see what it returns, and does not wait for promises: that call warms up, or does nothing.
 */
function timed({ work, isAsync }: Case, cpuTimes: number[]): () => unknown {
  let isProbe = true;
  const note = (since: NodeJS.CpuUsage): void => {
    const { user, system } = process.cpuUsage(since);
    cpuTimes.push((user + system) / 1e6);
  };
  if (isAsync) {
    return () => async () => {
      const isSkipped = isProbe;
      isProbe = false;
      if (isSkipped) return;
      const since = process.cpuUsage();
      await work();
      note(since);
    };
  }
  return () => {
    const since = process.cpuUsage();
    work();
    if (!isProbe) note(since);
    isProbe = false;
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function scaled(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(2)} k` : value.toFixed(2);
}
