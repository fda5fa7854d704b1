/**
 * Memory: one load or store each, whose fault is the growth of the memory.
 *
 * Behind the blocks, each access has a stub that has the runtime charge for the growth and widen the window, and then
 * goes back to the access. The copies are routines of the runtime.
 */

import type { Label } from '../../../isa/builder.ts';
import {
  CALLEE,
  codeLengthRegister,
  FIRST_WORD,
  MEMORY_WINDOW,
  runtimeEntries,
  SECOND_WORD,
  ZERO,
} from '../layout.ts';
import type { BlockContext, Lowering } from './context.ts';

/** A stub for the 32 bytes at `address` that goes back to `retry`. */
function growthStub(context: BlockContext, address: number | bigint, retry: Label): Label {
  const { builder, unit, outOfGas } = context;
  const stub = builder.label();
  unit.later(() => {
    builder.place(stub);
    if (typeof address === 'bigint') builder.emit('move', CALLEE, address);
    else builder.emit('narrow', CALLEE, address, outOfGas);
    builder.emit('callr', runtimeEntries.growWord, CALLEE);
    builder.emit('jump', retry);
  });
  return stub;
}

const load: Lowering = (context, operation) => {
  const { builder } = context;
  const address = context.operand(operation.inputs[0]!);
  const rd = context.result(operation);
  builder.emit('wld', rd, address, MEMORY_WINDOW, growthStub(context, address, builder.here()));
};

const store: Lowering = (context, operation) => {
  const { builder } = context;
  const address = context.operand(operation.inputs[0]!);
  const value = context.register(operation.inputs[1]!);
  builder.emit('wst', value, address, MEMORY_WINDOW, growthStub(context, address, builder.here()));
  context.done(operation);
};

const storeByte: Lowering = (context, operation) => {
  const { builder, unit, outOfGas } = context;
  const [address, value] = operation.inputs;
  const constant = context.constantOf(value!);
  if (constant !== undefined) builder.emit('move', SECOND_WORD, constant & 0xffn);
  else builder.emit('truncate', SECOND_WORD, context.register(value!));
  const known = context.immediateOf(address!);
  if (known === undefined) builder.emit('narrow', FIRST_WORD, context.register(address!), outOfGas);
  const stub = builder.label();
  const retry = builder.here();
  const [base, offset] = known === undefined ? [FIRST_WORD, 0] : [ZERO, Number(known)];
  builder.emit('st8', SECOND_WORD, base, offset, MEMORY_WINDOW, stub);
  unit.later(() => {
    builder.place(stub);
    builder.emit('add', CALLEE, base, BigInt(offset));
    builder.emit('callr', runtimeEntries.growByte, CALLEE);
    builder.emit('jump', retry);
  });
  context.done(operation);
};

function copy(entry: number): Lowering {
  return (context, operation) => {
    context.pass(operation.inputs);
    context.call(entry);
    context.done(operation);
  };
}

const copyCode: Lowering = (context, operation) => {
  const { builder, unit } = context;
  context.pass(operation.inputs);
  builder.emit('move', CALLEE + codeLengthRegister, BigInt(unit.bytes.length));
  context.call(runtimeEntries.codeCopy);
  context.done(operation);
};

/** Nothing has been returned yet: only an empty range at 0 is within bounds, and it does nothing. */
const copyReturnData: Lowering = (context, operation) => {
  const [, source, size] = operation.inputs;
  const outside = context.unit.end(runtimeEntries.returnDataOutOfBounds);
  for (const value of [source!, size!]) {
    const constant = context.constantOf(value);
    if (constant === undefined) context.builder.emit('wbne', context.register(value), 0n, outside);
    else if (constant !== 0n) context.builder.emit('jump', outside);
  }
  context.done(operation);
};

export const memory: Readonly<Record<string, Lowering>> = {
  MLOAD: load,
  MSTORE: store,
  MSTORE8: storeByte,
  MSIZE: (context, operation) => {
    context.builder.emit('getm', FIRST_WORD, MEMORY_WINDOW);
    context.builder.emit('widen', context.result(operation), FIRST_WORD);
  },
  MCOPY: copy(runtimeEntries.memoryCopy),
  CALLDATACOPY: copy(runtimeEntries.callDataCopy),
  CODECOPY: copyCode,
  RETURNDATACOPY: copyReturnData,
};
