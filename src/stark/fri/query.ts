/** FRI, query phase, prover only: open every layer at the leaves met. */

import type { Digest } from '../hash/blake3.ts';
import type { MerkleTree } from '../hash/merkle.ts';
import type { MerkleOpening } from '../hash/merkle-verify.ts';
import { type FriShape, locate } from './shape.ts';

/** What the commit phase leaves. */
export interface FriCommitment {
  readonly trees: readonly MerkleTree[];
  readonly roots: readonly Digest[];
  readonly foldNonces: readonly number[];
  /** Consecutive extension elements, 2^finalLogLength of them. */
  readonly finalCoefficients: Uint32Array;
}

/** `indices`: of the first word, any order, repeats allowed. One opening for each layer. */
export function openLayers(
  shape: FriShape,
  commitment: FriCommitment,
  indices: Uint32Array,
): MerkleOpening[] {
  let current = indices;
  return commitment.trees.map((tree, layer) => {
    current = current.map((index) => locate(shape, layer, index).leaf);
    return tree.open(current);
  });
}
