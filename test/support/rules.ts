/**
 * A chip's rules over the cells of a few consecutive rows, compiled so that one of them costs tens of
 * nanoseconds: the evaluator of the attack harness. It shares no code with the row checker, the
 * verifier or the prover.
 *
 * Every maximal linear part of an expression becomes one list of coefficients; products and sums of
 * products stay trees, so that a forger can split them into factors.
 */

import { type ChipDescription, nextColumns } from '../../src/stark/air/chip.ts';
import type { Expr } from '../../src/stark/air/expr.ts';
import { add, MODULUS, mul, sub } from '../../src/stark/field/m31.ts';
import { byteBus, byteOperation } from '../../src/stark/tables/bytes.ts';
import { rangeBus } from '../../src/stark/tables/range.ts';

/** A polynomial in the cells. */
export interface Form {
  readonly value: (cells: Uint32Array) => number;
  /** The cells that occur, ascending. */
  readonly cells: readonly number[];
  readonly linear: Linear | undefined;
  /** The factors, if the form is a product. */
  readonly factors: readonly Form[] | undefined;
  /** What the form is the sum of, unless it is linear. */
  readonly parts?: { readonly linear: Linear; readonly products: readonly Product[] };
}

interface Linear {
  readonly constant: number;
  /** Coefficient of each cell, canonical and not 0. */
  readonly terms: ReadonlyMap<number, number>;
}

export interface Rule {
  readonly name: string;
  /** `assumption`: guaranteed by others; guides the forger and is never deleted. */
  readonly kind: 'constraint' | 'range' | 'byte' | 'assumption';
  readonly cells: readonly number[];
  readonly isBroken: (cells: Uint32Array) => boolean;
  /** Of a constraint: must vanish. Of a lookup: the message. Of an assumption: the value. */
  readonly forms: readonly Form[];
  /** Of lookups and assumptions: only where it is not 0. */
  readonly multiplicity: Form | undefined;
}

/** A message that is no lookup: part of what the row says to the world. */
export interface Face {
  readonly name: string;
  readonly bus: string;
  readonly direction: 'send' | 'receive';
  readonly multiplicity: Form;
  readonly message: readonly Form[];
}

export interface CompiledRules {
  readonly description: ChipDescription;
  /** Rows that stand in the cells one after the other. */
  readonly rowCount: number;
  /** Main cells; fixed cells and the marks of the last row follow them and are frozen. */
  readonly mainCells: number;
  readonly cellCount: number;
  readonly rules: readonly Rule[];
  readonly faces: readonly Face[];
  nameOf(cell: number): string;
}

/** `bits` is any width up to 30; the assumption holds where the multiplicity of `face` is 1. */
export interface Assumption {
  readonly name: string;
  readonly face: string;
  readonly part: number;
  readonly bits: number;
}

const PAIR = 4;

/**
 * Compiles a chip. Rules that read the next row are stated for all rows but the last of `rowCount`,
 * so a chip that uses it needs at least 2.
 */
