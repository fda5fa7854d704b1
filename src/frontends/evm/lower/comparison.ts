/**
 * Comparisons: one wide instruction each. Where only a `JUMPI` uses the result they become a branch instead
 * (`control.ts`).
 */

import { twoSources } from './arithmetic.ts';
import type { Lowering } from './context.ts';

export const comparison: Readonly<Record<string, Lowering>> = {
  LT: twoSources('wlt', 'wgt'),
  GT: twoSources('wgt', 'wlt'),
  SLT: twoSources('wslt', 'wsgt'),
  SGT: twoSources('wsgt', 'wslt'),
  EQ: twoSources('weq', 'weq'),
  ISZERO: (context, operation) => {
    const source = context.register(operation.inputs[0]!);
    context.builder.emit('weq', context.result(operation), source, 0n);
  },
};
