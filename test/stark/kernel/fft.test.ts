import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchInverse, MODULUS } from '../../../src/stark/field/m31.ts';
import { ModuleBuilder } from '../../../src/stark/kernel/assembler.ts';
import { type ColumnTransforms, createColumnTransforms } from '../../../src/stark/kernel/fft.ts';
import {
  defineToIndexOrder,
  defineToIndexOrderByLines,
} from '../../../src/stark/kernel/fft-passes.ts';
import { KernelMemory } from '../../../src/stark/kernel/memory.ts';
import { Crew } from '../../../src/stark/kernel/threads.ts';
import { halfCosetPoints, toIndexOrder } from '../../../src/stark/poly/domain.ts';
import * as plain from '../../../src/stark/poly/fft.ts';

/** log2 of the largest domain. */
const GREATEST = 21;

const memory = new KernelMemory();
const crew = new Crew(memory, 2);
let transforms: ColumnTransforms;

beforeAll(async () => {
  transforms = await createColumnTransforms(memory, crew);
  // In parts: the memory grows in between.
  transforms.prepare(7);
  transforms.prepare(GREATEST);
  memory.begin(2 ** 26);
});
afterAll(() => {
  memory.end();
  crew.close();
});

const pause = (): Promise<void> => Promise.resolve();

function randomColumn(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
}

/** Random values, and what is on the edge of a reduction. */
function columnsOf(logSize: number): Uint32Array[] {
  const size = 2 ** logSize;
  const last = new Uint32Array(size);
  last[size - 1] = MODULUS - 1;
  const all = [
    randomColumn(size, logSize),
    new Uint32Array(size).fill(MODULUS - 1),
    Uint32Array.from({ length: size }, (_, index) => (index % 3 === 0 ? MODULUS - 1 : index % 2)),
    last,
  ];
  return logSize <= 14 ? all : all.slice(0, 1);
}

function resident(values: Uint32Array): Uint32Array {
  const column = memory.allocateRaw(values.length);
  column.set(values);
  return column;
}

