/**
 * The forger: looks for rows that every rule accepts and that do not tell the truth.
 *
 * A try starts from an honest row, lies in one or two cells, and then repairs each broken rule by
 * solving it for a cell not touched yet: a constraint by one of its factors, a range lookup for a value
 * in range, a byte lookup for one of its bytes. What comes out accepted is judged by the truth that the
 * caller supplies. With a rule deleted the same search must succeed, or the rule (or the search) is idle.
 */

import { add, inverse, MODULUS, mul, neg, sub } from '../../src/stark/field/m31.ts';
import { byteResult, type CompiledRules, type Form, type Rule } from './rules.ts';

/**
 * `truth`: what the accepted row says follows from what it was given. `lie`: it does not.
 * `outside`: it was given what the rest of the machine never gives.
 */
export type Verdict = 'truth' | 'lie' | 'outside';

export type Judge = (cells: Uint32Array) => Verdict;

export interface Lie {
  readonly cells: Uint32Array;
  readonly honest: Uint32Array;
  /** Changed cells by name: from what to what. */
  readonly changes: Readonly<Record<string, readonly [number, number]>>;
  /** The number of the try that found it. */
  readonly tries: number;
}

export interface SearchOptions {
  readonly tries: number;
  readonly seed: number;
  /** Name of a rule that does not count. The search starts from its cells. */
  readonly deleted?: string;
  /** The cells to lie in first; by default all, or those of the deleted rule. */
  readonly from?: readonly number[];
}

const MAX_STEPS = 12;

/** A generator of whole numbers below a bound; the same numbers for the same seed. */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  };
}

const inverses = new Map<number, number>();

function cachedInverse(value: number): number {
  let found = inverses.get(value);
  if (found === undefined) {
    found = inverse(value);
    if (inverses.size < 100_000) inverses.set(value, found);
  }
  return found;
}

export class Forger {
  readonly #compiled: CompiledRules;
  readonly #honest: readonly Uint32Array[];
  readonly #judge: Judge;
  /** Indices of the rules in which each cell occurs. */
  readonly #rulesOf: readonly Int32Array[];
  readonly #cells: Uint32Array;
  readonly #isLocked: Uint8Array;
  readonly #digitBits: Uint8Array;
  readonly #isBroken: Uint8Array;
  #broken: number[] = [];
  #isDeleted: Uint8Array;
  #random: (bound: number) => number = () => 0;

  /** `honest`: rows that every rule accepts. */
  constructor(compiled: CompiledRules, honest: readonly Uint32Array[], judge: Judge) {
    this.#compiled = compiled;
    this.#honest = honest;
    this.#judge = judge;
    const rulesOf: number[][] = Array.from({ length: compiled.cellCount }, () => []);
    compiled.rules.forEach((rule, index) => {
      for (const cell of rule.cells) rulesOf[cell]!.push(index);
    });
    this.#rulesOf = rulesOf.map((list) => Int32Array.from(list));
    this.#cells = new Uint32Array(compiled.cellCount);
    this.#isLocked = new Uint8Array(compiled.cellCount);
    this.#isBroken = new Uint8Array(compiled.rules.length);
    this.#digitBits = digitBits(compiled);
    this.#isDeleted = new Uint8Array(compiled.rules.length);
  }

