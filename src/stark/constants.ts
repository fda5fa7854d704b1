/**
 * Constant tables, prover side: committed once for a process and a system, since no program changes them.
 */

import { type CommittedTable, type Engine, LOG_BLOWUP, type Pause } from './engine.ts';
import { digestToBytes } from './hash/digest.ts';
import { type MerkleTree, openTree } from './hash/merkle.ts';
import { plainEngine } from './plain/engine.ts';
import type { System } from './system.ts';

export interface ConstantCommitment {
  /** By chip name, in the order of the chips. Ordinary arrays, which outlive any proof. */
  readonly tables: ReadonlyMap<string, CommittedTable>;
  readonly tree: MerkleTree | undefined;
  /** 32 bytes; zeros if there is no constant table. */
  readonly root: Uint8Array;
}

const commitments = new WeakMap<object, ConstantCommitment>();

/** Extends and commits the constant tables, in the order of the chips; once per process and system. */
export async function commitConstants(
  { chips, constantTables }: Pick<System, 'chips' | 'constantTables'>,
  engine: Engine = plainEngine,
  pause: Pause = async () => {},
): Promise<ConstantCommitment> {
  const known = commitments.get(constantTables);
  if (known !== undefined) return known;
  const present = chips.flatMap(({ name }) => {
    const table = constantTables.get(name);
    return table === undefined ? [] : [{ name, logRows: table.logRows, columns: table.columns() }];
  });
  const extended = await engine.extendTables(present, pause);
  const tables = new Map(
    extended.map((table, index) => [present[index]!.name, keptCopy(table)] as const),
  );
  const tree = await keptTree(engine, extended, [...tables.values()], pause);
  const commitment = {
    tables,
    tree,
    root: tree === undefined ? new Uint8Array(32) : digestToBytes(tree.root),
  };
  engine.free(
    extended.flatMap(({ coefficients, extended: values }) => [...coefficients, ...values]),
  );
  commitments.set(constantTables, commitment);
  return commitment;
}

/** The tree over tables in ordinary arrays, computed from the same tables where the engine has them. */
async function keptTree(
  engine: Engine,
  extended: readonly CommittedTable[],
  kept: readonly CommittedTable[],
  pause: Pause,
): Promise<MerkleTree | undefined> {
  if (kept.length === 0) return undefined;
  const shapesOf = (tables: readonly CommittedTable[]) =>
    tables.map((table) => ({ logHeight: table.logRows + LOG_BLOWUP, columns: table.extended }));
  const tree = await engine.commitTables(shapesOf(extended), pause);
  const layers = tree.layers.map((layer) => new Uint32Array(layer));
  engine.free(tree.layers);
  return openTree(layers, shapesOf(kept));
}

function keptCopy({ logRows, coefficients, extended }: CommittedTable): CommittedTable {
  const copy = (column: Uint32Array): Uint32Array => new Uint32Array(column);
  return { logRows, coefficients: coefficients.map(copy), extended: extended.map(copy) };
}

/** The constant tables where the engine wants columns. */
export function constantsOf(
  engine: Engine,
  { tables }: ConstantCommitment,
): Map<string, CommittedTable> {
  return new Map(
    Array.from(tables, ([name, { logRows, coefficients, extended }]) => [
      name,
      {
        logRows,
        coefficients: coefficients.map(engine.adopt),
        extended: extended.map(engine.adopt),
      },
    ]),
  );
}
