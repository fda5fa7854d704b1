/**
 * Evaluates expressions over many rows at once.
 *
 * Expressions are first turned into a plan: a hash-consed graph, so that a subexpression that occurs
 * often is computed once, cut into a list of operations on blocks of 1024 rows. Blocks stay in the
 * cache and there is no object for a row. The same plan serves the row checker, where rows are rows
 * of the trace, and the prover, where rows are points of an evaluation domain.
 *
 * Values are canonical elements of M31, held in `Int32Array`s (all are below 2^31) because V8 keeps
 * 32-bit integer arithmetic out of floating point only for those.
 */

import { type Expr, type Parameters, parameterValue } from './expr.ts';

const P = 0x7fffffff;

export const BLOCK_ROWS = 1024;

const ADD = 0;
const SUB = 1;
const MUL = 2;
const ADD_CONSTANT = 3;
const SUB_FROM_CONSTANT = 4;
const MUL_CONSTANT = 5;
const NEXT = 6;
const EMIT = 7;

type Node =
  | { readonly kind: 'main' | 'fixed'; readonly column: number }
  | { readonly kind: 'next'; readonly column: number }
  | { readonly kind: 'lastRow' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'add' | 'sub' | 'mul'; readonly left: number; readonly right: number }
  | { readonly kind: 'add-c' | 'c-sub' | 'mul-c'; readonly left: number; readonly value: number };

/** Where a value is found while a block is evaluated. */
type Place =
  | { readonly kind: 'main' | 'fixed'; readonly column: number }
  | { readonly kind: 'lastRow' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'slot'; readonly slot: number };

/** What {@link planGroups} returns; independent of the rows it will be evaluated on. */
export interface Plan {
  /** Quadruples (operation, destination slot or group, left place or column, right place or constant). */
  readonly operations: Int32Array;
  readonly places: readonly Place[];
  /** For each group the place of each of its expressions. */
  readonly groups: readonly Int32Array[];
  readonly slotCount: number;
}

/**
 * Plans the evaluation of groups of expressions. A group is handed out as soon as all its members
 * are computed, and then its space is used again.
 *
 * @throws TypeError if an expression names an unknown parameter.
 */
export function planGroups(groups: readonly (readonly Expr[])[], parameters: Parameters): Plan {
  const nodes: Node[] = [];
  const known = new Map<string, number>();
  const byExpr = new Map<Expr, number>();
  const intern = (key: string, node: Node): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, nodes.length);
    return nodes.push(node) - 1;
  };
  const constantNode = (value: number): number => intern(`#${value}`, { kind: 'constant', value });
  const nodeOf = (expr: Expr): number => {
    const found = byExpr.get(expr);
    if (found !== undefined) return found;
    const node = build(expr);
    byExpr.set(expr, node);
    return node;
  };
  const withConstant = (kind: 'add-c' | 'c-sub' | 'mul-c', left: number, value: number): number => {
    if (kind === 'add-c' && value === 0) return left;
    if (kind === 'mul-c' && value === 0) return constantNode(0);
    if (kind === 'mul-c' && value === 1) return left;
    return intern(`${kind} ${left} ${value}`, { kind, left, value });
  };
  const build = (expr: Expr): number => {
    switch (expr.kind) {
      case 'column':
        return intern(`${expr.source} ${expr.index}`, { kind: expr.source, column: expr.index });
      case 'next':
        return intern(`next ${expr.column.index}`, { kind: 'next', column: expr.column.index });
      case 'lastRow':
        return intern('lastRow', { kind: 'lastRow' });
      case 'constant':
        return constantNode(expr.value);
      case 'parameter':
        return constantNode(parameterValue(parameters, expr.name));
      case 'add':
      case 'mul':
      case 'sub':
        return binary(expr.kind, nodeOf(expr.left), nodeOf(expr.right));
    }
  };
  const binary = (kind: 'add' | 'sub' | 'mul', left: number, right: number): number => {
    const l = nodes[left]!;
    const r = nodes[right]!;
    if (l.kind === 'constant' && r.kind === 'constant') {
      if (kind === 'add') return constantNode((l.value + r.value) % P);
      if (kind === 'sub') return constantNode((l.value - r.value + P) % P);
      return constantNode(multiply(l.value, r.value));
    }
    if (r.kind === 'constant') {
      if (kind === 'add') return withConstant('add-c', left, r.value);
      if (kind === 'sub') return withConstant('add-c', left, (P - r.value) % P);
      return withConstant('mul-c', left, r.value);
    }
    if (l.kind === 'constant') {
      const constantFirst = kind === 'add' ? 'add-c' : kind === 'sub' ? 'c-sub' : 'mul-c';
      return withConstant(constantFirst, right, l.value);
    }
    // Sums and products commute: one order, so that both ways of writing are the same node.
    const [a, b] = kind !== 'sub' && left > right ? [right, left] : [left, right];
    return intern(`${kind} ${a} ${b}`, { kind, left: a, right: b });
  };
  const roots = groups.map((group) => group.map(nodeOf));
  return schedule(nodes, roots);
}

