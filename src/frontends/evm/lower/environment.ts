/**
 * Environment, call data and gas.
 *
 * A word of the environment is one load from the public input. Call data may be read past its end: the cells
 * behind it are zero. `GAS` adds what the head of the block has taken for opcodes still to come.
 */

import type { Label } from '../../../isa/builder.ts';
import { CALL_DATA_LIMIT, environmentWords } from '../environment.ts';
import { CALL_DATA_LENGTH_OFFSET, FIRST_WORD, PUBLIC_WINDOW, ZERO } from '../layout.ts';
import type { BlockContext, Lowering } from './context.ts';

/** Offsets from here on are behind any call data. An access below ends within the window. */
const FAR = BigInt(CALL_DATA_LIMIT);

const loadCallData: Lowering = (context, operation) => {
  const { builder, unit, never } = context;
  const offset = operation.inputs[0]!;
  const known = context.constantOf(offset);
  if (known !== undefined) {
    const rd = context.result(operation);
    if (known >= FAR) context.load(rd, 0n);
    else builder.emit('wld', rd, known + BigInt(unit.callDataStart), PUBLIC_WINDOW, never);
    return;
  }
  const source = context.register(offset);
  const rd = context.result(operation);
  const isFar = builder.label();
  const after = builder.label();
  builder.emit('wbge', source, FAR, isFar);
  builder.emit('wadd', rd, source, BigInt(unit.callDataStart));
  builder.emit('wld', rd, rd, PUBLIC_WINDOW, never);
  builder.place(after);
  unit.later(() => zero(context, isFar, rd, after));
};

function zero(context: BlockContext, from: Label, rd: number, to: Label): void {
  context.builder.place(from);
  context.load(rd, 0n);
  context.builder.emit('jump', to);
}

const callDataSize: Lowering = (context, operation) => {
  const { builder, never } = context;
  builder.emit('ld64', FIRST_WORD, ZERO, CALL_DATA_LENGTH_OFFSET, PUBLIC_WINDOW, never);
  builder.emit('widen', context.result(operation), FIRST_WORD);
};

const gas: Lowering = (context, operation) => {
  const { builder } = context;
  builder.emit('getg', FIRST_WORD, 0);
  if (operation.gasBehind > 0) {
    builder.emit('add', FIRST_WORD, FIRST_WORD, BigInt(operation.gasBehind));
  }
  builder.emit('widen', context.result(operation), FIRST_WORD);
};

export const environment: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(
    environmentWords.map(({ opcode }, word): [string, Lowering] => [
      opcode,
      (context, operation) => {
        const { builder, unit, never } = context;
        const offset = BigInt(unit.environmentOffset(word));
        builder.emit('wld', context.result(operation), offset, PUBLIC_WINDOW, never);
      },
    ]),
  ),
  CALLDATALOAD: loadCallData,
  CALLDATASIZE: callDataSize,
  GAS: gas,
};
