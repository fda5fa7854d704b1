/**
 * Expressions over the cells of one row and the row after it.
 *
 * Constraints, bus messages and multiplicities are written once, as these plain trees. The row
 * checker, the degree counter, the spec pages, the verifier and the prover all walk the same trees.
 * Values are elements of M31 (`spec/7-proof-system.md`).
 */

/** A column of a chip. As an expression it is the cell of the current row. */
export interface Column {
  readonly kind: 'column';
  /** `main`: committed with the trace. `fixed`: known to the verifier, not committed with it. */
  readonly source: 'main' | 'fixed';
  /** Position among the chip's columns of the same source. */
  readonly index: number;
  readonly name: string;
  readonly meaning: string;
}

export type Expr =
  | Column
  /** The cell of a main column in the next row; the row after the last is the first. */
  | { readonly kind: 'next'; readonly column: Column }
  /** 1 in the last row of the table, 0 elsewhere. */
  | { readonly kind: 'lastRow' }
  /** A canonical field element. */
  | { readonly kind: 'constant'; readonly value: number }
  /** A number that the program fixes, such as a limit (`spec/1-machine.md`). */
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'add' | 'sub' | 'mul'; readonly left: Expr; readonly right: Expr };

/** An expression, or an integer of magnitude below 2^31 - 1 standing for its residue. */
export type ExprLike = Expr | number;

const MODULUS = 0x7fffffff;

export const lastRow: Expr = { kind: 'lastRow' };

/** @throws RangeError if `value` is no integer with |value| < 2^31 - 1. */
export function constant(value: number): Expr {
  if (!Number.isInteger(value) || Math.abs(value) >= MODULUS) {
    throw new RangeError(`constant: expected an integer below the modulus, got ${value}`);
  }
  return { kind: 'constant', value: value < 0 ? value + MODULUS : value };
}

export function parameter(name: string): Expr {
  return { kind: 'parameter', name };
}

/** Values of the parameters that expressions name. */
export type Parameters = Readonly<Record<string, number>>;

/** @throws TypeError if no value is given. */
export function parameterValue(parameters: Parameters, name: string): number {
  const value = parameters[name];
  if (value === undefined || !Number.isInteger(value) || value < 0 || value >= MODULUS) {
    throw new TypeError(`parameter ${name}: expected a canonical field element, got ${value}`);
  }
  return value;
}

/** The cell of `column` in the next row. Fixed columns are opened at one point only, so not those. */
export function next(column: Column): Expr {
  if (column.source !== 'main')
    throw new TypeError(`next: expected a main column, got ${column.name}`);
  return { kind: 'next', column };
}

export function toExpr(value: ExprLike): Expr {
  return typeof value === 'number' ? constant(value) : value;
}

function isConstant(expr: Expr, value: number): boolean {
  return expr.kind === 'constant' && expr.value === value;
}

/** Sum of all terms; 0 for none. */
export function add(...terms: readonly ExprLike[]): Expr {
  let sum: Expr | undefined;
  for (const term of terms) {
    const right = toExpr(term);
    if (isConstant(right, 0)) continue;
    sum = sum === undefined ? right : { kind: 'add', left: sum, right };
  }
  return sum ?? constant(0);
}

export function sub(left: ExprLike, right: ExprLike): Expr {
  const l = toExpr(left);
  const r = toExpr(right);
  return isConstant(r, 0) ? l : { kind: 'sub', left: l, right: r };
}

/** Product of all factors; 1 for none. */
export function mul(...factors: readonly ExprLike[]): Expr {
  let product: Expr | undefined;
  for (const factor of factors) {
    const right = toExpr(factor);
    if (isConstant(right, 0)) return right;
    if (isConstant(right, 1)) continue;
    product = product === undefined ? right : { kind: 'mul', left: product, right };
  }
  return product ?? constant(1);
}

/** `1 - bit`. */
export function not(bit: ExprLike): Expr {
  return sub(1, bit);
}

/** Sum of `coefficients[i] * terms[i]`. */
export function linear(terms: readonly ExprLike[], coefficients: readonly number[]): Expr {
  return add(...terms.map((term, i) => mul(coefficients[i]!, term)));
}

const degrees = new WeakMap<Expr, number>();

/** Degree in the cells of the row; fixed columns and the last-row selector count as cells. */
export function degree(expr: Expr): number {
  switch (expr.kind) {
    case 'constant':
    case 'parameter':
      return 0;
    case 'column':
    case 'next':
    case 'lastRow':
      return 1;
  }
  // Remembered, because parts may be shared: a tree walk of a graph can take exponential time.
  let found = degrees.get(expr);
  if (found === undefined) {
    const [left, right] = [degree(expr.left), degree(expr.right)];
    found = expr.kind === 'mul' ? left + right : Math.max(left, right);
    degrees.set(expr, found);
  }
  return found;
}

/** Calls `visit` for every leaf, at least once; what is shared is walked once. */
export function forEachLeaf(expr: Expr, visit: (leaf: Expr) => void): void {
  const seen = new Set<Expr>();
  const walk = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'add' || node.kind === 'sub' || node.kind === 'mul') {
      walk(node.left);
      walk(node.right);
    } else {
      visit(node);
    }
  };
  walk(expr);
}

/** The expression as a formula, for spec pages and messages: `a * (b - next(c))`. */
export function format(expr: Expr): string {
  switch (expr.kind) {
    case 'constant':
      return String(expr.value > MODULUS / 2 ? expr.value - MODULUS : expr.value);
    case 'parameter':
      return `param(${expr.name})`;
    case 'column':
      return expr.name;
    case 'next':
      return `next(${expr.column.name})`;
    case 'lastRow':
      return 'lastRow';
    case 'add':
      return `${format(expr.left)} + ${format(expr.right)}`;
    case 'sub':
      return `${format(expr.left)} - ${parenthesised(expr.right)}`;
    case 'mul':
      return `${parenthesised(expr.left)} * ${parenthesised(expr.right)}`;
  }
}

function parenthesised(expr: Expr): string {
  const text = format(expr);
  return expr.kind === 'add' || expr.kind === 'sub' ? `(${text})` : text;
}
