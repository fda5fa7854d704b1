import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import type { ExtensionField } from '../../../src/stark/field/extension.ts';
import { elementOf } from '../../../src/stark/field/extension-column.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { Combination, dotProduct, splitWeights } from '../../../src/stark/plain/combine.ts';
import { BlockInverter, multiplyBlocks } from '../../../src/stark/plain/extension-blocks.ts';
import { P } from '../../support/synthetic.ts';
import { createDice } from '../../support/tampering.ts';

/** Random elements, and ones whose coordinates are at the ends of their range. */
function sample(field: ExtensionField, length: number, seed: number): Uint32Array[] {
  const dice = createDice(seed);
  const edges = [0, 1, P - 1, 0xffff, 0x10000, 0x7fff0000];
  const value = (): number => (dice(3) === 0 ? edges[dice(edges.length)]! : dice(P));
  return Array.from({ length: field.degree }, () => Uint32Array.from({ length }, value));
}

for (const field of [qm31, degree6]) {
  describe(`blocks over ${field.name}`, () => {
    it('multiply as the field does, in place too', () => {
      const [left, right] = [sample(field, 1024, 1), sample(field, 1024, 2)];
      // All coordinates at the greatest value: the sums are as large as they get.
      for (const column of [...left, ...right]) column[0] = P - 1;
      const expected = sample(field, 1024, 3);
      field.mulColumns(expected, left, right);
      multiplyBlocks(field, left, left, right);
      expect(left).toEqual(expected);
    });

    it('invert as the field does', () => {
      for (const length of [1, 2, 16, 256]) {
        const column = sample(field, length, length);
        column[0]!.forEach((value, i) => {
          column[0]![i] = value === 0 ? 1 : value;
        });
        const inverses = column.map((coordinate) => coordinate.slice());
        new BlockInverter(field, length).invert(inverses);
        for (let i = 0; i < length; i++) {
          expect(field.mul(elementOf(column, i), elementOf(inverses, i))).toEqual(field.one());
        }
      }
    });

    it('refuse to invert zero', () => {
      const column = Array.from({ length: field.degree }, () => new Uint32Array(16));
      expect(() => new BlockInverter(field, 16).invert(column)).toThrow(RangeError);
    });

    it('combine columns as the field does, for many columns', () => {
      const rows = 32;
      for (const count of [0, 1, 3, 4, 7, 59, 60, 61, 130]) {
        const dice = createDice(count + 1);
        const edge = (): number => (dice(2) === 0 ? P - 1 : dice(P));
        const columns = Array.from({ length: count }, () =>
          Int32Array.from({ length: rows + 5 }, edge),
        );
        const constants = Uint32Array.from({ length: count * field.degree }, edge);
        const offsets = new Int32Array(count).fill(5);
        const start = Uint32Array.from({ length: field.degree }, edge);
        const combination = new Combination(field.degree);
        combination.begin(rows, start);
        combination.add(columns, offsets, count, constants, 0);
        const out = Array.from({ length: field.degree }, () => new Uint32Array(rows));
        combination.finish(out, 0);
        for (let i = 0; i < rows; i++) {
          const expected = start.slice();
          columns.forEach((column, j) => {
            field.mulBaseAddAt(expected, 0, constants, j * field.degree, column[5 + i]!);
          });
          expect(elementOf(out, i)).toEqual(expected);
        }
      }
    });

    it('multiply blocks of any length', () => {
      for (const length of [1, 2, 5, 16, 20, 33, 512, 1028, 4096]) {
        const [left, right] = [sample(field, length, length), sample(field, length, length + 1)];
        const expected = sample(field, length, 3);
        field.mulColumns(expected, left, right);
        multiplyBlocks(field, right, left, right);
        expect(right).toEqual(expected);
      }
    });

    it('evaluate with weights as the field does', () => {
      const weights = Uint32Array.from(sample(field, 150, 9).flatMap((column) => [...column]));
      const values = Uint32Array.from({ length: 150 }, (_, i) =>
        i % 3 === 0 ? P - 1 : i * 1000003,
      );
      const expected = field.zero();
      values.forEach((value, i) => {
        field.mulBaseAddAt(expected, 0, weights, i * field.degree, value);
      });
      expect(dotProduct(values, splitWeights(weights, field.degree))).toEqual(expected);
    });
  });
}
