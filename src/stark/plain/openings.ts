/**
 * Values of columns at the out-of-domain points, plain. `spec/7-proof-system.md`, "Openings".
 */

import type { CoefficientsOf, Pause } from '../engine.ts';
import type { ExtensionField } from '../field/extension.ts';
import type { Layout } from '../layout.ts';
import { basisAt } from '../poly/coefficients.ts';
import { doubleExtPoint, type ExtPoint } from '../poly/domain.ts';
import { dotProduct, splitWeights } from './combine.ts';

/** The value of every opening, consecutive elements. Basis values are shared among equal heights. */
export async function openColumns(
  field: ExtensionField,
  layout: Layout,
  points: readonly [ExtPoint, ExtPoint],
  coefficientsOf: CoefficientsOf,
  pause: Pause,
): Promise<Uint32Array> {
  const values = new Uint32Array(layout.openings.length * field.degree);
  const heights = new Set(layout.openings.map((opening) => coefficientsOf(opening).length));
  for (const point of [0, 1] as const) {
    for (const height of heights) {
      const logRows = Math.log2(height);
      const lowered = doubleExtPoint(field, points[point], layout.logRows - logRows);
      const weights = splitWeights(basisAt(field, logRows, lowered), field.degree);
      for (const [position, opening] of layout.openings.entries()) {
        const column = coefficientsOf(opening);
        if (opening.point !== point || column.length !== height) continue;
        values.set(dotProduct(column, weights), position * field.degree);
        await pause();
      }
    }
  }
  return values;
}
