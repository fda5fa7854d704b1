/**
 * The description of a chip: its columns, its constraints, its messages on the buses. Data only.
 *
 * A chip is a table whose rows each satisfy every constraint, and whose messages, counted with
 * their multiplicities over all chips and the verifier's public terms, cancel on every bus. A row of
 * zeros must be acceptable and send nothing: tables are padded with it to a power of two.
 */

import {
  add,
  type Column,
  degree,
  type Expr,
  type ExprLike,
  forEachLeaf,
  mul,
  sub,
  toExpr,
} from './expr.ts';

/** A bus: a multiset of messages of fixed width in which sends and receives must cancel. */
export interface Bus {
  readonly name: string;
  /** Nonzero, unique in a machine: the first component of every message on the wire. */
  readonly id: number;
  /** What each component of a message means; its length is the width of the bus. */
  readonly fields: readonly string[];
}

export interface Constraint {
  readonly name: string;
  /** Must vanish in every row. Degree at most 3. */
  readonly expr: Expr;
}

export interface Interaction {
  readonly name: string;
  readonly bus: Bus;
  readonly direction: 'send' | 'receive';
  /** One expression of degree at most 1 for each field of the bus. */
  readonly message: readonly Expr[];
  /** Degree at most 1. */
  readonly multiplicity: Expr;
}

export interface ChipDescription {
  readonly name: string;
  /** What the chip relies on, each guaranteed elsewhere. */
  readonly assumes: readonly string[];
  /** What follows for a row that all rules accept. */
  readonly proves: readonly string[];
  readonly columns: readonly Column[];
  readonly fixedColumns: readonly Column[];
  /**
   * Where fixed columns come from. `program`: computed from the instance, the verifier evaluates
   * them itself. `constant`: the same for every program, committed once, the root is a constant.
   */
  readonly fixedSource: 'none' | 'program' | 'constant';
  readonly constraints: readonly Constraint[];
  readonly interactions: readonly Interaction[];
  /** `many`: rows have no order among them, the table may be split into several instances. */
  readonly instances: 'one' | 'many';
  /** By how much each row advances the clock; 0 for a chip that is no step of the machine. */
  readonly stride: number;
}

export const MAX_CONSTRAINT_DEGREE = 3;

/**
 * Collects a chip's description. Columns are declared first, by name, then rules are stated.
 * Every method that takes an expression takes an integer as well.
 */
