/** Bitwise opcodes: one wide instruction each. Shift counts and byte numbers stand on top of the stack. */

import { secondOnTop, twoSources } from './arithmetic.ts';
import type { Lowering } from './context.ts';

export const bitwise: Readonly<Record<string, Lowering>> = {
  AND: twoSources('wand', 'wand'),
  OR: twoSources('wor', 'wor'),
  XOR: twoSources('wxor', 'wxor'),
  NOT: (context, operation) => {
    const source = context.register(operation.inputs[0]!);
    context.builder.emit('wnot', context.result(operation), source, 0n);
  },
  BYTE: secondOnTop('wbyte'),
  SHL: secondOnTop('wshl'),
  SHR: secondOnTop('wshr'),
  SAR: secondOnTop('wsar'),
  CLZ: (context, operation) => {
    const source = context.register(operation.inputs[0]!);
    context.builder.emit('wclz', context.result(operation), source);
  },
};
