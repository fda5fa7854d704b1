/**
 * Pointwise arithmetic on columns of extension elements, one Uint32Array for each coordinate.
 *
 * All but the product are coordinate by coordinate and the same for both fields. `out` may be an input everywhere.
 */
import type { Ext, ExtColumn, ExtensionField } from './extension.ts';
import { add, mul, sub } from './m31.ts';

/** A zero column of `length` elements. */
export function createExtColumn(field: ExtensionField, length: number): Uint32Array[] {
  return Array.from({ length: field.degree }, () => new Uint32Array(length));
}

/** Element `index` of a column, fresh. */
export function elementOf(column: ExtColumn, index: number): Ext {
  return Uint32Array.from(column, (coordinate) => coordinate[index]);
}

/** Overwrites element `index` of a column. */
export function setElement(column: ExtColumn, index: number, value: Ext): void {
  for (let k = 0; k < column.length; k++) column[k][index] = value[k];
}

/** out[i] = left[i] + right[i]. */
export function addColumns(out: ExtColumn, left: ExtColumn, right: ExtColumn): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k];
    const first = left[k];
    const second = right[k];
    for (let i = 0; i < target.length; i++) target[i] = add(first[i], second[i]);
  }
}

/** out[i] = left[i] - right[i]. */
export function subColumns(out: ExtColumn, left: ExtColumn, right: ExtColumn): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k];
    const first = left[k];
    const second = right[k];
    for (let i = 0; i < target.length; i++) target[i] = sub(first[i], second[i]);
  }
}

/** accumulator[i] += column[i] * constant, for a base field column. */
export function mulAccumulate(accumulator: ExtColumn, column: Uint32Array, constant: Ext): void {
  for (let k = 0; k < accumulator.length; k++) {
    const target = accumulator[k];
    const factor = constant[k];
    if (factor === 0) continue;
    for (let i = 0; i < target.length; i++) target[i] = add(target[i], mul(column[i], factor));
  }
}

/** out[i] = left[i] * right[i] for a base field column `right`. */
export function mulBaseColumn(out: ExtColumn, left: ExtColumn, right: Uint32Array): void {
  for (let k = 0; k < out.length; k++) {
    const target = out[k];
    const source = left[k];
    for (let i = 0; i < target.length; i++) target[i] = mul(source[i], right[i]);
  }
}

/** Inverts every element in place. Throws a RangeError when one is zero. */
export function invertColumn(field: ExtensionField, column: ExtColumn): void {
  const { degree } = field;
  const length = column[0].length;
  const elements = new Uint32Array(length * degree);
  for (let k = 0; k < degree; k++) {
    for (let i = 0; i < length; i++) elements[i * degree + k] = column[k][i];
  }
  const inverses = field.batchInverse(elements);
  for (let k = 0; k < degree; k++) {
    for (let i = 0; i < length; i++) column[k][i] = inverses[i * degree + k];
  }
}