  /** The first lie of the search, if there is one. */
  search(options: SearchOptions): Lie | undefined {
    const { rules, mainCells } = this.#compiled;
    const random = randomNumbers(options.seed);
    this.#random = random;
    this.#isDeleted = Uint8Array.from(rules, ({ name }) => (name === options.deleted ? 1 : 0));
    const deleted = rules.filter(({ name }) => name === options.deleted);
    const all = Array.from({ length: mainCells }, (_, cell) => cell);
    const near = new Set(deleted.flatMap(({ cells }) => cells));
    const neighbours = [
      ...new Set(rules.flatMap(({ cells }) => (cells.some((cell) => near.has(cell)) ? cells : []))),
    ].filter((cell) => cell < mainCells);
    for (let tries = 1; tries <= options.tries; tries++) {
      const honest = this.#honest[random(this.#honest.length)]!;
      this.#begin(honest);
      const rule = deleted[random(deleted.length)];
      // A third of the tries against a deleted rule begin at its neighbours and break it on the way.
      const begins = rule === undefined || random(3) > 0;
      const from = options.from ?? (begins ? (rule?.cells ?? all) : neighbours);
      const lies = 1 + random(2) * random(2);
      for (let i = 0; i < lies; i++) this.#lie(from[random(from.length)]!);
      if (rule !== undefined && begins) {
        // A row that keeps the deleted rule is accepted by all: the law of the complete chip.
        for (let i = 0; i < 2 && !rule.isBroken(this.#cells); i++) {
          this.#lie(from[random(from.length)]!);
        }
        if (!rule.isBroken(this.#cells) && random(4) !== 0) continue;
      }
      const lie = this.#repairAndJudge(honest, tries);
      if (lie) return lie;
    }
    return undefined;
  }

  /** Starts from `honest` with the given cells set to the given values, which stay as they are. */
  searchFrom(
    honest: Uint32Array,
    fixed: ReadonlyMap<number, number>,
    options: { readonly tries: number; readonly seed: number },
  ): Lie | undefined {
    this.#random = randomNumbers(options.seed);
    this.#isDeleted.fill(0);
    for (let tries = 1; tries <= options.tries; tries++) {
      this.#begin(honest);
      for (const [cell, value] of fixed) this.#set(cell, value);
      const lie = this.#repairAndJudge(honest, tries);
      if (lie) return lie;
    }
    return undefined;
  }

  #begin(honest: Uint32Array): void {
    this.#cells.set(honest);
    this.#isLocked.fill(0);
    this.#isLocked.fill(1, this.#compiled.mainCells); // fixed cells are the verifier's
    this.#isBroken.fill(0);
    this.#broken = [];
  }

  #repairAndJudge(honest: Uint32Array, tries: number): Lie | undefined {
    for (let step = 0; this.#broken.length > 0 && step < MAX_STEPS; step++) {
      const rule = this.#broken[this.#random(this.#broken.length)]!;
      if (!this.#repair(this.#compiled.rules[rule]!)) return undefined;
    }
    if (this.#broken.length > 0 || this.#judge(this.#cells) !== 'lie') return undefined;
    const changes: Record<string, readonly [number, number]> = {};
    for (let cell = 0; cell < this.#compiled.mainCells; cell++) {
      if (this.#cells[cell] !== honest[cell]) {
        changes[this.#compiled.nameOf(cell)] = [honest[cell]!, this.#cells[cell]!];
      }
    }
    return { cells: this.#cells.slice(), honest, changes, tries };
  }

  #set(cell: number, value: number): void {
    this.#cells[cell] = value;
    this.#isLocked[cell] = 1;
    const { rules } = this.#compiled;
    const list = this.#rulesOf[cell]!;
    for (let i = 0; i < list.length; i++) {
      const index = list[i]!;
      if (this.#isDeleted[index] === 1) continue;
      const isBroken = rules[index]!.isBroken(this.#cells) ? 1 : 0;
      if (isBroken === this.#isBroken[index]) continue;
      this.#isBroken[index] = isBroken;
      if (isBroken === 1) this.#broken.push(index);
      else this.#broken.splice(this.#broken.indexOf(index), 1);
    }
  }

  #lie(cell: number): void {
    if (cell >= this.#compiled.mainCells) return;
    this.#set(cell, this.#wrongValue(cell));
  }

  #wrongValue(cell: number): number {
    const random = this.#random;
    const value = this.#cells[cell]!;
    switch (random(12)) {
      case 0:
        return 0;
      case 1:
        return 1;
      case 2:
        return add(value, 1);
      case 3:
        return sub(value, 1);
      case 4:
        return sub(1, value);
      case 5:
        return random(0x10000);
      case 6:
        return random(MODULUS);
      case 7:
        return add(value, 1 << random(30));
      case 8:
        return sub(value, 1 << random(30));
      case 9:
        return random(0x100);
      case 10:
        return this.#cells[random(this.#compiled.mainCells)]!;
      default:
        return this.#honest[random(this.#honest.length)]![cell]!;
    }
  }

  /** Changes one untouched cell so that `rule` may hold; false if it has none. */
  #repair(rule: Rule): boolean {
    const random = this.#random;
    const cells = this.#cells;
    if (rule.kind === 'constraint') {
      const form = rule.forms[0]!;
      if (form.factors) return this.#solve(form.factors[random(form.factors.length)]!, 0);
      return this.#solve(form, 0);
    }
    if (rule.multiplicity && random(8) === 0) return this.#solve(rule.multiplicity, 0);
    if (rule.kind === 'byte') {
      const [operation, left, right, result] = rule.forms as readonly [Form, Form, Form, Form];
      const l = left.value(cells);
      const r = right.value(cells);
      if (l > 255) return this.#solve(left, random(256));
      if (r > 255) return this.#solve(right, random(256));
      const op = operation.value(cells);
      const truth = byteResult(op, l, r);
      if (truth < 0) return this.#solve(operation, 1 + random(4));
      const choice = random(4);
      const wanted = result.value(cells);
      // Of AND, OR and XOR another operand may give the wanted result.
      if (choice === 0 && wanted < 256) return this.#solve(left, op === 3 ? wanted ^ r : wanted);
      if (choice === 1 && wanted < 256) return this.#solve(right, op === 3 ? wanted ^ l : wanted);
      return this.#solve(result, truth);
    }
    const bits = rule.forms[0]!.value(cells);
    const limit = 2 ** bits;
    const form = rule.forms[1]!;
    const value = form.value(cells);
    const targets = [
      0,
      1,
      limit - 1,
      value % limit,
      random(limit),
      limit - 1 - (neg(value) % limit),
    ];
    return this.#solve(form, targets[random(targets.length)]!);
  }

  /**
   * Gives `form` the value `target` by one untouched cell in which it is linear at this point. A cell
   * that is checked to be a digit gets the digit, and what is above it goes to the next such cell.
   */
  #solve(form: Form, target: number): boolean {
    const cells = this.#cells;
    const list = form.cells;
    const gap = sub(target, form.value(cells));
    const start = this.#random(list.length);
    for (let i = 0; i < list.length; i++) {
      const cell = list[(start + i) % list.length]!;
      if (this.#isLocked[cell] === 1) continue;
      const slope = this.#slope(form, cell);
      if (slope === 0) continue;
      const value = add(cells[cell]!, mul(gap, cachedInverse(slope)));
      const bits = this.#digitBits[cell]!;
      if (bits === 0 || value < 2 ** bits || this.#random(4) === 0) {
        this.#set(cell, value);
        return true;
      }
      const centred = value > MODULUS / 2 ? value - MODULUS : value;
      const carry = Math.floor(centred / 2 ** bits);
      const carrySlope = mul(slope, 2 ** bits);
      const above = list.find(
        (other) =>
          other !== cell &&
          this.#isLocked[other] === 0 &&
          isTimes(this.#slope(form, other), carrySlope),
      );
      this.#set(cell, centred - carry * 2 ** bits);
      if (above !== undefined) {
        const change = carry * (this.#slope(form, above) === carrySlope ? 1 : -1);
        this.#set(above, add(cells[above]!, change < 0 ? change + MODULUS : change));
      }
      return true;
    }
    return false;
  }

  /** By how much the form grows if the cell grows by 1. */
  #slope(form: Form, cell: number): number {
    if (form.linear) return form.linear.terms.get(cell)!;
    const cells = this.#cells;
    const before = cells[cell]!;
    const here = form.value(cells);
    cells[cell] = add(before, 1);
    const slope = sub(form.value(cells), here);
    cells[cell] = before;
    return slope;
  }
}

/** Whether `left` is plus or minus `right`. */
function isTimes(left: number, right: number): boolean {
  return left === right || left === neg(right);
}

/** Bits of the cells that a lookup checks as they are; 0 for all others. */
function digitBits(compiled: CompiledRules): Uint8Array {
  const bits = new Uint8Array(compiled.cellCount);
  const note = (form: Form, width: number): void => {
    const [cell] = form.cells;
    const isCell =
      cell !== undefined &&
      form.cells.length === 1 &&
      form.linear?.constant === 0 &&
      form.linear.terms.get(cell) === 1;
    if (isCell) bits[cell] = width;
  };
  const zeros = new Uint32Array(compiled.cellCount);
  for (const { kind, forms } of compiled.rules) {
    if (kind === 'range' && forms[0]!.cells.length === 0) note(forms[1]!, forms[0]!.value(zeros));
    if (kind === 'byte') for (const form of forms.slice(1, 3)) note(form, 8);
  }
  return bits;
}