/** Orders the operations group by group and gives each computed node a slot that is free then. */
function schedule(nodes: readonly Node[], roots: readonly (readonly number[])[]): Plan {
  const uses = new Int32Array(nodes.length);
  const reached = new Uint8Array(nodes.length);
  // Nodes are numbered after their operands, so one pass from the top counts the uses of what is reached.
  for (const group of roots) {
    for (const root of group) {
      reached[root] = 1;
      uses[root]!++;
    }
  }
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id]!;
    if (reached[id] === 0) continue;
    for (const operand of operandsOf(node)) {
      reached[operand] = 1;
      uses[operand]!++;
    }
  }
  const places: Place[] = [];
  const placeOf = new Int32Array(nodes.length).fill(-1);
  const free: number[] = [];
  const operations: number[] = [];
  let slotCount = 0;
  const place = (id: number): number => {
    if (placeOf[id]! >= 0) return placeOf[id]!;
    const node = nodes[id]!;
    if (node.kind === 'main' || node.kind === 'fixed') places.push(node);
    else if (node.kind === 'lastRow' || node.kind === 'constant') places.push(node);
    else compute(id, node);
    placeOf[id] = places.length - 1;
    return placeOf[id]!;
  };
  const release = (id: number): void => {
    uses[id]!--;
    const where = places[placeOf[id]!]!;
    if (uses[id] === 0 && where.kind === 'slot') free.push(where.slot);
  };
  const compute = (id: number, node: Node): void => {
    const operands = operandsOf(node).map(place);
    for (const operand of operandsOf(node)) release(operand);
    const slot = free.pop() ?? slotCount++;
    switch (node.kind) {
      case 'next':
        operations.push(NEXT, slot, node.column, 0);
        break;
      case 'add':
      case 'sub':
      case 'mul':
        operations.push(node.kind === 'add' ? ADD : node.kind === 'sub' ? SUB : MUL, slot);
        operations.push(operands[0]!, operands[1]!);
        break;
      case 'add-c':
      case 'c-sub':
      case 'mul-c':
        operations.push(
          node.kind === 'add-c'
            ? ADD_CONSTANT
            : node.kind === 'c-sub'
              ? SUB_FROM_CONSTANT
              : MUL_CONSTANT,
          slot,
        );
        operations.push(operands[0]!, node.value);
        break;
      default:
        throw new Error(`node ${id} is no operation`);
    }
    places.push({ kind: 'slot', slot });
  };
  const groups = roots.map((group, index) => {
    const members = Int32Array.from(group, place);
    operations.push(EMIT, index, 0, 0);
    for (const root of group) release(root);
    return members;
  });
  return { operations: Int32Array.from(operations), places, groups, slotCount };
}

function operandsOf(node: Node): number[] {
  switch (node.kind) {
    case 'add':
    case 'sub':
    case 'mul':
      return node.left === node.right ? [node.left, node.left] : [node.left, node.right];
    case 'add-c':
    case 'c-sub':
    case 'mul-c':
      return [node.left];
    default:
      return [];
  }
}

