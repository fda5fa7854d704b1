/**
 * Code for the expressions of a chip, four rows at a time, and where it finds what it needs: the frame of a table.
 *
 * One idea: addresses of columns, values of uniforms and challenges stand in a frame in memory, so that the code
 * of a chip is the same for every table of it, of any height, in any proof. A node of the graph is computed once
 * in a function and then is a local. spec/11-kernels.md, "Constraints".
 */
import { type ChipDescription, lookupColumnCount } from '../air/chip.ts';
import { MODULUS } from '../field/m31.ts';
import type { FunctionBuilder, Local } from './assembler.ts';
import { type Lanes, lowBits, PRODUCTS, WideSum } from './extension-lanes.ts';
import type { Graph } from './graph.ts';
import { LaneField } from './lanes.ts';
import { type I32, i8x16, i32, i32x4, i64x2, type V128, v128 } from './operations.ts';

/** Byte offsets in the frame of a table. Every frame of a chip and a degree has the same. */
export interface FrameLayout {
  readonly main: number;
  readonly fixed: number;
  readonly lastRow: number;
  /** Columns of the lookup argument: coordinate by coordinate. */
  readonly interaction: number;
  /** Columns of the quotient, one for each coordinate. */
  readonly quotient: number;
  /** log2 of the values of a column less 3, as a mask: groups of four in half a column, less 1. */
  readonly groupMask: number;
  /** Uniforms, then the same doubled. */
  readonly uniforms: number;
  readonly doubled: number;
  /** The powers beta, beta^2, … negated: consecutive elements. */
  readonly powers: number;
  /** What the fingerprint of each interaction starts from, coordinates as 64-bit words. */
  readonly starts: number;
  /** claimed / rows. */
  readonly share: number;
  readonly words: number;
}

export function layOutFrame(chip: ChipDescription, graph: Graph, degree: number): FrameLayout {
  let words = 0;
  const take = (count: number): number => {
    const at = 4 * words;
    words += count;
    return at;
  };
  const width = Math.max(0, ...chip.interactions.map(({ message }) => message.length));
  return {
    starts: take(2 * degree * chip.interactions.length),
    main: take(chip.columns.length),
    fixed: take(chip.fixedColumns.length),
    lastRow: take(1),
    interaction: take(degree * lookupColumnCount(chip)),
    quotient: take(degree),
    groupMask: take(1),
    uniforms: take(graph.uniformCount),
    doubled: take(graph.uniformCount),
    powers: take(degree * width),
    share: take(degree),
    words,
  };
}

/** Which rows a function goes through: those of the trace, or the points of the doubled domain in index order. */
export type Domain = 'rows' | 'points';

/**
 * Emits nodes for the four rows at byte offset `at` of every column. To be made anew inside each loop body, since its
 * locals hold for one turn.
 */
export class RowCode {
  readonly code: FunctionBuilder;
  readonly field: LaneField;
  readonly mask: Lanes;
  readonly #graph: Graph;
  readonly #frame: Local<'i32'>;
  readonly #layout: FrameLayout;
  readonly #at: Local<'i32'>;
  readonly #domain: Domain;
  readonly #known = new Map<number, Lanes>();
  readonly #modulus: Lanes;
  #next: { readonly at: Local<'i32'>; readonly places: Lanes } | undefined;

  constructor(
    code: FunctionBuilder,
    graph: Graph,
    layout: FrameLayout,
    frame: Local<'i32'>,
    at: Local<'i32'>,
    domain: Domain,
  ) {
    this.code = code;
    this.field = new LaneField(code);
    this.mask = lowBits(code);
    this.#modulus = code.hold(i32x4.splat(i32.const(MODULUS)));
    this.#graph = graph;
    this.#frame = frame;
    this.#layout = layout;
    this.#at = at;
    this.#domain = domain;
  }

