/** FRI, commit phase, prover only: commit the word, fold it, and again; the last one is sent as coefficients. */

import type { ExtColumn, ExtensionField } from '../field/extension.ts';
import type { FriCommitment } from '../fri/query.ts';
import { type FriShape, layerTable } from '../fri/shape.ts';
import { digestToBytes, wordsToBytes } from '../hash/digest.ts';
import { commitTables, type MerkleTree } from '../hash/merkle.ts';
import type { Walk } from '../hash/schedule.ts';
import { interpolateInPlace } from '../poly/fft.ts';
import { foldWord } from './fold-word.ts';

/**
 * Walks `friRoot0` to `finalCoefficients`. `word`: 2^(logRows + logBlowup) elements in index order of values of a
 * polynomial with 2^logRows coefficients. Throws an Error if it is not one: the prover's own mistake.
 */
export function commitWord(
  field: ExtensionField,
  shape: FriShape,
  word: ExtColumn,
  walk: Walk,
): FriCommitment {
  const trees: MerkleTree[] = [];
  const foldNonces: number[] = [];
  let current = word;
  for (let layer = 0; layer < shape.foldBits.length; layer++) {
    const { logHeight } = layerTable(shape, layer, field.degree);
    const tree = commitTables([{ logHeight, columns: leafColumns(shape, layer, current) }]);
    trees.push(tree);
    walk.absorb(`friRoot${layer}`, digestToBytes(tree.root));
    foldNonces.push(walk.grind(`fold${layer}`));
    // A word far from the code stays far under all but (arity - 1) lin(n) / q of the lambdas: the error of this fold.
    const lambda = walk.challenge(`lambda${layer}`);
    current = foldWord(field, shape, layer, current, lambda);
  }
  const finalCoefficients = interpolateFinal(field, shape, current);
  walk.absorb('finalCoefficients', wordsToBytes(finalCoefficients));
  return { trees, roots: trees.map((tree) => tree.root), foldNonces, finalCoefficients };
}

/** The columns of the leaves: for each position in a leaf and each coordinate, one value a leaf. */
export function leafColumns(shape: FriShape, layer: number, word: ExtColumn): Uint32Array[] {
  const bits = shape.foldBits[layer];
  const leaves = 2 ** (shape.logWordLengths[layer] - bits);
  const neighbours = layer === 0 ? 2 ** (bits - 1) : 2 ** bits;
  const columns: Uint32Array[] = [];
  for (let start = 0; start < word[0].length; start += leaves * neighbours) {
    for (let neighbour = 0; neighbour < neighbours; neighbour++) {
      for (const coordinate of word) {
        const column = new Uint32Array(leaves);
        let from = start + neighbour;
        for (let leaf = 0; leaf < leaves; leaf++) {
          column[leaf] = coordinate[from];
          from += neighbours;
        }
        columns.push(column);
      }
    }
  }
  return columns;
}

/** Coefficients of the last word: a function of x alone, so on the circle its values repeat at the conjugates. */
export function interpolateFinal(
  field: ExtensionField,
  shape: FriShape,
  word: ExtColumn,
): Uint32Array {
  const count = 2 ** shape.finalLogLength;
  const coefficients = new Uint32Array(count * field.degree);
  word.forEach((coordinate, k) => {
    const values = new Uint32Array(2 * coordinate.length);
    values.set(coordinate);
    values.set(coordinate, coordinate.length);
    interpolateInPlace(values);
    if (values.subarray(count).some((value) => value !== 0)) {
      throw new Error(`word: expected at most 2^${shape.logRows} coefficients, got more`);
    }
    for (let j = 0; j < count; j++) coefficients[j * field.degree + k] = values[j];
  });
  return coefficients;
}
