/**
 * Lagrange weights on a canonic coset: how the verifier evaluates columns that it knows by their rows.
 *
 * On the circle the FFT space of N coefficients is that of cos(k t), k < N/2, and sin(k t), k <= N/2. Its kernel for the
 * odd multiples of Q is the trapezoidal Dirichlet kernel (1/N) sin(N phi / 2) cot(phi / 2), phi = P - D_i. As every
 * D_i has cos(N t / 2) = 0, the sine is -v_n(P) times the sign of row i, and cot(phi / 2) = (1 + x) / y at P - D_i.
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import { add, inverse, mul, neg, power } from '../field/m31.ts';
import { addPoints, type ExtPoint, rowPoint, subgroupGenerator, vanishingExt } from './domain.ts';

/**
 * The weights w with f(point) = sum of w[row] f(row), for the interpolant f of 2^logRows values (logRows >= 1):
 * consecutive elements in ROW order. Undefined when the point lies in the domain.
 */
export function lagrangeAt(
  field: ExtensionField,
  point: ExtPoint,
  logRows: number,
): Uint32Array | undefined {
  const { degree } = field;
  const rows = 2 ** logRows;
  const vanished = vanishingExt(field, logRows, point.x);
  if (field.isZero(vanished)) return undefined;

  const differences = new Uint32Array(rows * degree);
  const numerators = new Uint32Array(rows * degree);
  const step = subgroupGenerator(logRows);
  let row = rowPoint(logRows, 0);
  for (let offset = 0; offset < differences.length; offset += degree) {
    // P - D: x = x x' + y y', y = y x' - x y'.
    const negatedY = neg(row.y);
    for (let k = 0; k < degree; k++) {
      const x = point.x[k];
      const y = point.y[k];
      differences[offset + k] = add(mul(y, row.x), mul(x, negatedY));
      numerators[offset + k] = add(mul(x, row.x), mul(y, row.y));
    }
    numerators[offset] = add(numerators[offset], 1);
    row = addPoints(row, step);
  }

  const weights = field.batchInverse(differences);
  // The sign of row 0 is y of (N/2) Q = g_2, that of the others alternates.
  const scale = mul(neg(subgroupGenerator(2).y), inverse(power(2, logRows)));
  const even = field.mulBase(vanished, scale);
  const odd = field.neg(even);
  for (let index = 0; index < rows; index++) {
    const offset = index * degree;
    field.mulAt(weights, offset, weights, offset, numerators, offset);
    field.mulAt(weights, offset, weights, offset, index % 2 === 0 ? even : odd, 0);
  }
  return weights;
}

/** The sum of weights[row] * column[row]; rows past the end of the column count as zero. */
export function evaluateWithWeights(
  field: ExtensionField,
  weights: Uint32Array,
  column: Uint32Array,
): Ext {
  const { degree } = field;
  if (column.length * degree > weights.length) {
    throw new RangeError(
      `column: expected at most ${weights.length / degree} rows, got ${column.length}`,
    );
  }
  const sum = field.zero();
  for (let row = 0; row < column.length; row++) {
    if (column[row] !== 0) field.mulBaseAddAt(sum, 0, weights, row * degree, column[row]);
  }
  return sum;
}
