/**
 * The heavy phases of the prover as one value: plain TypeScript, or kernels on threads.
 *
 * `plain/engine.ts` defines what each does, `kernel/engine.ts` does the same faster. All results are the
 * same to the last bit, so the prover does not know which it has and a proof does not tell.
 */

import type { DeepLine } from './deep.ts';
import type { Ext, ExtensionField } from './field/extension.ts';
import type { LookupChallenges } from './fingerprint.ts';
import type { FriCommitment } from './fri/query.ts';
import type { FriShape } from './fri/shape.ts';
import type { Digest } from './hash/blake3.ts';
import type { MerkleTable, MerkleTree } from './hash/merkle.ts';
import type { Walk } from './hash/schedule.ts';
import type { Layout, Opening } from './layout.ts';
import type { ExtPoint } from './poly/domain.ts';
import type { Instance, TraceTable } from './system.ts';

/** The one blowup there is: constraints of degree 3 are then evaluated where columns are committed. */
export const LOG_BLOWUP = 1;

/** Lets others run if that is due. Throws the reason when the proof is to be given up. */
export type Pause = () => Promise<void>;

/** Columns in row order, `2^logRows` elements each. */
export interface RowTable {
  readonly logRows: number;
  readonly columns: readonly Uint32Array[];
}

/** One table's columns: `2^logRows` coefficients and `2^(logRows + 1)` values in index order each. */
export interface CommittedTable {
  readonly logRows: number;
  readonly coefficients: readonly Uint32Array[];
  readonly extended: readonly Uint32Array[];
}

/** The columns of one table's lookups. */
export interface LookupColumns {
  /** `degree` base columns for each extension column, in row order; none without interactions. */
  readonly columns: readonly Uint32Array[];
  /** The sum of the table's fractions. */
  readonly claimed: Ext;
}

/** Low degree extensions of a table's columns, at twice its height, in index order. */
export interface ExtendedTable {
  readonly main: readonly Uint32Array[];
  readonly interaction: readonly Uint32Array[];
  readonly fixed: readonly Uint32Array[];
}

export interface ConstraintChallenges extends LookupChallenges {
  readonly gamma: Ext;
}

/** The coefficients of an opened column. */
export type CoefficientsOf = (opening: Opening) => Uint32Array;

/** Arrays that an engine returns are its own: they hold until `end`. */
export interface Engine {
  /** Threads that work, the asking one included. */
  readonly threads: number;

  /**
   * An array of zeros for this proof. Where the memory was planned, `begin` has planned it.
   */
  allocate(length: number): Uint32Array;
  /** The same column where this engine's phases take it from: itself or a copy. Phases do that for what they are given. */
  adopt(column: Uint32Array): Uint32Array;
  /** Gives back arrays of this proof that nobody uses any more. Others than those of the engine are ignored. */
  free(arrays: readonly Uint32Array[]): void;

  /**
   * Says that these rows are final: an engine with other threads may begin to extend them while this one goes on.
   * `extendTables` takes what has begun.
   */
  announce(table: RowTable): void;
  /** Coefficients and low degree extensions of columns of any heights. */
  extendTables(tables: readonly RowTable[], pause: Pause): Promise<CommittedTable[]>;
  /** The same from coefficients, which are kept. */
  extendCoefficients(
    coefficients: readonly Uint32Array[],
    logRows: number,
    pause: Pause,
  ): Promise<CommittedTable>;
  /** The Merkle tree over columns; they must not change before its last opening. */
  commitTables(tables: readonly MerkleTable[], pause: Pause): Promise<MerkleTree>;
  /**
   * The columns of the lookup argument of each table. `spec/7-proof-system.md`, "Lookups".
   *
   * @throws RangeError if a denominator is zero: for random challenges that has probability below 2^-90.
   */
  lookupColumns(
    field: ExtensionField,
    instance: Instance,
    tables: readonly TraceTable[],
    challenges: LookupChallenges,
    pause: Pause,
  ): Promise<LookupColumns[]>;
  /**
   * Coefficients of both halves of the composition polynomial: `degree` columns of the left, then of the right half,
   * `2^layout.logRows` each. `claimed` holds each table's lookup sum. `spec/7-proof-system.md`, "Constraints".
   */
  compositionColumns(
    field: ExtensionField,
    instance: Instance,
    layout: Layout,
    tables: readonly ExtendedTable[],
    claimed: readonly Ext[],
    challenges: ConstraintChallenges,
    pause: Pause,
  ): Promise<Uint32Array[]>;
  /** The value of every opening at its point, consecutive elements. */
  openColumns(
    field: ExtensionField,
    layout: Layout,
    points: readonly [ExtPoint, ExtPoint],
    coefficientsOf: CoefficientsOf,
    pause: Pause,
  ): Promise<Uint32Array>;
  /** The DEEP word on the domain of `2^(layout.logRows + 1)` points, in index order: `degree` columns. */
  deepWord(
    field: ExtensionField,
    layout: Layout,
    coefficientsOf: CoefficientsOf,
    powers: Uint32Array,
    lines: readonly [DeepLine, DeepLine],
    pause: Pause,
  ): Promise<Uint32Array[]>;
  /**
   * Commits and folds the word: walks `friRoot0` to `finalCoefficients`. Throws an Error if the word is no polynomial
   * with 2^logRows coefficients: the prover's own mistake.
   */
  commitWord(
    field: ExtensionField,
    shape: FriShape,
    word: readonly Uint32Array[],
    walk: Walk,
    pause: Pause,
  ): Promise<FriCommitment>;
  /** The least nonce whose hash with the seed has its lowest `bits` bits zero. */
  findNonce(seed: Digest, bits: number, pause: Pause): Promise<number>;
}