/** The cells that a plan is evaluated on. */
export interface Cells {
  readonly rows: number;
  readonly main: readonly Uint32Array[];
  readonly fixed: readonly Uint32Array[];
  /** The row after each row. Absent: the rows are in order, and the first comes after the last. */
  readonly nextRow?: Uint32Array;
  /** Values of the last-row selector. Absent: 1 in the last row, 0 elsewhere. */
  readonly lastRow?: Uint32Array;
}

/** Members of a group in the current block: member k of row i is `arrays[k][offsets[k] + i]`. */
export type Emit = (
  group: number,
  arrays: readonly Int32Array[],
  offsets: Int32Array,
  rowCount: number,
) => void;

/** A plan bound to cells. Holds the blocks, so that they are allocated once. */
export class Evaluator {
  readonly #operations: Int32Array;
  readonly #cells: Cells;
  readonly #main: readonly Int32Array[];
  readonly #slots: readonly Int32Array[];
  readonly #places: readonly Int32Array[];
  /** 1 where the place is a whole column, so that the block begins at its first row. */
  readonly #whole: Uint8Array;
  readonly #groups: readonly {
    readonly places: Int32Array;
    readonly arrays: readonly Int32Array[];
    readonly offsets: Int32Array;
  }[];
  readonly #lastRow = new Int32Array(BLOCK_ROWS);

  /** @throws TypeError if a column is missing. */
  constructor(plan: Plan, cells: Cells) {
    this.#operations = plan.operations;
    this.#cells = cells;
    this.#main = cells.main.map(signed);
    const fixed = cells.fixed.map(signed);
    const lastRow = cells.lastRow === undefined ? this.#lastRow : signed(cells.lastRow);
    this.#slots = Array.from({ length: plan.slotCount }, () => new Int32Array(BLOCK_ROWS));
    this.#whole = new Uint8Array(plan.places.length);
    const bind = (place: Place, index: number): Int32Array => {
      switch (place.kind) {
        case 'main':
        case 'fixed': {
          const column = (place.kind === 'main' ? this.#main : fixed)[place.column];
          if (column === undefined || column.length < cells.rows) {
            throw new TypeError(
              `${place.kind} column ${place.column}: expected ${cells.rows} rows`,
            );
          }
          this.#whole[index] = 1;
          return column;
        }
        case 'lastRow':
          if (cells.lastRow !== undefined) this.#whole[index] = 1;
          return lastRow;
        case 'constant':
          return new Int32Array(BLOCK_ROWS).fill(place.value);
        case 'slot':
          return this.#slots[place.slot]!;
      }
    };
    this.#places = plan.places.map(bind);
    this.#groups = plan.groups.map((places) => ({
      places,
      arrays: Array.from(places, (place) => this.#places[place]!),
      offsets: new Int32Array(places.length),
    }));
  }

  /** Evaluates rows `start` to `start + count`, at most a block, and hands out every group in order. */
  evaluate(start: number, count: number, emit: Emit): void {
    if (count > BLOCK_ROWS) throw new RangeError(`count: expected at most a block, got ${count}`);
    const last = this.#cells.rows - 1;
    if (this.#cells.lastRow === undefined) {
      this.#lastRow.fill(0);
      if (last >= start && last < start + count) this.#lastRow[last - start] = 1;
    }
    const operations = this.#operations;
    const slots = this.#slots;
    const places = this.#places;
    const whole = this.#whole;
    for (let pc = 0; pc < operations.length; pc += 4) {
      const target = operations[pc + 1]!;
      const left = operations[pc + 2]!;
      const right = operations[pc + 3]!;
      switch (operations[pc]) {
        case ADD:
          addRows(
            slots[target]!,
            places[left]!,
            whole[left]! * start,
            places[right]!,
            whole[right]! * start,
            count,
          );
          break;
        case SUB:
          subRows(
            slots[target]!,
            places[left]!,
            whole[left]! * start,
            places[right]!,
            whole[right]! * start,
            count,
          );
          break;
        case MUL:
          mulRows(
            slots[target]!,
            places[left]!,
            whole[left]! * start,
            places[right]!,
            whole[right]! * start,
            count,
          );
          break;
        case ADD_CONSTANT:
          addConstantRows(slots[target]!, places[left]!, whole[left]! * start, right, count);
          break;
        case SUB_FROM_CONSTANT:
          subFromConstantRows(slots[target]!, places[left]!, whole[left]! * start, right, count);
          break;
        case MUL_CONSTANT:
          mulConstantRows(slots[target]!, places[left]!, whole[left]! * start, right, count);
          break;
        case NEXT:
          nextRows(slots[target]!, this.#main[left]!, this.#cells.nextRow, start, count, last);
          break;
        default: {
          const group = this.#groups[target]!;
          for (let k = 0; k < group.offsets.length; k++) {
            group.offsets[k] = whole[group.places[k]!]! * start;
          }
          emit(target, group.arrays, group.offsets, count);
        }
      }
    }
  }

  /** {@link evaluate} for all rows, block by block; `startBlock` hears where each begins. */
  evaluateAll(emit: Emit, startBlock: (start: number, count: number) => void = () => {}): void {
    for (let start = 0; start < this.#cells.rows; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, this.#cells.rows - start);
      startBlock(start, count);
      this.evaluate(start, count, emit);
    }
  }
}