/** Compared without a matcher, which would take longer than the transforms. */
function same(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

// To 2^18: from there on two threads share a column.
const logSizes = Array.from({ length: 15 }, (_, k) => k + 4);

describe.each([1, 2])('transforms of resident columns on %i threads', (threads) => {
  beforeAll(() => crew.engage(threads));

  it.each(logSizes)('interpolate 2^%i values as the plain twin', async (logSize) => {
    const columns = columnsOf(logSize);
    const jobs = columns.map((column) => ({
      rows: resident(column),
      column: memory.allocateRaw(column.length),
    }));
    await transforms.interpolateRows(jobs, pause);
    columns.forEach((column, k) => {
      expect(same(jobs[k].rows, column)).toBe(true);
      expect(same(jobs[k].column, plain.interpolateRows(column, logSize))).toBe(true);
    });
    const inPlace = jobs.map(({ rows }) => rows);
    await transforms.interpolateInPlace(inPlace, pause);
    columns.forEach((column, k) => {
      plain.interpolateInPlace(column);
      expect(same(inPlace[k], column)).toBe(true);
    });
    memory.free(jobs.flatMap(({ rows, column }) => [rows, column]));
  });

  it.each(logSizes)(
    'extend 2^%i rows as the plain twin, those of one value too',
    async (logSize) => {
      const size = 2 ** logSize;
      const almost = new Uint32Array(size).fill(7);
      almost[size - 1] = 8;
      const columns = [
        ...columnsOf(logSize),
        new Uint32Array(size),
        new Uint32Array(size).fill(12345),
        almost,
      ];
      const jobs = columns.map((column) => ({
        rows: resident(column),
        column: memory.allocateRaw(size),
        values: memory.allocateRaw(2 * size),
      }));
      await crew.run(transforms.extensionCalls(jobs), pause);
      columns.forEach((column, k) => {
        const coefficients = plain.interpolateRows(column, logSize);
        expect(same(jobs[k].rows, column)).toBe(true);
        expect(same(jobs[k].column, coefficients)).toBe(true);
        expect(same(jobs[k].values, plain.evaluateOn(coefficients, logSize + 1))).toBe(true);
      });
      memory.free(jobs.flatMap(({ rows, column, values }) => [rows, column, values]));
    },
  );

  it.each(logSizes)('evaluate 2^%i coefficients as the plain twin', async (logSize) => {
    const columns = columnsOf(logSize);
    for (const logBlowup of [0, 1, 2, 4]) {
      const logValues = logSize + logBlowup;
      if (logValues > GREATEST) continue;
      const jobs = columns.map((column) => ({
        coefficients: resident(column),
        values: memory.allocateRaw(2 ** logValues),
      }));
      await transforms.evaluateOn(jobs, pause);
      columns.forEach((column, k) => {
        expect(same(jobs[k].coefficients, column)).toBe(true);
        expect(same(jobs[k].values, plain.evaluateOn(column, logValues))).toBe(true);
      });
      memory.free(jobs.flatMap(({ coefficients, values }) => [coefficients, values]));
    }
  });

  it('interpolate 2^21 rows, which are reordered by whole lines', async () => {
    const rows = resident(randomColumn(2 ** 21, 1));
    const column = memory.allocateRaw(rows.length);
    await transforms.interpolateRows([{ rows, column }], pause);
    expect(same(column, plain.interpolateRows(rows, 21))).toBe(true);
    memory.free([rows, column]);
  });

  it('take columns of any heights at once', async () => {
    const heights = [5, 1, 16, 4, 12, 2, 16, 9, 3, 15, 6];
    const columns = heights.map((logSize, k) => randomColumn(2 ** logSize, k));
    const jobs = columns.map((column) => ({
      rows: resident(column),
      column: memory.allocateRaw(column.length),
    }));
    await transforms.interpolateRows(jobs, pause);
    const evaluations = jobs.map(({ column }, k) => ({
      coefficients: column,
      values: memory.allocateRaw(column.length * (k % 2 === 0 ? 2 : 4)),
    }));
    await transforms.evaluateOn(evaluations, pause);
    columns.forEach((column, k) => {
      const coefficients = plain.interpolateRows(column, heights[k]);
      expect(same(jobs[k].column, coefficients)).toBe(true);
      const { values } = evaluations[k];
      expect(same(values, plain.evaluateOn(coefficients, Math.log2(values.length)))).toBe(true);
    });
    const values = evaluations.map((job) => job.values);
    const before = values.map((column) => column.slice());
    await transforms.interpolateInPlace(values, pause);
    values.forEach((column, k) => {
      plain.interpolateInPlace(before[k]);
      expect(same(column, before[k])).toBe(true);
    });
    memory.free([...jobs.flatMap(({ rows, column }) => [rows, column]), ...values]);
  });

  it('write nothing beside a column', async () => {
    const area = resident(randomColumn(2048, 1));
    const before = area.slice();
    const column = area.subarray(512, 1024);
    const rows = resident(randomColumn(512, 4));
    await transforms.interpolateRows([{ rows, column }], pause);
    const coefficients = resident(column.subarray(0, 128));
    await transforms.evaluateOn([{ coefficients, values: column }], pause);
    await transforms.interpolateInPlace([column], pause);
    expect(same(area.subarray(0, 512), before.subarray(0, 512))).toBe(true);
    expect(same(area.subarray(1024), before.subarray(1024))).toBe(true);
    memory.free([area, rows, coefficients]);
  });
});

describe('row order to index order', () => {
  const module = new ModuleBuilder({ initial: 1, maximum: 32 });
  defineToIndexOrder(module);
  defineToIndexOrderByLines(module);
  const bytes = module.assemble();

  it.each([
    ['toIndexOrder', 5],
    ['toIndexOrder', 6],
    ['toIndexOrder', 11],
    ['toIndexOrderByLines', 15],
    ['toIndexOrderByLines', 16],
    ['toIndexOrderByLines', 17],
  ] as const)('%s on 2^%i values', async (name, logSize) => {
    const wasm = new WebAssembly.Memory({ initial: 32, maximum: 32 });
    const { instance } = await WebAssembly.instantiate(bytes, {
      kernel: { memory: wasm, scratch: 0 },
    });
    const size = 2 ** logSize;
    const [rows, column] = [4096, 4096 + 4 * size].map(
      (address) => new Uint32Array(wasm.buffer, address, size),
    );
    rows.set(randomColumn(size, logSize));
    const order = instance.exports[name] as (...operands: number[]) => void;
    const half = size / 2;
    order(rows.byteOffset, column.byteOffset, column.byteOffset + 4 * half, half);
    expect(same(column, toIndexOrder(rows, logSize))).toBe(true);
  });
});

describe('twiddles', () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 13, 17])('of the domain of 2^%i points are doubled', (logSize) => {
    const { xs, ys } = halfCosetPoints(logSize);
    const evenXs = xs.filter((_, index) => index % 2 === 0);
    const twiddles = transforms.twiddles(logSize);
    for (const [address, values] of [
      [twiddles.xs, evenXs],
      [twiddles.inverseXs, batchInverse(evenXs)],
      [twiddles.ys, ys],
      [twiddles.inverseYs, batchInverse(ys)],
    ] as const) {
      const expected = values.map((value) => 2 * value);
      expect(same(memory.view(address, values.length), expected)).toBe(true);
    }
  });

  it('of a domain that is not prepared are refused', () => {
    expect(() => transforms.twiddles(GREATEST + 1)).toThrow(RangeError);
    expect(() => transforms.twiddles(1)).toThrow(RangeError);
    expect(() => transforms.prepare(25)).toThrow(RangeError);
  });
});

describe('columns of wrong lengths', () => {
  const of = (length: number): Uint32Array => memory.allocateRaw(length);

  it('are refused', async () => {
    await expect(
      transforms.interpolateRows([{ rows: of(64), column: of(32) }], pause),
    ).rejects.toThrow(RangeError);
    await expect(transforms.interpolateInPlace([of(48)], pause)).rejects.toThrow(RangeError);
    await expect(
      transforms.evaluateOn([{ coefficients: of(64), values: of(32) }], pause),
    ).rejects.toThrow(RangeError);
    await expect(transforms.interpolateInPlace([of(2 ** (GREATEST + 1))], pause)).rejects.toThrow(
      RangeError,
    );
  });
});
