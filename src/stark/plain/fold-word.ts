/**
 * FRI folds of whole words, prover only: fold.ts for all leaves at once, column by column, inversions batched.
 */
import type { Ext, ExtColumn, ExtensionField } from '../field/extension.ts';
import { add, batchInverse, mul, sub } from '../field/m31.ts';
import type { FriShape } from '../fri/shape.ts';
import { halfCosetPoints } from '../poly/domain.ts';

/** 1/2 in M31. */
const HALF = 0x40000000;

/** The next word: layer `layer` folded with lambda, lambda^2, lambda^4. A fresh column; `word` is not changed. */
export function foldWord(
  field: ExtensionField,
  shape: FriShape,
  layer: number,
  word: ExtColumn,
  lambda: Ext,
): Uint32Array[] {
  let folded = [...word];
  let challenge = lambda;
  let logCoset = shape.logWordLengths[layer] + (layer === 0 ? 0 : 1);
  let { xs, ys } = halfCosetPoints(logCoset);
  for (let fold = 0; fold < shape.foldBits[layer]; fold++) {
    if (layer === 0 && fold === 0) {
      folded = foldPairs(field, folded, batchInverse(ys), challenge, 'conjugates');
    } else {
      const evenXs = xs.filter((_, index) => index % 2 === 0);
      folded = foldPairs(field, folded, batchInverse(evenXs), challenge, 'antipodes');
      logCoset--;
      if (logCoset > 0) ({ xs, ys } = halfCosetPoints(logCoset));
    }
    challenge = field.square(challenge);
  }
  return folded;
}

/** One fold: (a + b)/2 + challenge (a - b) inverseTwiddle / 2; pairs half a word apart, or side by side. */
function foldPairs(
  field: ExtensionField,
  word: ExtColumn,
  inverseTwiddles: Uint32Array,
  challenge: Ext,
  pairs: 'conjugates' | 'antipodes',
): Uint32Array[] {
  const { degree } = field;
  const length = inverseTwiddles.length;
  const step = pairs === 'conjugates' ? 1 : 2;
  const apart = pairs === 'conjugates' ? length : 1;
  const folded = Array.from({ length: degree }, () => new Uint32Array(length));
  const difference = field.zero();
  const halfChallenge = field.mulBase(challenge, HALF);
  for (let index = 0; index < length; index++) {
    const first = step * index;
    const second = first + apart;
    const twiddle = inverseTwiddles[index];
    for (let k = 0; k < degree; k++) {
      const column = word[k];
      difference[k] = mul(sub(column[first], column[second]), twiddle);
    }
    field.mulAt(difference, 0, difference, 0, halfChallenge, 0);
    for (let k = 0; k < degree; k++) {
      const column = word[k];
      folded[k][index] = add(mul(add(column[first], column[second]), HALF), difference[k]);
    }
  }
  return folded;
}
