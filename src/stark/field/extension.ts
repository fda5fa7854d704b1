/**
 * The contract of an extension field: challenges live in one of degree 4 (qm31.ts) or 6 (degree6.ts).
 *
 * An element is `degree` consecutive canonical u32 coordinates in a Uint32Array. Both fields are quadratic over their
 * subfield (CM31, or F_{p^3}): the first half of the coordinates is the subfield part, the second half multiplies the
 * quadratic generator, and conjugation negates the second half. Operations ending in `At` take (array, offset) and
 * allocate nothing; `out` may be any of the inputs. The others allocate and are for verifier code.
 */
import * as m31 from './m31.ts';

/** One element: exactly `degree` canonical coordinates. */
export type Ext = Uint32Array;

/** A column of elements as a structure of arrays: `degree` coordinate columns of equal length. */
export type ExtColumn = readonly Uint32Array[];

export interface ExtensionField {
  readonly name: 'qm31' | 'degree6';
  readonly degree: 4 | 6;

  addAt(
    out: Uint32Array,
    outOffset: number,
    left: Uint32Array,
    leftOffset: number,
    right: Uint32Array,
    rightOffset: number,
  ): void;
  subAt(
    out: Uint32Array,
    outOffset: number,
    left: Uint32Array,
    leftOffset: number,
    right: Uint32Array,
    rightOffset: number,
  ): void;
  mulAt(
    out: Uint32Array,
    outOffset: number,
    left: Uint32Array,
    leftOffset: number,
    right: Uint32Array,
    rightOffset: number,
  ): void;
  /** out = value * scalar, for a base field scalar. */
  mulBaseAt(
    out: Uint32Array,
    outOffset: number,
    value: Uint32Array,
    valueOffset: number,
    scalar: number,
  ): void;
  /** out += value * scalar, for a base field scalar. */
  mulBaseAddAt(
    out: Uint32Array,
    outOffset: number,
    value: Uint32Array,
    valueOffset: number,
    scalar: number,
  ): void;
  /** out = 1/value. Throws a RangeError on zero. */
  inverseAt(out: Uint32Array, outOffset: number, value: Uint32Array, valueOffset: number): void;

  zero(): Ext;
  one(): Ext;
  fromBase(value: number): Ext;
  /** The k-th basis element: a value is the sum of coordinate k times basis(k). */
  basis(k: number): Ext;
  /** A fresh copy of the element at `offset`. */
  at(values: Uint32Array, offset: number): Ext;
  add(left: Ext, right: Ext): Ext;
  sub(left: Ext, right: Ext): Ext;
  neg(value: Ext): Ext;
  mul(left: Ext, right: Ext): Ext;
  square(value: Ext): Ext;
  mulBase(value: Ext, scalar: number): Ext;
  /** Throws a RangeError on zero. */
  inverse(value: Ext): Ext;
  /** The automorphism of order 2, over CM31 for degree 4 and over F_{p^3} for degree 6. */
  conjugate(value: Ext): Ext;
  /** value^exponent for a whole exponent in [0, 2^53). */
  pow(value: Ext, exponent: number): Ext;
  equal(left: Ext, right: Ext): boolean;
  isZero(value: Ext): boolean;

  /** Inverts consecutive elements (length a multiple of degree); a fresh array. Throws a RangeError on a zero. */
  batchInverse(values: Uint32Array): Uint32Array;
  /** out[i] = left[i] * right[i]; out may be an input. */
  mulColumns(out: ExtColumn, left: ExtColumn, right: ExtColumn): void;
}

/** What a field must write itself; the rest follows coordinate by coordinate. */
export type ExtensionCore = Pick<ExtensionField, 'name' | 'degree' | 'mulAt' | 'inverseAt'>;

/** Completes a core to a field. */
export function completeExtension(core: ExtensionCore): ExtensionField {
  const { degree, mulAt, inverseAt } = core;

  function fromBase(value: number): Ext {
    const element = new Uint32Array(degree);
    element[0] = value;
    return element;
  }

  function mul(left: Ext, right: Ext): Ext {
    const product = new Uint32Array(degree);
    mulAt(product, 0, left, 0, right, 0);
    return product;
  }

  function basis(k: number): Ext {
    if (!(k >= 0 && k < degree)) throw new RangeError(`k: expected below ${degree}, got ${k}`);
    const element = new Uint32Array(degree);
    element[k] = 1;
    return element;
  }

  function pow(value: Ext, exponent: number): Ext {
    let result = fromBase(1);
    let square = value;
    for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = mul(result, square);
      square = mul(square, square);
    }
    return result;
  }

  function batchInverse(values: Uint32Array): Uint32Array {
    const inverses = new Uint32Array(values.length);
    const product = fromBase(1);
    for (let offset = 0; offset < values.length; offset += degree) {
      inverses.set(product, offset);
      mulAt(product, 0, product, 0, values, offset);
    }
    inverseAt(product, 0, product, 0);
    for (let offset = values.length - degree; offset >= 0; offset -= degree) {
      mulAt(inverses, offset, inverses, offset, product, 0);
      mulAt(product, 0, product, 0, values, offset);
    }
    return inverses;
  }

  return {
    ...core,
    addAt(out, outOffset, left, leftOffset, right, rightOffset) {
      for (let k = 0; k < degree; k++) {
        out[outOffset + k] = m31.add(left[leftOffset + k], right[rightOffset + k]);
      }
    },
    subAt(out, outOffset, left, leftOffset, right, rightOffset) {
      for (let k = 0; k < degree; k++) {
        out[outOffset + k] = m31.sub(left[leftOffset + k], right[rightOffset + k]);
      }
    },
    mulBaseAt(out, outOffset, value, valueOffset, scalar) {
      for (let k = 0; k < degree; k++) out[outOffset + k] = m31.mul(value[valueOffset + k], scalar);
    },
    mulBaseAddAt(out, outOffset, value, valueOffset, scalar) {
      for (let k = 0; k < degree; k++) {
        out[outOffset + k] = m31.add(out[outOffset + k], m31.mul(value[valueOffset + k], scalar));
      }
    },
    zero: () => new Uint32Array(degree),
    one: () => fromBase(1),
    fromBase,
    basis,
    at: (values, offset) => values.slice(offset, offset + degree),
    add: (left, right) => left.map((coordinate, k) => m31.add(coordinate, right[k])),
    sub: (left, right) => left.map((coordinate, k) => m31.sub(coordinate, right[k])),
    neg: (value) => value.map((coordinate) => m31.neg(coordinate)),
    mul,
    square: (value) => mul(value, value),
    mulBase: (value, scalar) => value.map((coordinate) => m31.mul(coordinate, scalar)),
    inverse(value) {
      const result = new Uint32Array(degree);
      inverseAt(result, 0, value, 0);
      return result;
    },
    conjugate: (value) =>
      value.map((coordinate, k) => (k < degree / 2 ? coordinate : m31.neg(coordinate))),
    pow,
    equal: (left, right) => left.every((coordinate, k) => coordinate === right[k]),
    isZero: (value) => value.every((coordinate) => coordinate === 0),
    batchInverse,
    mulColumns(out, left, right) {
      const first = new Uint32Array(degree);
      const second = new Uint32Array(degree);
      for (let i = 0; i < out[0].length; i++) {
        for (let k = 0; k < degree; k++) {
          first[k] = left[k][i];
          second[k] = right[k][i];
        }
        mulAt(first, 0, first, 0, second, 0);
        for (let k = 0; k < degree; k++) out[k][i] = first[k];
      }
    },
  };
}
