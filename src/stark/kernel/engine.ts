/**
 * The engine by kernels on threads; `plain/engine.ts` is its meaning. spec/11-kernels.md.
 *
 * There is one in a process: its memory, its threads and what it has compiled stay for the next proof.
 */
import type { CommittedTable, Engine, Pause, RowTable } from '../engine.ts';
import { LOG_BLOWUP } from '../engine.ts';
import type { MemoryPlan } from '../memory-plan.ts';
import { ModuleBuilder } from './assembler.ts';
import { ChipKernels } from './chips.ts';
import { compositionColumns } from './composition.ts';
import { createDeepWord } from './deep.ts';
import {
  type ColumnTransforms,
  createColumnTransforms,
  type ExtensionJob,
  GREATEST_LOG_SIZE,
} from './fft.ts';
import { createCommitWord } from './fri.ts';
import { createNonceSearch } from './grind.ts';
import { LaneField } from './lanes.ts';
import { lookupColumns } from './lookups.ts';
import { KernelMemory } from './memory.ts';
import { createCommitTables } from './merkle.ts';
import { createOpenings } from './openings.ts';
import { v128 } from './operations.ts';
import { Crew, coreCount } from './threads.ts';

/** Room is kept for the scratch of so many threads. */
const MOST_THREADS = 64;

export interface KernelEngine extends Engine {
  /**
   * Starts a proof: memory for it, twiddles, threads (one for each core if none are named). The proof before must have
   * ended.
   *
   * @throws RangeError if the plan does not fit into memory; nothing is changed then.
   */
  begin(plan: MemoryPlan, threads: number | undefined): void;
  /** Ends it, whether it is done or not: no thread works any more, and its arrays are gone. */
  end(): Promise<void>;
  /** Bytes that the proof's arrays have taken at most. */
  readonly peakBytes: number;
  /** Bytes of the whole memory, which never shrinks. */
  readonly memoryBytes: number;
}

let made: Promise<KernelEngine | undefined> | undefined;

/** The same engine each time; undefined where WebAssembly has no SIMD or may not be compiled. */
export function kernelEngine(): Promise<KernelEngine | undefined> {
  made ??= hasSimd() ? makeEngine().catch(unlessUnsupported) : Promise.resolve(undefined);
  return made;
}

/** A page may forbid to compile at run time, and a small device to reserve the memory. */
function unlessUnsupported(reason: unknown): undefined {
  if (reason instanceof WebAssembly.CompileError || reason instanceof RangeError) return undefined;
  throw reason;
}

/** Whether the engine knows WebAssembly and its vectors. */
export function hasSimd(): boolean {
  if (typeof WebAssembly !== 'object') return false;
  const module = new ModuleBuilder({ initial: 1, maximum: 1 });
  module.define('add', ['i32'], (code) => {
    const place = code.param(0, 'i32');
    const value = code.hold(v128.load(place));
    new LaneField(code).add(value, value, value);
    code.store(place, value);
  });
  return WebAssembly.validate(module.assemble());
}

