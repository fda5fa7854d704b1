/**
 * Merkle trees over resident columns by threads: `commitTables` of `hash/merkle.ts` is the meaning.
 *
 * One idea: a task is a subtree. What lies above a range of leaves, rows of lower tables included, is a range of
 * each layer, so one call hashes it all, and a tree takes one round of tasks for as long as the ranges are wide
 * enough; the few nodes above are hashed at once. spec/11-kernels.md, "Hash".
 */
import {
  hashRows,
  type LayerPlan,
  layerPlans,
  type MerkleTable,
  type MerkleTree,
  openTree,
} from '../hash/merkle.ts';
import { greatestLogHeight, LEAF_KEY, NODE_KEY, type TableShape } from '../hash/merkle-verify.ts';
import { assembleHash, hashNames, LAYER_WORDS } from './hash.ts';
import { bytesTaken, type KernelMemory, MAX_PAGES } from './memory.ts';
import { Calls, type Crew } from './threads.ts';

/** `commitTables` of `hash/merkle.ts`, its layers in the kernel's memory until the proof ends. */
export type CommitTables = (
  tables: readonly MerkleTable[],
  pause: () => Promise<void>,
) => Promise<MerkleTree>;

/** Compressions that are not worth a round of tasks: 0.2 ms. One takes 25 ns. */
const ALONE = 2 ** 13;
/** Compressions of a task: 0.05 to 0.8 ms. */
const LEAST_TASK = 2 ** 11;
const GREATEST_TASK = 2 ** 15;
/** Tasks for each thread, so that all end at about the same time. */
const TASKS_PER_THREAD = 8;

/** Least rows of a range of columns: less of each column than this many words is read slowly. */
const LEAST_ROWS = 256;
/** Messages that the kernel hashes at once. */
const LANES = 4;

/** Bytes of memory that a tree takes. */
export function treeBytes(shape: readonly TableShape[]): number {
  const top = greatestLogHeight(shape);
  const width = shape.reduce((sum, table) => sum + table.width, 0);
  let bytes = bytesTaken(LAYER_WORDS * (top + 1) + width);
  for (let k = 0; k <= top; k++) bytes += bytesTaken(8 * 2 ** k);
  return bytes;
}

/** Loads the kernel; not while a proof is under way. */
export async function createCommitTables(memory: KernelMemory, crew: Crew): Promise<CommitTables> {
  const bytes = assembleHash({ initial: 1, maximum: MAX_PAGES, shared: memory.isShared });
  const { hashLayers } = await crew.load(await WebAssembly.compile(bytes), hashNames);
  const keys = new Map([LEAF_KEY, NODE_KEY].map((key) => [key, memory.keep(4 * key.length)]));
  for (const [key, address] of keys) memory.view(address, key.length).set(key);

  /** Describes the layers for the kernel, columns' addresses at the end; those of too few rows have no columns there. */
  function describe(plans: readonly LayerPlan[], layers: readonly Uint32Array[]): Uint32Array {
    const forKernel = plans.map(({ logHeight, columns }) =>
      2 ** logHeight < LANES ? [] : columns.map((column) => memory.addressOf(column)),
    );
    const width = forKernel.reduce((sum, addresses) => sum + addresses.length, 0);
    const table = memory.allocateRaw(LAYER_WORDS * plans.length + width);
    let at = LAYER_WORDS * plans.length;
    plans.forEach(({ key }, k) => {
      const addresses = forKernel[k];
      const children = k === 0 ? 0 : memory.addressOf(layers[k - 1]);
      const start = memory.addressOf(table) + 4 * at;
      const digests = memory.addressOf(layers[k]);
      table.set([start, addresses.length, children, keys.get(key)!, digests], LAYER_WORDS * k);
      table.set(addresses, at);
      at += addresses.length;
    });
    return table;
  }

  /** Hashes layers from `first` on, as many as one round can; how many. */
  async function hashSome(
    plans: readonly LayerPlan[],
    table: Uint32Array,
    first: number,
    pause: () => Promise<void>,
  ): Promise<number> {
    const height = 2 ** plans[first].logHeight;
    const rest = plans.slice(first);
    const work = rest.reduce((sum, plan) => sum + 2 ** plan.logHeight * compressions(plan), 0);
    const isAlone = work < ALONE;
    const rows = isAlone ? height : rowsOfTask(height, work, crew.threads);
    const tooNarrow = rest.findIndex(({ columns }, k) => {
      const least = isAlone || columns.length === 0 ? LANES : LEAST_ROWS;
      return k > 0 && rows / 2 ** k < least;
    });
    const count = tooNarrow < 0 ? rest.length : tooNarrow;
    const address = memory.addressOf(table) + 4 * LAYER_WORDS * first;
    if (isAlone) {
      crew.call(hashLayers, address, count, 0, height);
      return count;
    }
    const calls = new Calls();
    for (let start = 0; start < height; start += rows) {
      calls.add(hashLayers, address, count, start, rows);
    }
    await crew.run(calls, pause);
    return count;
  }

  return async (tables, pause) => {
    const plans = layerPlans(tables);
    const layers = plans.map(({ logHeight }) => memory.allocateRaw(8 * 2 ** logHeight));
    const table = describe(plans, layers);
    for (let k = 0; k < plans.length; ) {
      const { key, columns, logHeight } = plans[k];
      if (2 ** logHeight < LANES) {
        layers[k].set(hashRows(key, layers[k - 1], columns, 2 ** logHeight));
        k++;
      } else {
        k += await hashSome(plans, table, k, pause);
      }
    }
    memory.free([table]);
    return openTree(layers, tables);
  };
}

/** Of one row of a layer, for each pair of chunks one more. */
function compressions({ key, columns }: LayerPlan): number {
  const words = columns.length + (key === NODE_KEY ? 16 : 0);
  return Math.max(1, Math.ceil(words / 16)) + Math.ceil(words / 256);
}

/** A power of two, at most `height`: rows of a layer whose tree takes `work` compressions. */
function rowsOfTask(height: number, work: number, threads: number): number {
  const share = work / (TASKS_PER_THREAD * threads);
  const wanted = Math.min(GREATEST_TASK, Math.max(LEAST_TASK, share));
  const rows = 2 ** Math.floor(Math.log2((height * wanted) / work));
  return Math.min(height, Math.max(LEAST_ROWS, rows));
}
