/**
 * Arithmetic: one wide instruction each, but for `EXP`.
 *
 * The machine's division has the EVM's meaning for a zero divisor already. Unsigned division by a power of two
 * becomes a shift, the remainder a mask: chips of half the width.
 */

import { exponentGas, exponentOfTwo } from '../constants.ts';
import { ARGUMENTS, FIRST_WORD, runtimeEntries } from '../layout.ts';
import { isBareCharge, type Operation } from '../stack.ts';
import type { BlockContext, Lowering } from './context.ts';

/** Instructions of two wide sources, the second perhaps an immediate. */
export type TwoSourceName =
  | 'wadd'
  | 'wsub'
  | 'wmul'
  | 'wdiv'
  | 'wmod'
  | 'wsdiv'
  | 'wsmod'
  | 'wand'
  | 'wor'
  | 'wxor'
  | 'weq'
  | 'wlt'
  | 'wgt'
  | 'wslt'
  | 'wsgt'
  | 'wshl'
  | 'wshr'
  | 'wsar'
  | 'wbyte'
  | 'wsignextend';

/** `rd = left op right`; with `swapped`, where only the left is an immediate, `rd = right swapped left`. */
export function twoSources(name: TwoSourceName, swapped?: TwoSourceName): Lowering {
  return (context, operation) => {
    const [left, right] = operation.inputs;
    if (
      swapped !== undefined &&
      context.immediateOf(left!) !== undefined &&
      context.immediateOf(right!) === undefined
    ) {
      emitTwo(context, operation, swapped, right!, left!);
    } else {
      emitTwo(context, operation, name, left!, right!);
    }
  };
}

/** The operand on top of the stack is the second source. */
export function secondOnTop(name: TwoSourceName): Lowering {
  return (context, operation) => {
    const [top, below] = operation.inputs;
    emitTwo(context, operation, name, below!, top!);
  };
}

function emitTwo(
  context: BlockContext,
  operation: Operation,
  name: TwoSourceName,
  left: number,
  right: number,
): void {
  const first = context.register(left);
  const second = context.operand(right);
  context.builder.emit(name, context.result(operation), first, second);
}

const division: Lowering = (context, operation) => {
  const [left, right] = operation.inputs;
  const shift = exponentOfTwo(context.constantOf(right!) ?? 0n);
  if (shift === undefined) {
    emitTwo(context, operation, 'wdiv', left!, right!);
    return;
  }
  const source = context.register(left!);
  context.builder.emit('wshr', context.result(operation), source, BigInt(shift));
};

const remainder: Lowering = (context, operation) => {
  const [left, right] = operation.inputs;
  const modulus = context.constantOf(right!);
  if (modulus === undefined || modulus > 2n ** 32n || exponentOfTwo(modulus) === undefined) {
    emitTwo(context, operation, 'wmod', left!, right!);
    return;
  }
  const source = context.register(left!);
  context.builder.emit('wand', context.result(operation), source, modulus - 1n);
};

function threeSources(name: 'waddmod' | 'wmulmod'): Lowering {
  return (context, operation) => {
    const [left, right, modulus] = operation.inputs.map((input) => context.register(input));
    context.builder.emit(name, context.result(operation), left!, right!, modulus!);
  };
}

/** Exponents up to this stand in line, as multiplications. */
const INLINE_EXPONENT = 8n;

const exponentiation: Lowering = (context, operation) => {
  const { builder } = context;
  if (isBareCharge(operation.opcode)) {
    chargeFor(context, context.constantOf(operation.inputs[0]!)!);
    context.done(operation);
    return;
  }
  const [base, exponent] = operation.inputs;
  const known = context.constantOf(exponent!);
  if (known !== undefined && known <= INLINE_EXPONENT) {
    chargeFor(context, known);
    emitPower(context, operation, Number(known));
    return;
  }
  context.pass([base!, exponent!]);
  context.call(runtimeEntries.power);
  builder.emit('wmove', context.result(operation), ARGUMENTS);
};

/** The exponent's gas, known when the code is lowered. */
function chargeFor({ builder, outOfGas }: BlockContext, exponent: bigint): void {
  if (exponent === 0n) return;
  builder.emit('move', FIRST_WORD, BigInt(exponentGas(exponent)));
  builder.emit('charge', FIRST_WORD, outOfGas);
}

/** Square and multiply from the bit below the top one. */
function emitPower(context: BlockContext, operation: Operation, exponent: number): void {
  const { builder } = context;
  if (exponent === 0) {
    context.load(context.result(operation), 1n);
    return;
  }
  const base = context.register(operation.inputs[0]!);
  const power = context.earlyResult(operation);
  const bits = exponent.toString(2).slice(1);
  if (bits === '') builder.emit('wmove', power, base);
  let source = base;
  for (const bit of bits) {
    builder.emit('wmul', power, source, source);
    if (bit === '1') builder.emit('wmul', power, power, base);
    source = power;
  }
}

export const arithmetic: Readonly<Record<string, Lowering>> = {
  ADD: twoSources('wadd', 'wadd'),
  MUL: twoSources('wmul', 'wmul'),
  SUB: twoSources('wsub'),
  DIV: division,
  SDIV: twoSources('wsdiv'),
  MOD: remainder,
  SMOD: twoSources('wsmod'),
  ADDMOD: threeSources('waddmod'),
  MULMOD: threeSources('wmulmod'),
  EXP: exponentiation,
  SIGNEXTEND: secondOnTop('wsignextend'),
};