export class ChipBuilder {
  readonly name: string;
  readonly #columns: Column[] = [];
  readonly #fixed: Column[] = [];
  readonly #constraints: Constraint[] = [];
  readonly #interactions: Interaction[] = [];
  readonly #names = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  column(name: string, meaning: string): Column {
    return this.#declare('main', name, meaning, this.#columns);
  }

  /** `count` columns `name0, name1, …`, least significant first. */
  columns(name: string, count: number, meaning: string): Column[] {
    return Array.from({ length: count }, (_, i) =>
      this.column(`${name}${i}`, `${meaning}, part ${i}`),
    );
  }

  /** A column together with the rule that makes it 0 or 1. */
  bit(name: string, meaning: string): Column {
    const column = this.column(name, meaning);
    this.isBit(`${name} is a bit`, column);
    return column;
  }

  fixedColumn(name: string, meaning: string): Column {
    return this.#declare('fixed', name, meaning, this.#fixed);
  }

  /** States `expr = 0`. */
  zero(name: string, expr: ExprLike): void {
    this.#constraints.push({ name: this.#unique(name), expr: toExpr(expr) });
  }

  /** States `left = right`. */
  equal(name: string, left: ExprLike, right: ExprLike): void {
    this.zero(name, sub(left, right));
  }

  /** States `expr` is 0 or 1. */
  isBit(name: string, expr: ExprLike): void {
    this.zero(name, mul(expr, sub(expr, 1)));
  }

  send(name: string, bus: Bus, message: readonly ExprLike[], multiplicity: ExprLike): void {
    this.#interact(name, bus, 'send', message, multiplicity);
  }

  receive(name: string, bus: Bus, message: readonly ExprLike[], multiplicity: ExprLike): void {
    this.#interact(name, bus, 'receive', message, multiplicity);
  }

  /** @throws TypeError naming the rule, if a degree or a width is beyond what the proof allows. */
  build(facts: {
    assumes: readonly string[];
    proves: readonly string[];
    fixedSource?: 'program' | 'constant';
    instances?: 'one' | 'many';
    stride?: number;
  }): ChipDescription {
    const description: ChipDescription = {
      name: this.name,
      assumes: facts.assumes,
      proves: facts.proves,
      columns: this.#columns,
      fixedColumns: this.#fixed,
      fixedSource: facts.fixedSource ?? 'none',
      constraints: this.#constraints,
      interactions: this.#interactions,
      instances: facts.instances ?? 'many',
      stride: facts.stride ?? 0,
    };
    checkDescription(description);
    return description;
  }

  #declare(source: Column['source'], name: string, meaning: string, list: Column[]): Column {
    const column: Column = {
      kind: 'column',
      source,
      index: list.length,
      name: this.#unique(`column ${name}`).slice('column '.length),
      meaning,
    };
    list.push(column);
    return column;
  }

  #interact(
    name: string,
    bus: Bus,
    direction: Interaction['direction'],
    message: readonly ExprLike[],
    multiplicity: ExprLike,
  ): void {
    this.#interactions.push({
      name: this.#unique(name),
      bus,
      direction,
      message: message.map(toExpr),
      multiplicity: toExpr(multiplicity),
    });
  }

  #unique(name: string): string {
    if (this.#names.has(name))
      throw new TypeError(`${this.name}: expected a new name, got ${name} again`);
    this.#names.add(name);
    return name;
  }
}

/** @throws TypeError naming the rule, if the description breaks a law of the proof system. */
export function checkDescription(chip: ChipDescription): void {
  const refuse = (rule: string, expected: string, got: number): never => {
    throw new TypeError(`${chip.name}, ${rule}: expected ${expected}, got ${got}`);
  };
  for (const { name, expr } of chip.constraints) {
    if (degree(expr) > MAX_CONSTRAINT_DEGREE) refuse(name, 'degree at most 3', degree(expr));
  }
  for (const { name, bus, message, multiplicity } of chip.interactions) {
    if (message.length !== bus.fields.length) {
      refuse(name, `${bus.fields.length} components`, message.length);
    }
    for (const part of [...message, multiplicity]) {
      if (degree(part) > 1) refuse(name, 'degree at most 1', degree(part));
    }
  }
  if (chip.fixedColumns.length > 0 !== (chip.fixedSource !== 'none')) {
    refuse('fixed columns', 'a source exactly if there are any', chip.fixedColumns.length);
  }
}

/** Main columns that occur in the next row somewhere: those opened at two points. */
export function nextColumns(chip: ChipDescription): Column[] {
  const found = new Set<Column>();
  const visit = (leaf: Expr): void => {
    if (leaf.kind === 'next') found.add(leaf.column);
  };
  for (const { expr } of chip.constraints) forEachLeaf(expr, visit);
  for (const { message, multiplicity } of chip.interactions) {
    for (const part of [...message, multiplicity]) forEachLeaf(part, visit);
  }
  return chip.columns.filter((column) => found.has(column));
}

/** Extension columns of the lookup argument: two fractions each (`spec/7-proof-system.md`). */
export function lookupColumnCount(chip: ChipDescription): number {
  return Math.ceil(chip.interactions.length / 2);
}

/** Committed cells of one row for an extension of the given degree. */
export function cellsPerRow(chip: ChipDescription, extensionDegree: number): number {
  return chip.columns.length + extensionDegree * lookupColumnCount(chip);
}

/** `limbs` of `bits` bits each, as one number: sum of `limbs[i] * 2^(bits * i)`. */
export function compose(limbs: readonly ExprLike[], bits: number): Expr {
  return add(...limbs.map((limb, i) => mul(2 ** (bits * i), limb)));
}
