/**
 * Evaluates expressions at one point over the extension: the verifier's way. The batch evaluation of
 * the prover is `evaluate.ts`; the two share no code, and a test compares them.
 */

import type { Ext, ExtensionField } from '../field/extension.ts';
import type { Expr } from './expr.ts';

/** Values of one table's columns at the point. */
export interface PointValues {
  main(column: number): Ext;
  /** Value of a main column one row further. */
  next(column: number): Ext;
  fixed(column: number): Ext;
  lastRow(): Ext;
  parameter(name: string): number;
}

/** An evaluator that computes each expression object once. Constants stay in the base field. */
export function createPointEvaluator(
  field: ExtensionField,
  values: PointValues,
): (expr: Expr) => Ext {
  const known = new Map<Expr, Ext>();
  const evaluate = (expr: Expr): Ext => {
    const found = known.get(expr);
    if (found !== undefined) return found;
    const value = compute(expr);
    known.set(expr, value);
    return value;
  };
  const baseOf = (expr: Expr): number => {
    if (expr.kind === 'constant') return expr.value;
    return expr.kind === 'parameter' ? values.parameter(expr.name) : -1;
  };
  const compute = (expr: Expr): Ext => {
    switch (expr.kind) {
      case 'column':
        return expr.source === 'main' ? values.main(expr.index) : values.fixed(expr.index);
      case 'next':
        return values.next(expr.column.index);
      case 'lastRow':
        return values.lastRow();
      case 'constant':
      case 'parameter':
        return field.fromBase(baseOf(expr));
      case 'add':
        return field.add(evaluate(expr.left), evaluate(expr.right));
      case 'sub':
        return field.sub(evaluate(expr.left), evaluate(expr.right));
      case 'mul': {
        const left = baseOf(expr.left);
        if (left >= 0) return field.mulBase(evaluate(expr.right), left);
        const right = baseOf(expr.right);
        if (right >= 0) return field.mulBase(evaluate(expr.left), right);
        return field.mul(evaluate(expr.left), evaluate(expr.right));
      }
    }
  };
  return evaluate;
}
