/**
 * The shape of a FRI proof: a function of the greatest height and the blowup, and of nothing the prover says.
 * spec/7-proof-system.md, "FRI".
 *
 * Layers fold by 8 while at least three folds remain, the last one by what is left. Layer 0 is a word on the circle
 * (index order of H_n), whose first fold is that over conjugates; the later ones are words on x-coordinates.
 */
import type { TableShape } from '../hash/merkle-verify.ts';

/** log2 of the most coefficients sent for the last word. */
export const FINAL_LOG_LENGTH = 6;

const FULL_FOLD_BITS = 3;

export interface FriShape {
  /** log2 of the dimension of the words proved: the rows of the tallest table. */
  readonly logRows: number;
  readonly logBlowup: number;
  /** log2 of the arity of each committed layer: 3, but for the last one. At least one layer. */
  readonly foldBits: readonly number[];
  /** log2 of the length of the word committed in each layer. */
  readonly logWordLengths: readonly number[];
  /** log2 of the exact number of final coefficients. */
  readonly finalLogLength: number;
}

/** logRows >= 1, logBlowup >= 1, together at most 30. */
export function friShape(logRows: number, logBlowup: number): FriShape {
  if (!(logRows >= 1 && logBlowup >= 1 && logRows + logBlowup <= 30)) {
    throw new RangeError(`logRows: expected 1 to ${30 - logBlowup}, got ${logRows}`);
  }
  const total = Math.max(1, logRows - FINAL_LOG_LENGTH);
  const foldBits: number[] = [];
  const logWordLengths: number[] = [];
  for (let rest = total; rest > 0; ) {
    logWordLengths.push(logRows + logBlowup - total + rest);
    const bits = Math.min(FULL_FOLD_BITS, rest);
    foldBits.push(bits);
    rest -= bits;
  }
  return { logRows, logBlowup, foldBits, logWordLengths, finalLogLength: logRows - total };
}

/** The committed table of a layer: one row for each leaf, its elements one after the other. */
export function layerTable(shape: FriShape, layer: number, degree: number): TableShape {
  const bits = shape.foldBits[layer];
  return { logHeight: shape.logWordLengths[layer] - bits, width: 2 ** bits * degree };
}

/**
 * Leaf of an index of layer `layer`, which is also its index in the next word, and its position in the leaf. A leaf of
 * layer 0 is neighbours followed by their conjugates, half the word away; one of a later layer is neighbours.
 */
export function locate(
  shape: FriShape,
  layer: number,
  index: number,
): { leaf: number; position: number } {
  const bits = shape.foldBits[layer];
  if (layer > 0) return { leaf: index >>> bits, position: index & (2 ** bits - 1) };
  const half = 2 ** (shape.logWordLengths[0] - 1);
  const neighbours = 2 ** (bits - 1);
  const isConjugate = index >= half;
  const onHalf = isConjugate ? index - half : index;
  return {
    leaf: onHalf >>> (bits - 1),
    position: (onHalf & (neighbours - 1)) + (isConjugate ? neighbours : 0),
  };
}
