/**
 * Coefficient vectors of the circle FFT: 2^n coefficients on the basis y^{j0} x^{j1} pi(x)^{j2} ... pi^{n-2}(x)^{j_{n-1}}.
 *
 * Layout: j0 on top, position = j0 2^{n-1} + j1 + 2 j2 + ... + 2^{n-2} j_{n-1}. So the first half is the part without y,
 * and a larger polynomial space extends each half at its end.
 */
import type { Ext, ExtensionField } from '../field/extension.ts';
import { mul, power } from '../field/m31.ts';
import { doubleExtPoint, type ExtPoint } from './domain.ts';

/** The same polynomial with 2^toLog coefficients, at least as many as now (at least 2). Fresh. */
export function padCoefficients(coefficients: Uint32Array, toLog: number): Uint32Array {
  const half = coefficients.length / 2;
  const padded = new Uint32Array(2 ** toLog);
  padded.set(coefficients.subarray(0, half));
  padded.set(coefficients.subarray(half), padded.length / 2);
  return padded;
}

/**
 * Coefficients of f(pi^k(P)), 2^k times as many: x-parts scatter with stride 2^k; y(pi^k(P)) = 2^k y x pi(x) ...
 * pi^{k-1}(x) puts the y-parts at the last place of each stride, times 2^k. spec/7-proof-system.md, "Lifting".
 */
export function liftCoefficients(coefficients: Uint32Array, k: number): Uint32Array {
  const half = coefficients.length / 2;
  const stride = 2 ** k;
  const lifted = new Uint32Array(coefficients.length * stride);
  const factor = power(2, k);
  for (let j = 0; j < half; j++) {
    lifted[j * stride] = coefficients[j];
    lifted[half * stride + j * stride + stride - 1] = mul(coefficients[half + j], factor);
  }
  return lifted;
}

/** f = left + pi^{n-2}(x) * right, for 2^n coefficients (n >= 2): two vectors of 2^{n-1}. */
export function splitCoefficients(coefficients: Uint32Array): {
  left: Uint32Array;
  right: Uint32Array;
} {
  const quarter = coefficients.length / 4;
  const left = new Uint32Array(2 * quarter);
  const right = new Uint32Array(2 * quarter);
  left.set(coefficients.subarray(0, quarter));
  right.set(coefficients.subarray(quarter, 2 * quarter));
  left.set(coefficients.subarray(2 * quarter, 3 * quarter), quarter);
  right.set(coefficients.subarray(3 * quarter), quarter);
  return { left, right };
}

/**
 * Values of the 2^logSize basis functions at a point, consecutive elements in coefficient layout: opens many columns at
 * one point for `degree` base products a coefficient. logSize >= 1.
 */
export function basisAt(field: ExtensionField, logSize: number, point: ExtPoint): Uint32Array {
  const { degree } = field;
  const half = 2 ** (logSize - 1);
  const basis = new Uint32Array(2 * half * degree);
  basis[0] = 1;
  let current = point;
  for (let size = 1; size < half; size *= 2) {
    for (let j = 0; j < size; j++) {
      field.mulAt(basis, (size + j) * degree, basis, j * degree, current.x, 0);
    }
    current = doubleExtPoint(field, current, 1);
  }
  for (let j = 0; j < half; j++) {
    field.mulAt(basis, (half + j) * degree, basis, j * degree, point.y, 0);
  }
  return basis;
}

/** The sum of basis[j] * coefficients[j]. */
export function evaluateWithBasis(
  field: ExtensionField,
  basis: Uint32Array,
  coefficients: Uint32Array,
): Ext {
  const sum = field.zero();
  for (let j = 0; j < coefficients.length; j++) {
    field.mulBaseAddAt(sum, 0, basis, j * field.degree, coefficients[j]);
  }
  return sum;
}

/** The value of a polynomial at a point over the extension. */
export function evaluateAt(field: ExtensionField, coefficients: Uint32Array, point: ExtPoint): Ext {
  const logSize = Math.log2(coefficients.length);
  return evaluateWithBasis(field, basisAt(field, logSize, point), coefficients);
}
