/**
 * Committed tables, prover side: coefficients, low degree extensions and Merkle trees of columns.
 */

import { digestToBytes } from '../hash/digest.ts';
import { commitTables, type MerkleTree } from '../hash/merkle.ts';
import { type Kernels, plainKernels } from '../kernel/kernels.ts';
import { fixedLogRows, type Instance, type System } from '../system.ts';

/** The one blowup there is: constraints of degree 3 are then evaluated where columns are committed. */
export const LOG_BLOWUP = 1;

/** One table's columns: `2^logRows` coefficients and `2^(logRows + 1)` values in index order each. */
export interface CommittedTable {
  readonly logRows: number;
  readonly coefficients: readonly Uint32Array[];
  readonly extended: readonly Uint32Array[];
}

/** From columns in row order. */
export async function extendTable(
  kernels: Kernels,
  columns: readonly Uint32Array[],
  logRows: number,
  pause: () => Promise<void>,
): Promise<CommittedTable> {
  const coefficients: Uint32Array[] = [];
  for (const column of columns) {
    coefficients.push(kernels.fft.interpolateRows(column, logRows));
    await pause();
  }
  return extendCoefficients(kernels, coefficients, logRows, pause);
}

/** From columns of coefficients, which are kept. */
export async function extendCoefficients(
  kernels: Kernels,
  coefficients: readonly Uint32Array[],
  logRows: number,
  pause: () => Promise<void>,
): Promise<CommittedTable> {
  const extended: Uint32Array[] = [];
  for (const column of coefficients) {
    extended.push(kernels.fft.evaluateOn(column, logRows + LOG_BLOWUP));
    await pause();
  }
  return { logRows, coefficients, extended };
}

/** The tree over tables that have columns; undefined if there are none. */
export function treeOver(
  kernels: Kernels,
  tables: readonly CommittedTable[],
): MerkleTree | undefined {
  const present = tables.filter(({ extended }) => extended.length > 0);
  if (present.length === 0) return undefined;
  return commitTables(
    present.map(({ logRows, extended }) => ({
      logHeight: logRows + LOG_BLOWUP,
      columns: extended,
    })),
    kernels.hashRows,
  );
}

export interface ConstantCommitment {
  /** By chip name. */
  readonly tables: ReadonlyMap<string, CommittedTable>;
  readonly tree: MerkleTree | undefined;
  /** 32 bytes; zeros if there is no constant table. */
  readonly root: Uint8Array;
}

const constantCommitments = new WeakMap<object, Promise<ConstantCommitment>>();

/** Extends and commits the constant tables, in the order of the chips; once per process and system. */
export function commitConstants(
  system: Pick<System, 'chips' | 'constantTables'>,
  kernels: Kernels = plainKernels,
): Promise<ConstantCommitment> {
  const key = system.constantTables;
  let found = constantCommitments.get(key);
  if (found === undefined) {
    found = computeConstants(kernels, system);
    constantCommitments.set(key, found);
  }
  return found;
}

async function computeConstants(
  kernels: Kernels,
  { chips, constantTables }: Pick<System, 'chips' | 'constantTables'>,
): Promise<ConstantCommitment> {
  const tables = new Map<string, CommittedTable>();
  for (const { name } of chips) {
    const table = constantTables.get(name);
    if (table === undefined) continue;
    tables.set(name, await extendTable(kernels, table.columns(), table.logRows, async () => {}));
  }
  const tree = treeOver(kernels, [...tables.values()]);
  const root = tree === undefined ? new Uint8Array(32) : digestToBytes(tree.root);
  return { tables, tree, root };
}

/** Fixed columns of every chip of the instance, extended; those of constant tables are shared. */
export async function extendFixed(
  kernels: Kernels,
  instance: Instance,
  constants: ConstantCommitment,
  pause: () => Promise<void>,
): Promise<Map<string, CommittedTable>> {
  const tables = new Map(constants.tables);
  for (const chip of instance.system.chips) {
    if (chip.fixedSource !== 'program') continue;
    const logRows = fixedLogRows(instance, chip)!;
    const { columns } = instance.fixedTables.get(chip.name)!;
    tables.set(chip.name, await extendTable(kernels, columns, logRows, pause));
  }
  return tables;
}
