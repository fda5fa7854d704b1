/**
 * Which opcode of a block fails first, once its head has found that one does.
 *
 * The head of a block only knows that gas or stack do not suffice somewhere in it. Here the block's opcodes are gone
 * through in order, as records of gas, items in, items out, from the depth and gas at its start. In one opcode gas
 * comes before the stack, except that dynamic gas needs its operands first. This runs at most once in a run.
 */

import type { UnitBuilder } from '../../../isa/builder.ts';
import { ARGUMENTS, CALLEE, type RuntimeLabels, runtimeEntries } from '../layout.ts';
import { opcodeNamed } from '../opcodes.ts';

const RECORD = 0;
const COST = 1;
const IN = 2;
const OUT = 3;
const IS_DYNAMIC = 4;
/** Kept from one call to the next: both entries are called with the same slide. */
const DEPTH = 5;
const GAS = 6;

export function emitBlame(builder: UnitBuilder, labels: RuntimeLabels): void {
  const begin = builder.here();
  builder.runtimeEntry(runtimeEntries.beginBlame, begin);
  builder.emit('move', DEPTH, 0n);
  // The depth, bit by bit: sliding down by 2^i faults where it is less. The return puts sp back.
  for (let step = 1024; step >= 1; step /= 2) {
    const isLess = builder.label();
    builder.emit('block', 0, step, 0, -step, isLess);
    builder.emit('add', DEPTH, DEPTH, BigInt(step));
    builder.place(isLess);
  }
  builder.emit('getg', GAS, 0);
  builder.emit('return');

  const blame = builder.here();
  builder.runtimeEntry(runtimeEntries.blame, blame);
  builder.loop((end) => {
    builder.emit('truncate', RECORD, ARGUMENTS);
    builder.emit('and', RECORD, RECORD, 0xffffn);
    builder.emit('beq', RECORD, 0n, end);
    builder.emit('and', COST, RECORD, 15n);
    builder.emit('srl', IN, RECORD, 4n);
    builder.emit('and', IN, IN, 31n);
    builder.emit('srl', OUT, RECORD, 9n);
    builder.emit('and', OUT, OUT, 31n);
    builder.emit('srl', IS_DYNAMIC, RECORD, 14n);
    builder.if(['bne', IS_DYNAMIC, 0n], () =>
      builder.emit('bltu', DEPTH, IN, labels.stackUnderflow),
    );
    builder.emit('bltu', GAS, COST, labels.outOfGas);
    builder.emit('bltu', DEPTH, IN, labels.stackUnderflow);
    builder.emit('sub', GAS, GAS, COST);
    builder.emit('sub', DEPTH, DEPTH, IN);
    builder.emit('add', DEPTH, DEPTH, OUT);
    builder.emit('bgeu', DEPTH, 1025n, labels.stackOverflow);
    builder.emit('wshr', ARGUMENTS, ARGUMENTS, 16n);
  });
  builder.emit('return');

  builder.runtimeEntry(runtimeEntries.blameAll, builder.here());
  builder.emit('call', CALLEE, begin);
  builder.emit('call', CALLEE, blame);
  builder.emit('jump', labels.outOfGas);

  emitStoreBlame(builder, labels, runtimeEntries.blameStoreWord, runtimeEntries.growWord);
  emitStoreBlame(builder, labels, runtimeEntries.blameStoreByte, runtimeEntries.growByte);
}

/** The reference charges a store for its address, the item on top, before it takes the value below. */
function emitStoreBlame(
  builder: UnitBuilder,
  labels: RuntimeLabels,
  entry: number,
  growth: number,
): void {
  builder.runtimeEntry(entry, builder.here());
  builder.emit('block', 0, 1, 0, 0, labels.stackUnderflow);
  builder.emit('block', opcodeNamed('MSTORE').staticGas, 0, 0, 0, labels.outOfGas);
  builder.emit('narrow', RECORD, -1, labels.outOfGas);
  builder.frame(RECORD + 1);
  builder.call({ runtimeEntry: growth }, [RECORD]);
  builder.emit('block', 0, 2, 0, 0, labels.stackUnderflow);
  builder.emit('jump', labels.outOfGas);
}
