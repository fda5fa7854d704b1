/**
 * Denominators of a chip's fractions, block by block into the scratch of the thread.
 *
 * One idea: a fingerprint is a sum of components times powers of beta, and a receive and the send of the same cell
 * differ in few of them: what two neighbours share is summed once. spec/11-kernels.md, "Constraints".
 */
import {
  type Callable,
  type FunctionBuilder,
  type Local,
  type ModuleBuilder,
  scratch,
} from './assembler.ts';
import { type ChipPlan, type Fraction, pack, type Term } from './chip-plan.ts';
import { type Lanes, WideSum } from './extension-lanes.ts';
import { type I32, i32, i32x4, v128 } from './operations.ts';
import { type Domain, ElementSum, RowCode } from './row-code.ts';

/** Rows that are brought through all functions before the next. */
export const BLOCK_ROWS = 128;

/** Vector operations of a loop body of fingerprints, whose sums are all that is live: neighbours that share terms should share a body. */
const FINGERPRINT_OPERATIONS = 1000;

/** Of a term, for each coordinate, about. */
export const TERM_OPERATIONS = 9;

function fingerprintCost(
  { degree, graph }: ChipPlan,
  { terms }: Fraction,
  done: Set<number>,
): number {
  const nodes = terms.map(({ node }) => node);
  return graph.cost(nodes, done) + TERM_OPERATIONS * degree * terms.length;
}

/** Terms that two neighbours share: sums that are computed once. */
const LEAST_SHARED = 2;

/** Emits denominators of fractions in their order; a sum that the next one shares is kept for it. */
class Denominators {
  readonly #plan: ChipPlan;
  readonly #rows: RowCode;
  readonly #frame: Local<'i32'>;
  #shared: { readonly terms: ReadonlySet<string>; readonly sums: readonly WideSum[] } | undefined;

  constructor(plan: ChipPlan, rows: RowCode, frame: Local<'i32'>) {
    this.#plan = plan;
    this.#rows = rows;
    this.#frame = frame;
  }

  /** `next` is the fraction that will be asked for after this one. */
  emit(fraction: Fraction, next: Fraction | undefined): Lanes[] {
    const { degree, layout } = this.#plan;
    const key = ({ component, node }: Term): string => `${component} ${node}`;
    const own = new Set(fraction.terms.map(key));
    const inNext = new Set(next?.terms.map(key));
    if (this.#shared === undefined) {
      const both = fraction.terms.filter((term) => inNext.has(key(term)));
      if (both.length >= LEAST_SHARED) this.#share(both, new Set(both.map(key)));
    }
    const shared = this.#shared;
    this.#shared =
      shared !== undefined && [...shared.terms].every((term) => inNext.has(term))
        ? shared
        : undefined;
    const usable = shared !== undefined && [...shared.terms].every((term) => own.has(term));
    const sums = Array.from({ length: degree }, (_, k) =>
      this.#rows.sumFrom(layout.starts + 8 * (degree * fraction.index + k)),
    );
    const sum = new ElementSum(this.#rows.code, sums);
    if (usable) sum.addFolded(shared.sums);
    for (const term of fraction.terms) {
      if (usable && shared.terms.has(key(term))) continue;
      this.#add(sum, term);
    }
    return sum.finish();
  }

  #share(terms: readonly Term[], keys: ReadonlySet<string>): void {
    const { code, mask } = this.#rows;
    const zero = code.hold(i32x4.splat(i32.const(0)));
    const sums = Array.from({ length: this.#plan.degree }, () => {
      const sum = new WideSum(code, mask);
      code.set(sum.low, zero);
      code.set(sum.high, zero);
      return sum;
    });
    const sum = new ElementSum(code, sums);
    for (const term of terms) this.#add(sum, term);
    sum.fold();
    this.#shared = { terms: keys, sums };
  }

  #add(sum: ElementSum, { component, node }: Term): void {
    const { degree, layout } = this.#plan;
    sum.add(this.#rows.value(node), this.#frame, layout.powers + 4 * degree * component);
  }
}

/** Byte offset in the scratch of coordinate k of the denominator of a fraction, for a block of rows. */
export function denominatorAt({ degree }: ChipPlan, fraction: number, k: number): number {
  return 4 * BLOCK_ROWS * (degree * fraction + k);
}

/** Functions that write the denominators of all fractions to the scratch. Parameters: frame, start, rows. */
export function defineDenominators(
  module: ModuleBuilder,
  plan: ChipPlan,
  domain: Domain,
): Callable[] {
  const { fractions, graph, layout } = plan;
  const parts = pack(fractions, FINGERPRINT_OPERATIONS, (fraction, done) =>
    fingerprintCost(plan, fraction, done),
  );
  return parts.map((part, number) =>
    module.define(`${domain}${number}`, ['i32', 'i32', 'i32'], (code) => {
      const [frame, start, rows] = [0, 1, 2].map((k) => code.param(k, 'i32'));
      const at = code.hold(i32.shiftLeft(start, i32.const(2)));
      const room = code.hold(scratch);
      code.countDown(rows, 4, () => {
        const rowCode = new RowCode(code, graph, layout, frame, at, domain);
        const denominators = new Denominators(plan, rowCode, frame);
        part.forEach((fraction, index) => {
          denominators.emit(fraction, part[index + 1]).forEach((value, k) => {
            code.store(room, value, denominatorAt(plan, fraction.index, k));
          });
        });
        code.advance(at, 16);
        code.advance(room, 16);
      });
    }),
  );
}

/** The denominator of a fraction for the rows at `room`. */
export function loadDenominator(
  plan: ChipPlan,
  code: FunctionBuilder,
  room: I32,
  fraction: number,
): Lanes[] {
  return Array.from({ length: plan.degree }, (_, k) =>
    code.hold(v128.load(room, denominatorAt(plan, fraction, k))),
  );
}