async function makeEngine(): Promise<KernelEngine> {
  const memory = new KernelMemory();
  const crew = new Crew(memory, Math.min(MOST_THREADS, Math.max(8, coreCount())));
  const transforms = await createColumnTransforms(memory, crew);
  const commitTables = await createCommitTables(memory, crew);
  const openColumns = await createOpenings(memory, crew);
  const deepWord = await createDeepWord(memory, crew, transforms);
  const commitWord = await createCommitWord(memory, crew, commitTables, (logSize) =>
    transforms.twiddles(logSize),
  );
  const search = await createNonceSearch(memory, crew);
  const chips = new ChipKernels(memory, crew);

  const adopt = (column: Uint32Array): Uint32Array => {
    if (memory.holds(column)) return column;
    const copy = memory.allocateRaw(column.length);
    copy.set(column);
    return copy;
  };

  /** What has begun, by the table's first column of rows. */
  const announced = new Map<Uint32Array, CommittedTable>();

  /** Arrays for the extension of a table; the jobs that fill them are added. */
  const prepareExtension = (
    { logRows, columns }: RowTable,
    jobs: ExtensionJob[],
  ): CommittedTable => {
    const coefficients = columns.map((column) => memory.allocateRaw(column.length));
    const extended = columns.map((column) => memory.allocateRaw(2 * column.length));
    columns.forEach((column, k) => {
      jobs.push({ rows: adopt(column), column: coefficients[k]!, values: extended[k]! });
    });
    return { logRows, coefficients, extended };
  };

  return {
    get threads() {
      return crew.threads;
    },
    get peakBytes() {
      return memory.peakBytes;
    },
    get memoryBytes() {
      return memory.wasm.buffer.byteLength;
    },
    begin(plan, threads) {
      if (plan.logSize > GREATEST_LOG_SIZE) throw new RangeError(tooTall(plan));
      if (plan.bytes > memory.capacity) throw new RangeError(tooLarge(plan, memory.capacity));
      crew.engage(threads ?? coreCount());
      transforms.prepare(plan.logSize);
      memory.begin(plan.bytes);
    },
    async end() {
      await crew.cancel();
      announced.clear();
      memory.end();
    },
    allocate: (length) => memory.allocate(length),
    adopt,
    free(arrays) {
      memory.free(arrays.filter((array) => memory.holds(array)));
    },
    announce(table) {
      const [first] = table.columns;
      if (crew.threads === 1 || first === undefined || !memory.holds(first)) return;
      const jobs: ExtensionJob[] = [];
      announced.set(first, prepareExtension(table, jobs));
      crew.begin(transforms.extensionCalls(jobs));
    },
    async extendTables(tables, pause) {
      // What has not begun goes into one list, so that the largest columns of all come first.
      const jobs: ExtensionJob[] = [];
      const extended = tables.map((table) => {
        const first = table.columns[0];
        const begun = first && announced.get(first);
        if (begun === undefined) return prepareExtension(table, jobs);
        announced.delete(first!);
        return begun;
      });
      crew.begin(transforms.extensionCalls(jobs));
      await crew.join(pause);
      const given = new Set(tables.flatMap(({ columns }) => columns));
      memory.free(jobs.map(({ rows }) => rows).filter((rows) => !given.has(rows)));
      return extended;
    },
    async extendCoefficients(coefficients, logRows, pause) {
      const table = { logRows, columns: coefficients.map(adopt) };
      const [extended] = await extendAll(memory, transforms, [table], pause);
      return extended!;
    },
    commitTables,
    lookupColumns: (field, instance, tables, challenges, pause) =>
      lookupColumns(memory, crew, chips, adopt, field, instance, tables, challenges, pause),
    compositionColumns: (field, instance, layout, tables, claimed, challenges, pause) =>
      compositionColumns(
        memory,
        crew,
        chips,
        transforms,
        field,
        instance,
        layout,
        tables,
        claimed,
        challenges,
        pause,
      ),
    openColumns,
    deepWord,
    commitWord,
    findNonce: (seed, bits, pause) => search.findNonceOnThreads(seed, bits, pause),
  };
}

/** From coefficients, which are kept. */
async function extendAll(
  memory: KernelMemory,
  transforms: ColumnTransforms,
  tables: readonly { readonly logRows: number; readonly columns: readonly Uint32Array[] }[],
  pause: Pause,
): Promise<CommittedTable[]> {
  const extended = tables.map(({ logRows, columns }) => ({
    logRows,
    coefficients: columns,
    extended: columns.map(() => memory.allocateRaw(2 ** (logRows + LOG_BLOWUP))),
  }));
  const jobs = extended.flatMap(({ coefficients, extended: values }) =>
    coefficients.map((column, k) => ({ coefficients: column, values: values[k]! })),
  );
  await transforms.evaluateOn(jobs, pause);
  return extended;
}

function tooTall({ logSize }: MemoryPlan): string {
  const [got, most] = [2 ** (logSize - 1), 2 ** (GREATEST_LOG_SIZE - 1)];
  return `trace: its tallest table has ${got} rows; one proof can have ${most}`;
}

function tooLarge({ bytes, rows }: MemoryPlan, capacity: number): string {
  const fitting = Math.floor((rows * capacity) / bytes);
  const mebibytes = (count: number): number => Math.ceil(count / 2 ** 20);
  return (
    `trace: its ${rows} rows need ${mebibytes(bytes)} MiB of the ${mebibytes(capacity)} MiB that one proof can ` +
    `have; about ${fitting} rows of this kind would fit`
  );
}