export function compileRules(
  description: ChipDescription,
  parameters: Readonly<Record<string, number>> = {},
  assumptions: readonly Assumption[] = [],
  rowCount = nextColumns(description).length > 0 ? 2 : 1,
): CompiledRules {
  const width = description.columns.length;
  const fixedWidth = description.fixedColumns.length;
  const mainCells = width * rowCount;
  const cellCount = mainCells + (fixedWidth + 1) * rowCount;
  const rules: Rule[] = [];
  const faces: Face[] = [];

  for (let row = 0; row < rowCount; row++) {
    const lower = (expr: Expr): Form => lowerExpr(expr, row);
    const fits = (exprs: readonly Expr[]): boolean => row + 1 < rowCount || !exprs.some(usesNext);
    for (const { name, expr } of description.constraints) {
      if (!fits([expr])) continue;
      const form = lower(expr);
      rules.push({
        name,
        kind: 'constraint',
        cells: form.cells,
        isBroken: (cells) => form.value(cells) !== 0,
        forms: [form],
        multiplicity: undefined,
      });
    }
    for (const interaction of description.interactions) {
      const { name, bus, direction } = interaction;
      if (!fits([...interaction.message, interaction.multiplicity])) continue;
      const message = interaction.message.map(lower);
      const multiplicity = lower(interaction.multiplicity);
      if (direction === 'receive' || (bus.id !== rangeBus.id && bus.id !== byteBus.id)) {
        faces.push({ name, bus: bus.name, direction, multiplicity, message });
        continue;
      }
      const isIn = bus.id === rangeBus.id ? isInRangeTable : isInByteTable;
      rules.push({
        name,
        kind: bus.id === rangeBus.id ? 'range' : 'byte',
        cells: cellsOf([...message, multiplicity]),
        // Most messages are in the table, so ask that first.
        isBroken: (cells) => !isIn(message, cells) && multiplicity.value(cells) !== 0,
        forms: message,
        multiplicity,
      });
    }
    for (const { name, face, part, bits } of assumptions) {
      const { multiplicity, message } = faces.find((entry) => entry.name === face)!;
      const form = message[part]!;
      const limit = 2 ** bits;
      rules.push({
        name,
        kind: 'assumption',
        cells: cellsOf([form, multiplicity]),
        isBroken: (cells) => form.value(cells) >= limit && multiplicity.value(cells) !== 0,
        forms: [constantForm(bits), form],
        multiplicity,
      });
    }
  }
  return {
    description,
    rowCount,
    mainCells,
    cellCount,
    rules,
    faces,
    nameOf(cell) {
      const name = description.columns[cell % width]?.name ?? 'fixed';
      return rowCount > 1 ? `${name}[${Math.floor(cell / width)}]` : name;
    },
  };

  function lowerExpr(expr: Expr, row: number): Form {
    switch (expr.kind) {
      case 'constant':
        return constantForm(expr.value);
      case 'parameter': {
        const value = parameters[expr.name];
        if (value === undefined) throw new RangeError(`parameter ${expr.name}: expected a value`);
        return constantForm(value);
      }
      case 'column':
        return expr.source === 'main'
          ? cellForm(row * width + expr.index)
          : cellForm(mainCells + row * fixedWidth + expr.index);
      case 'next':
        return cellForm((row + 1) * width + expr.column.index);
      case 'lastRow':
        return cellForm(mainCells + rowCount * fixedWidth + row);
      case 'add':
        return sumForm(lowerExpr(expr.left, row), lowerExpr(expr.right, row), 1);
      case 'sub':
        return sumForm(lowerExpr(expr.left, row), lowerExpr(expr.right, row), MODULUS - 1);
      case 'mul':
        return productForm(lowerExpr(expr.left, row), lowerExpr(expr.right, row));
    }
  }
}

function usesNext(expr: Expr): boolean {
  if (expr.kind === 'add' || expr.kind === 'sub' || expr.kind === 'mul') {
    return usesNext(expr.left) || usesNext(expr.right);
  }
  return expr.kind === 'next';
}

function isInRangeTable(message: readonly Form[], cells: Uint32Array): boolean {
  const bits = message[0]!.value(cells);
  return bits <= 16 && message[1]!.value(cells) < 2 ** bits;
}

function isInByteTable(message: readonly Form[], cells: Uint32Array): boolean {
  const left = message[1]!.value(cells);
  const right = message[2]!.value(cells);
  if (left > 255 || right > 255) return false;
  return message[3]!.value(cells) === byteResult(message[0]!.value(cells), left, right);
}

/** What the byte table holds for an operation on two bytes; -1 if there is no such operation. */
export function byteResult(operation: number, left: number, right: number): number {
  switch (operation) {
    case byteOperation.and:
      return left & right;
    case byteOperation.or:
      return left | right;
    case byteOperation.xor:
      return left ^ right;
    case PAIR:
      return 0;
    default:
      return -1;
  }
}

function cellsOf(forms: readonly Form[]): number[] {
  return [...new Set(forms.flatMap((form) => form.cells))].sort((x, y) => x - y);
}

function constantForm(value: number): Form {
  return linearForm({ constant: value, terms: new Map() });
}

function cellForm(cell: number): Form {
  return linearForm({ constant: 0, terms: new Map([[cell, 1]]) });
}

/** Coefficients below this in magnitude, summed: then a sum of products stays exact in a double. */
const SMALL = 2 ** 21;

