/**
 * A proof as a value. `codec.ts` has its bytes, `spec/8-proof-format.md` both.
 *
 * It holds only what the verifier cannot compute: which tables there are, commitments, claimed sums,
 * opened values, nonces and opened rows. Its shape beyond the list of tables follows from that list.
 */

import type { FriProof } from './fri/verify.ts';
import type { MerkleOpening } from './hash/merkle-verify.ts';
import type { TableClaim, TreeName } from './layout.ts';

export interface Proof {
  readonly claims: readonly TableClaim[];
  readonly mainRoot: Uint32Array;
  /** Absent if no table has interactions. */
  readonly interactionRoot: Uint32Array | undefined;
  readonly compositionRoot: Uint32Array;
  /** Consecutive extension elements, one for each table. */
  readonly claimedSums: Uint32Array;
  /** Consecutive extension elements, one for each opening of the layout. */
  readonly openedValues: Uint32Array;
  readonly nonces: {
    readonly logup: number;
    readonly outOfDomain: number;
    readonly batch: number;
    readonly query: number;
  };
  readonly fri: FriProof;
  /** Rows at the queried indices; absent for a tree without tables. */
  readonly trees: Readonly<Record<TreeName, MerkleOpening | undefined>>;
}
