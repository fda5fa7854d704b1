/** FRI, query phase, prover only: open every layer at the leaves met. */

import type { FriCommitment } from '../engine.ts';
import type { MerkleOpening } from '../hash/merkle-verify.ts';
import { type FriShape, locate } from './shape.ts';

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