/** The value if member `k` of a group is the same in all rows, else -1. */
export function constantMember(plan: Plan, group: number, k: number): number {
  const place = plan.places[plan.groups[group]![k]!]!;
  return place.kind === 'constant' ? place.value : -1;
}

/** The same memory, read as signed numbers. */
function signed(column: Uint32Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.length);
}

/** Product of canonical elements; the rounded double is off by less than 2^9, the low bits are exact. */
function multiply(x: number, y: number): number {
  const low = Math.imul(x, y) & P;
  const high = ((x * y - low) * 2 ** -31 + 0.5) | 0;
  const t = (high - (P - low)) | 0;
  return t + (P & (t >> 31));
}

function addRows(
  to: Int32Array,
  a: Int32Array,
  ao: number,
  b: Int32Array,
  bo: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const t = (a[ao + i]! - (P - b[bo + i]!)) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function subRows(
  to: Int32Array,
  a: Int32Array,
  ao: number,
  b: Int32Array,
  bo: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const t = (a[ao + i]! - b[bo + i]!) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function mulRows(
  to: Int32Array,
  a: Int32Array,
  ao: number,
  b: Int32Array,
  bo: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const x = a[ao + i]!;
    const y = b[bo + i]!;
    const low = Math.imul(x, y) & P;
    const high = ((x * y - low) * 4.656612873077393e-10 + 0.5) | 0;
    const t = (high - (P - low)) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function addConstantRows(
  to: Int32Array,
  a: Int32Array,
  ao: number,
  value: number,
  n: number,
): void {
  const shift = P - value;
  for (let i = 0; i < n; i++) {
    const t = (a[ao + i]! - shift) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function subFromConstantRows(
  to: Int32Array,
  a: Int32Array,
  ao: number,
  value: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const t = (value - a[ao + i]!) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function mulConstantRows(to: Int32Array, a: Int32Array, ao: number, y: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[ao + i]!;
    const low = Math.imul(x, y) & P;
    const high = ((x * y - low) * 4.656612873077393e-10 + 0.5) | 0;
    const t = (high - (P - low)) | 0;
    to[i] = t + (P & (t >> 31));
  }
}

function nextRows(
  to: Int32Array,
  column: Int32Array,
  nextRow: Uint32Array | undefined,
  start: number,
  n: number,
  last: number,
): void {
  if (nextRow === undefined) {
    for (let i = 0; i < n; i++) to[i] = column[start + i === last ? 0 : start + i + 1]!;
  } else {
    for (let i = 0; i < n; i++) to[i] = column[nextRow[start + i]!]!;
  }
}