  /** The address of the current rows of the column whose address stands at a byte offset of the frame. */
  rowsOf(offset: number): I32 {
    return i32.add(i32.load(this.#frame, offset), this.#at);
  }

  column(offset: number): Lanes {
    return this.code.hold(v128.load(this.rowsOf(offset)));
  }

  /** The cells of the next row. On rows the word after a column's last is a copy of its first. */
  nextColumn(offset: number): Lanes {
    if (this.#domain === 'rows') return this.code.hold(v128.load(this.rowsOf(offset), 4));
    this.#next ??= this.#emitNext();
    const address = i32.add(i32.load(this.#frame, offset), this.#next.at);
    return this.code.hold(i8x16.swizzle(v128.load(address), this.#next.places));
  }

  /** The lanes of a node: elements in [0, p], not necessarily canonical. */
  value(node: number): Lanes {
    let lanes = this.#known.get(node);
    if (lanes === undefined) {
      lanes = this.#emit(node);
      this.#known.set(node, lanes);
    }
    return lanes;
  }

  #emit(node: number): Lanes {
    const found = this.#graph.nodes[node]!;
    const layout = this.#layout;
    const into = (): Lanes => this.code.local('v128');
    switch (found.kind) {
      case 'main':
      case 'fixed':
        return this.column(layout[found.kind] + 4 * found.column);
      case 'next':
        return this.nextColumn(layout.main + 4 * found.column);
      case 'lastRow':
        return this.column(layout.lastRow);
      case 'uniform':
        return this.code.hold(v128.loadSplat(this.#frame, layout.uniforms + 4 * found.uniform));
      case 'negate':
        return this.negated(this.value(found.left));
      case 'rotate': {
        const left = this.value(found.left);
        const up = v128.and(i32x4.shiftLeft(left, i32.const(found.bits)), this.#modulus);
        return this.code.hold(v128.or(up, i32x4.shiftRight(left, i32.const(31 - found.bits))));
      }
      case 'scale': {
        const left = this.value(found.left);
        const doubled = this.code.hold(
          v128.loadSplat(this.#frame, layout.doubled + 4 * found.uniform),
        );
        const result = into();
        this.field.multiplyDoubled(result, left, doubled);
        return result;
      }
      case 'add':
      case 'sub':
      case 'mul': {
        const [left, right] = [this.value(found.left), this.value(found.right)];
        const result = into();
        if (found.kind === 'add') this.field.add(result, left, right);
        else if (found.kind === 'sub') this.field.subtract(result, left, right);
        else this.field.multiply(result, left, right);
        return result;
      }
    }
  }

  /** p - value. */
  negated(value: V128): Lanes {
    return this.code.hold(i32x4.subtract(this.#modulus, value));
  }

  /** A word of the frame in all lanes. */
  splat(offset: number): Lanes {
    return this.code.hold(v128.loadSplat(this.#frame, offset));
  }

  /** A fresh sum that starts at 64-bit words of the frame. */
  sumFrom(offset: number): WideSum {
    const sum = new WideSum(this.code, this.mask);
    this.code.set(sum.low, v128.loadSplat64(this.#frame, offset));
    this.code.set(sum.high, sum.low);
    return sum;
  }

  /**
   * Where the rows after four points in index order are. One row on is a step on the half coset: a counter that runs in
   * reverse goes up by one, on the half of the conjugates down. So four neighbours go to four neighbours, except that
   * the step past the last group comes back to the first with lanes in another order.
   */
  #emitNext(): { at: Local<'i32'>; places: Lanes } {
    const { code } = this;
    const mask = code.hold(i32.load(this.#frame, this.#layout.groupMask));
    const number = code.hold(i32.shiftRight(this.#at, i32.const(4)));
    const group = code.hold(i32.and(number, mask));
    const upper = code.hold(i32.subtract(number, group));
    const rest = code.hold(group);
    code.when(i32.isZero(upper), () => code.set(rest, i32.xor(group, mask)));
    const highest = i32.subtract(i32.const(31), i32.leadingZeros(i32.or(rest, i32.const(1))));
    const flipped = i32.and(mask, i32.shiftLeft(i32.const(-1), highest));
    const next = i32.add(upper, i32.xor(group, flipped));
    const at = code.hold(i32.shiftLeft(next, i32.const(4)));
    const places = code.hold(v128.const(placesOf([0, 1, 2, 3])));
    code.when(i32.isZero(rest), () => {
      code.set(places, v128.const(placesOf([2, 3, 1, 0])));
      code.when(upper, () => code.set(places, v128.const(placesOf([3, 2, 0, 1]))));
    });
    return { at, places };
  }
}

/** Lanes of 32 bits as places for swizzle. */
function placesOf(lanes: readonly number[]): number[] {
  return lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
}

/** Sums for the coordinates of an extension element, folded as products come. */
export class ElementSum {
  readonly #code: FunctionBuilder;
  readonly #factor: Lanes;
  readonly #sums: readonly WideSum[];
  #products = 0;

  constructor(code: FunctionBuilder, sums: readonly WideSum[]) {
    this.#code = code;
    this.#factor = code.local('v128');
    this.#sums = sums;
  }

  /** Adds value times the element at a byte offset of a place in memory. */
  add(value: Lanes, place: I32, offset: number): void {
    this.#sums.forEach((sum, k) => {
      this.#code.set(this.#factor, v128.loadSplat(place, offset + 4 * k));
      sum.add(value, this.#factor);
    });
    if (++this.#products % PRODUCTS === 0) for (const sum of this.#sums) sum.fold();
  }

  /** Adds another's sums, which are folded. */
  addFolded(other: readonly WideSum[]): void {
    this.#sums.forEach((sum, k) => {
      this.#code.set(sum.low, i64x2.add(sum.low, other[k]!.low));
      this.#code.set(sum.high, i64x2.add(sum.high, other[k]!.high));
    });
    for (const sum of this.#sums) sum.fold();
  }

  fold(): void {
    for (const sum of this.#sums) sum.fold();
  }

  /** Canonical coordinates in fresh locals. */
  finish(): Lanes[] {
    return this.#sums.map((sum) => {
      sum.fold();
      const result = this.#code.local('v128');
      sum.finish(result);
      return result;
    });
  }
}
