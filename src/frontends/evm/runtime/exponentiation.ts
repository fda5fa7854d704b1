/**
 * `EXP`: the exponent is charged by its bytes, the power found bit by bit from the top.
 *
 * The exponent is shifted to the left end of its register, so that its sign is the next bit. A base of 2 is a shift.
 */

import type { UnitBuilder } from '../../../isa/builder.ts';
import { EXPONENT_BYTE_GAS } from '../gas.ts';
import { ARGUMENTS, type RuntimeLabels, runtimeEntries } from '../layout.ts';

const BITS = 0;
const GAS = 1;
const RESULT = ARGUMENTS;
const EXPONENT = ARGUMENTS + 1;
const BASE = ARGUMENTS + 2;

export function emitExponentiation(builder: UnitBuilder, labels: RuntimeLabels): void {
  builder.runtimeEntry(runtimeEntries.power, builder.here());
  emitCharge(builder, labels, () => {
    builder.emit('wconst', RESULT, builder.constant(1n));
  });
  const isShift = builder.label();
  builder.emit('wbeq', RESULT, 2n, isShift);
  // 1 to 256 bits. The top bit stands for the base itself.
  builder.emit('wmove', BASE, RESULT);
  builder.emit('move', GAS, 256n);
  builder.emit('sub', GAS, GAS, BITS);
  builder.emit('widen', ARGUMENTS + 3, GAS);
  builder.emit('wshl', EXPONENT, EXPONENT, ARGUMENTS + 3);
  const test = builder.label();
  const loop = builder.label();
  builder.emit('jump', test);
  builder.place(loop);
  builder.emit('wmul', RESULT, RESULT, RESULT);
  builder.emit('wadd', EXPONENT, EXPONENT, EXPONENT);
  builder.if(['wbslt', EXPONENT, 0n], () => builder.emit('wmul', RESULT, RESULT, BASE));
  builder.place(test);
  builder.emit('sub', BITS, BITS, 1n);
  builder.emit('bne', BITS, 0n, loop);
  builder.emit('return');

  builder.place(isShift);
  builder.emit('wconst', RESULT, builder.constant(1n));
  builder.emit('wshl', RESULT, RESULT, EXPONENT);
  builder.emit('return');

  builder.runtimeEntry(runtimeEntries.chargeExponent, builder.here());
  emitCharge(builder, labels, () => undefined);
  builder.emit('return');
}

/** Puts the exponent's bits in BITS and charges for its bytes; an exponent of 0 costs nothing and returns. */
function emitCharge(builder: UnitBuilder, labels: RuntimeLabels, ofZero: () => void): void {
  builder.if(['wbeq', EXPONENT, 0n], () => {
    ofZero();
    builder.emit('return');
  });
  builder.emit('wclz', BASE, EXPONENT);
  builder.emit('truncate', GAS, BASE);
  builder.emit('move', BITS, 256n);
  builder.emit('sub', BITS, BITS, GAS);
  builder.emit('add', GAS, BITS, 7n);
  builder.emit('srl', GAS, GAS, 3n);
  builder.emit('mul', GAS, GAS, EXPONENT_BYTE_GAS);
  builder.emit('charge', GAS, labels.outOfGas);
}