function linearForm(linear: Linear): Form {
  const { constant, terms } = linear;
  const cells = [...terms.keys()].sort((x, y) => x - y);
  const coefficients = cells.map((cell) => terms.get(cell)!);
  const base = { cells, linear, factors: undefined };
  const count = cells.length;
  if (count === 0) return { ...base, value: () => constant };
  if (count === 1 && constant === 0 && coefficients[0] === 1) {
    const cell = cells[0]!;
    return { ...base, value: (x) => x[cell]! };
  }
  const centred = coefficients.map((value) => (value > MODULUS / 2 ? value - MODULUS : value));
  if (centred.reduce((sum, value) => sum + Math.abs(value), 0) < SMALL) {
    return {
      ...base,
      value(x) {
        let sum = constant;
        for (let i = 0; i < count; i++) sum += centred[i]! * x[cells[i]!]!;
        const rest = sum - Math.floor(sum / MODULUS) * MODULUS;
        return rest >= MODULUS ? rest - MODULUS : rest < 0 ? rest + MODULUS : rest;
      },
    };
  }
  return {
    ...base,
    value(x) {
      let sum = constant;
      for (let i = 0; i < count; i++) sum = add(sum, mul(coefficients[i]!, x[cells[i]!]!));
      return sum;
    },
  };
}

/** Product of forms of degree at least 1, times a coefficient. */
interface Product {
  readonly coefficient: number;
  readonly factors: readonly Form[];
}

/** A linear form and products, summed in one loop. */
function polynomialForm(linear: Linear, products: readonly Product[]): Form {
  const first = linearForm(linear);
  const [only] = products;
  if (only === undefined) return first;
  const isProduct = products.length === 1 && linear.terms.size === 0 && linear.constant === 0;
  const isShort = linear.terms.size === 0;
  const factorLists = products.map(({ factors }) => factors);
  const coefficients = products.map(({ coefficient }) => coefficient);
  const count = products.length;
  return {
    value(x) {
      let sum = isShort ? linear.constant : first.value(x);
      for (let i = 0; i < count; i++) {
        const factors = factorLists[i]!;
        let product = factors[0]!.value(x);
        // Most products have a flag in front that is 0.
        for (let k = 1; k < factors.length && product !== 0; k++) {
          const factor = factors[k]!.value(x);
          product = product === 1 ? factor : mul(product, factor);
        }
        if (product === 0) continue;
        const coefficient = coefficients[i]!;
        if (coefficient === 1) sum = add(sum, product);
        else if (coefficient === MODULUS - 1) sum = sub(sum, product);
        else sum = add(sum, mul(coefficient, product));
      }
      return sum;
    },
    cells: cellsOf([first, ...products.flatMap(({ factors }) => factors)]),
    linear: undefined,
    factors: isProduct ? only.factors : undefined,
    parts: { linear, products },
  };
}

const zero: Linear = { constant: 0, terms: new Map() };

function partsOf(form: Form): { readonly linear: Linear; readonly products: readonly Product[] } {
  return form.parts ?? { linear: form.linear ?? zero, products: [] };
}

/** `left + factor * right`. */
function sumForm(left: Form, right: Form, factor: number): Form {
  const one = partsOf(left);
  const other = partsOf(right);
  const terms = new Map(one.linear.terms);
  for (const [cell, coefficient] of other.linear.terms) {
    const value = add(terms.get(cell) ?? 0, mul(factor, coefficient));
    if (value === 0) terms.delete(cell);
    else terms.set(cell, value);
  }
  const constant = add(one.linear.constant, mul(factor, other.linear.constant));
  const scaled = other.products.map(({ coefficient, factors }) => ({
    coefficient: mul(factor, coefficient),
    factors,
  }));
  return polynomialForm({ constant, terms }, [...one.products, ...scaled]);
}

function productForm(left: Form, right: Form): Form {
  if (left.cells.length === 0 && left.linear) return scaledForm(right, left.linear.constant);
  if (right.cells.length === 0 && right.linear) return scaledForm(left, right.linear.constant);
  const factors = [...(left.factors ?? [left]), ...(right.factors ?? [right])];
  const coefficient = mul(coefficientOf(left), coefficientOf(right));
  return polynomialForm(zero, [{ coefficient, factors }]);
}

/** The coefficient of a form that is a single product; 1 for others. */
function coefficientOf(form: Form): number {
  return form.factors === undefined ? 1 : form.parts!.products[0]!.coefficient;
}

function scaledForm(form: Form, factor: number): Form {
  return sumForm(constantForm(0), form, factor);
}
