/** Columns of mixed heights and a layout that opens them, for tests of the phases that read openings. */
import type { CoefficientsOf } from '../../../src/stark/engine.ts';
import type { Ext, ExtensionField } from '../../../src/stark/field/extension.ts';
import { batchInverse, MODULUS } from '../../../src/stark/field/m31.ts';
import type { EvaluationJob } from '../../../src/stark/kernel/deep.ts';
import { KernelMemory } from '../../../src/stark/kernel/memory.ts';
import { Crew } from '../../../src/stark/kernel/threads.ts';
import type { Layout, Opening } from '../../../src/stark/layout.ts';
import {
  type ExtPoint,
  halfCosetPoints,
  pointFromChallenge,
} from '../../../src/stark/poly/domain.ts';
import { evaluateOn } from '../../../src/stark/poly/fft.ts';

const edges = [0, 1, 2, MODULUS - 2, MODULUS - 1];

/** Residues of a fixed sequence, one in eight an edge. */
export function residues(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const choice = state >>> 8;
    return choice % 8 === 0 ? edges[(choice >>> 8) % edges.length] : state % MODULUS;
  });
}

export function randomElement(field: ExtensionField, seed: number): Ext {
  return residues(field.degree, 7919 * seed + 1).map((value) => (value === 0 ? 5 : value));
}

/** A point of the circle over the extension. */
export function randomPoint(field: ExtensionField, seed: number): ExtPoint {
  const point = pointFromChallenge(field, randomElement(field, seed));
  if (point === undefined) throw new Error('seed: gives no point');
  return point;
}

/** How many columns of a height are opened at zeta, and how many of them at zeta + g as well. */
export interface OpenedHeight {
  readonly logRows: number;
  readonly columns: number;
  readonly next: number;
}

/** Heights become tables of the main tree; the layout says nothing of constraints. */
export function openedLayout(heights: readonly OpenedHeight[]): Layout {
  const openings = heights.flatMap(({ columns, next }, table) =>
    Array.from({ length: columns }, (_, column): Opening[] => {
      const here: Opening = { tree: 'main', table, column, point: 0 };
      return column < next ? [here, { ...here, point: 1 }] : [here];
    }).flat(),
  );
  const logRows = Math.max(...heights.map((height) => height.logRows));
  return {
    logRows,
    tables: [],
    trees: { main: [], interaction: [], constant: [], composition: [] },
    openings,
    constraintCount: 0,
    size: { logRows, lookups: [], constraints: 0, degree: 0, batched: openings.length },
  };
}

/** Random columns, resident if there is a memory; some hold one edge value only. */
export function openedColumns(
  heights: readonly OpenedHeight[],
  memory: KernelMemory | undefined,
): CoefficientsOf {
  const tables = heights.map(({ logRows, columns }, table) =>
    Array.from({ length: columns }, (_, k) => {
      const values = residues(2 ** logRows, 1000 * table + k + 1);
      if (k % 5 === 3) values.fill(k % 2 === 0 ? 0 : MODULUS - 1);
      if (memory === undefined) return values;
      const column = memory.allocateRaw(values.length);
      column.set(values);
      return column;
    }),
  );
  return ({ table, column }) => tables[table][column];
}

/** Memory and crew for a test; `keep` places words for good. */
export function engage(threads: number, bytes: number) {
  const memory = new KernelMemory();
  const crew = new Crew(memory, threads);
  crew.engage(threads);
  // Kept before the proof begins.
  let next = memory.keep(bytes);
  const keep = (words: Uint32Array): number => {
    const address = next;
    memory.view(address, words.length).set(words);
    next += 64 * Math.ceil(words.length / 16);
    return address;
  };
  memory.begin(bytes);
  return { memory, crew, keep };
}

/** The plain circle FFT on resident columns, and tables of doubled coordinates. */
export function plainTransforms(keep: (words: Uint32Array) => number) {
  const doubled = (values: Uint32Array): number => keep(values.map((value) => 2 * value));
  return {
    async evaluateOn(jobs: readonly EvaluationJob[]): Promise<void> {
      for (const { coefficients, values } of jobs) {
        values.set(evaluateOn(Uint32Array.from(coefficients), Math.log2(values.length)));
      }
    },
    twiddles(logSize: number) {
      const { xs, ys } = halfCosetPoints(logSize);
      const evenXs = xs.filter((_, index) => index % 2 === 0);
      return {
        xs: doubled(evenXs),
        ys: doubled(ys),
        inverseXs: doubled(batchInverse(evenXs)),
        inverseYs: doubled(batchInverse(ys)),
      };
    },
  };
}

export const pause = (): Promise<void> => Promise.resolve();
