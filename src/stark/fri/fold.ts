/**
 * FRI folds one leaf at a time: the meaning of a fold, for the verifier and as the twin of the prover's fold-word.ts.
 *
 * Over conjugates f'(x) = (f(x, y) + f(x, -y))/2 + lambda (f(x, y) - f(x, -y))/(2y), then over antipodes f'(2x^2 - 1) =
 * (f(x) + f(-x))/2 + lambda (f(x) - f(-x))/(2x). The folds of one layer take lambda, lambda^2, lambda^4, so that the
 * result is the combination of the 8 parts by powers of lambda. spec/7-proof-system.md, "FRI".
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import { inverse, mul } from '../field/m31.ts';
import { indexPoint, vanishing } from '../poly/domain.ts';
import type { FriShape } from './shape.ts';

/** 1/2 in M31. */
const HALF = 0x40000000;

/**
 * The value of the next word at `leaf`. `values`: the elements of the leaf of layer `layer`, one after the other; not
 * changed.
 */
export function foldLeaf(
  field: ExtensionField,
  shape: FriShape,
  layer: number,
  leaf: number,
  values: Uint32Array,
  lambda: Ext,
): Ext {
  const { degree } = field;
  const folded = values.slice();
  const difference = field.zero();
  let count = 2 ** shape.foldBits[layer];
  let challenge = lambda;

  /** folded[target] = (a + b)/2 + challenge (a - b)/(2 twiddle), for the elements a, b at two places. */
  function foldPair(target: number, first: number, second: number, twiddle: number): void {
    field.subAt(difference, 0, folded, first * degree, folded, second * degree);
    field.mulBaseAt(difference, 0, difference, 0, inverse(twiddle));
    field.mulAt(difference, 0, difference, 0, challenge, 0);
    field.addAt(folded, target * degree, folded, first * degree, folded, second * degree);
    field.addAt(folded, target * degree, folded, target * degree, difference, 0);
    field.mulBaseAt(folded, target * degree, folded, target * degree, HALF);
  }

  // The coset whose half coset has the x-coordinates of the word.
  let logCoset = shape.logWordLengths[layer];
  if (layer === 0) {
    count /= 2;
    for (let place = 0; place < count; place++) {
      foldPair(place, place, place + count, indexPoint(logCoset, leaf * count + place).y);
    }
    challenge = field.square(challenge);
  } else {
    logCoset++;
  }
  while (count > 1) {
    count /= 2;
    for (let place = 0; place < count; place++) {
      const { x } = indexPoint(logCoset, 2 * (leaf * count + place));
      foldPair(place, 2 * place, 2 * place + 1, x);
    }
    challenge = field.square(challenge);
    logCoset--;
  }
  return field.at(folded, 0);
}

/** The final polynomial, coefficients as consecutive elements on the basis x^{j1} pi(x)^{j2} ..., at a base field x. */
export function evaluateFinal(field: ExtensionField, coefficients: Uint32Array, x: number): Ext {
  const { degree } = field;
  const value = field.zero();
  const count = coefficients.length / degree;
  const basis = new Uint32Array(count);
  basis[0] = 1;
  let current = x;
  for (let size = 1; size < count; size *= 2) {
    for (let j = 0; j < size; j++) basis[size + j] = mul(basis[j], current);
    current = vanishing(2, current);
  }
  for (let j = 0; j < count; j++) field.mulBaseAddAt(value, 0, coefficients, j * degree, basis[j]);
  return value;
}
