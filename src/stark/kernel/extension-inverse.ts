/**
 * Norms of extension elements down to the base field, and inverses there, on four lanes.
 *
 * One idea: four inversions at once cost what one does, so a batch keeps four running products and the chain of
 * forty base products is shared by all of its rows; by their norms elements of the extension are inverted in the
 * same chain. The inverse of zero is zero here, where the plain field throws: who may meet one looks for it.
 * spec/7-proof-system.md, "Field".
 */
import type { FunctionBuilder } from './assembler.ts';
import type { Lanes } from './extension-lanes.ts';
import { LaneField } from './lanes.ts';
import { i32, v128 } from './operations.ts';

/** Base field formulas whose results are fresh locals. */
class Formula {
  readonly #code: FunctionBuilder;
  readonly field: LaneField;

  constructor(code: FunctionBuilder) {
    this.#code = code;
    this.field = new LaneField(code);
  }

  add(left: Lanes, right: Lanes): Lanes {
    const result = this.#code.local('v128');
    this.field.add(result, left, right);
    return result;
  }

  subtract(left: Lanes, right: Lanes): Lanes {
    const result = this.#code.local('v128');
    this.field.subtract(result, left, right);
    return result;
  }

  multiply(left: Lanes, right: Lanes): Lanes {
    const result = this.#code.local('v128');
    this.field.multiply(result, left, right);
    return result;
  }

  double(value: Lanes): Lanes {
    return this.add(value, value);
  }

  times5(value: Lanes): Lanes {
    return this.add(this.double(this.double(value)), value);
  }

  negate(value: Lanes): Lanes {
    const zero = this.#code.hold(v128.xor(value, value));
    return this.subtract(zero, value);
  }

  /** value^(2^times), in a loop: straight-line code of this length is compiled badly. */
  squareTimes(value: Lanes, times: number): Lanes {
    const result = this.#code.hold(value);
    const rest = this.#code.hold(i32.const(times));
    this.#code.countDown(rest, 1, () => this.field.multiply(result, result, result));
    return result;
  }

  /** value^(p - 2), p - 2 = 4 (2^29 - 1) + 1: value^(2^k - 1) for k = 1, 2, 3, 6, 7, 14, 28, 29. */
  inverse(value: Lanes): Lanes {
    const joined = (ones: Lanes, more: Lanes, count: number): Lanes =>
      this.multiply(this.squareTimes(ones, count), more);
    const ones2 = joined(value, value, 1);
    const ones3 = joined(ones2, value, 1);
    const ones6 = joined(ones3, ones3, 3);
    const ones7 = joined(ones6, value, 1);
    const ones14 = joined(ones7, ones7, 7);
    const ones28 = joined(ones14, ones14, 14);
    const ones29 = joined(ones28, value, 1);
    return joined(ones29, value, 2);
  }

  /** A square in M31[i]: (a0 - a1)(a0 + a1) and 2 a0 a1. */
  complexSquare([a0, a1]: readonly Lanes[]): Lanes[] {
    return [
      this.multiply(this.subtract(a0, a1), this.add(a0, a1)),
      this.multiply(this.double(a0), a1),
    ];
  }

  /** A square in M31[x], x^3 = 5. */
  cubicSquare([a0, a1, a2]: readonly Lanes[]): Lanes[] {
    const [twice0, twice1] = [this.double(a0), this.double(a1)];
    return [
      this.add(this.multiply(a0, a0), this.times5(this.multiply(twice1, a2))),
      this.add(this.multiply(twice0, a1), this.times5(this.multiply(a2, a2))),
      this.add(this.multiply(twice0, a2), this.multiply(a1, a1)),
    ];
  }
}

/** 1/value of four base elements, in a fresh local; zero for zero. */
export function emitBaseInverse(code: FunctionBuilder, value: Lanes): Lanes {
  return new Formula(code).inverse(value);
}

/**
 * An element t of the subfield (M31[i] for degree 4, M31[x] for degree 6) such that value * t is a base element, which
 * comes with it. The inverse of `value`, an element of the subfield, is t divided by that.
 */
export function emitSubfieldNorm(
  code: FunctionBuilder,
  degree: 4 | 6,
  value: readonly Lanes[],
): { readonly cofactor: Lanes[]; readonly norm: Lanes } {
  const by = new Formula(code);
  if (degree === 4) {
    const [n0, n1] = value;
    return {
      cofactor: [n0, by.negate(n1)],
      norm: by.add(by.multiply(n0, n0), by.multiply(n1, n1)),
    };
  }
  const [n0, n1, n2] = value;
  const cofactor = [
    by.subtract(by.multiply(n0, n0), by.times5(by.multiply(n1, n2))),
    by.subtract(by.times5(by.multiply(n2, n2)), by.multiply(n0, n1)),
    by.subtract(by.multiply(n1, n1), by.multiply(n0, n2)),
  ];
  const [t0, t1, t2] = cofactor;
  const wrapped = by.times5(by.add(by.multiply(n2, t1), by.multiply(n1, t2)));
  return { cofactor, norm: by.add(by.multiply(n0, t0), wrapped) };
}

/**
 * The norm of A + Bu to the subfield, A^2 - u^2 B^2: u^2 is 2 + i for degree 4 and -1 for degree 6. The inverse is
 * (A - Bu) divided by it.
 */
export function emitRelativeNorm(
  code: FunctionBuilder,
  degree: 4 | 6,
  value: readonly Lanes[],
): Lanes[] {
  const by = new Formula(code);
  const halves = [value.slice(0, degree / 2), value.slice(degree / 2)];
  const [square, other] = halves.map((half) =>
    degree === 4 ? by.complexSquare(half) : by.cubicSquare(half),
  );
  if (degree === 6) return square.map((coordinate, k) => by.add(coordinate, other[k]));
  return [
    by.subtract(square[0], by.subtract(by.double(other[0]), other[1])),
    by.subtract(square[1], by.add(by.double(other[1]), other[0])),
  ];
}
