/**
 * The runtime unit of a single contract: how a run begins and ends, and what is too long to stand in line.
 *
 * It alone sets the memory window and writes the header of the output. How contract code comes here is said in
 * `layout.ts`. `spec/3-lowering-evm.md`.
 */

import { type Label, UnitBuilder } from '../../isa/builder.ts';
import { type Unit, WINDOW_BYTE_LIMIT } from '../../isa/program.ts';
import { evmHalts, evmLimits, statuses } from '../../isa/status.ts';
import { emitMemoryGas, GREATEST_MEMORY_GAS, UNPAYABLE_SHIFT } from './gas.ts';
import {
  ARGUMENTS,
  MEMORY_SEGMENT,
  MEMORY_WINDOW,
  OUTPUT_START,
  OUTPUT_WINDOW,
  type RuntimeLabels,
  runtimeEntries,
} from './layout.ts';
import { emitBlame } from './runtime/blame.ts';
import { emitCopies } from './runtime/copy.ts';
import { emitExponentiation } from './runtime/exponentiation.ts';

/** Grows with every change of the code below or of the lowering. */
export const EVM_LOWERING_VERSION = 1;

/** Registers of the end of a run. */
const STATUS = 0;
const REASON = 1;
const GAS_LEFT = 2;
const BYTE_LENGTH = 3;
const ZERO = 4;

let made: Unit | undefined;

/** The runtime; the same unit for every contract, made once. */
export function evmRuntime(): Unit {
  made ??= makeRuntime();
  return made;
}

function makeRuntime(): Unit {
  const builder = new UnitBuilder({
    name: 'evm-runtime',
    frontend: 'runtime',
    frontendVersion: EVM_LOWERING_VERSION,
    isPrivileged: true,
  });
  const labels: RuntimeLabels = {
    outOfGas: builder.label('outOfGas'),
    never: builder.label('never'),
    memoryLimit: builder.label('memoryLimit'),
    stackUnderflow: builder.label('stackUnderflow'),
    stackOverflow: builder.label('stackOverflow'),
    growTo: builder.label('growTo'),
    copyToOutput: builder.label('copyToOutput'),
  };
  const end = builder.label('end');
  builder.function('ends');
  builder.entry('invalid', builder.here());
  failure(builder, statuses.invalid, 0, end);
  builder.entry('start', builder.here());
  // The guest relies on r0 = 0.
  builder.emit('move', 0, 0n);
  builder.emit('jumpx', 0, builder.guestTable(0, ['main']), 1, labels.never);

  emitFailures(builder, labels, end);
  emitReturns(builder, labels, end);
  emitEnd(builder, labels, end);
  builder.function('memory growth');
  emitGrowth(builder, labels);
  builder.function('copies');
  emitCopies(builder, labels);
  builder.function('exponentiation');
  emitExponentiation(builder, labels);
  builder.function('blame');
  emitBlame(builder, labels);
  return builder.finish();
}

/** An end that takes all gas and gives no output. */
function failure(builder: UnitBuilder, status: number, reason: number, end: Label): void {
  builder.emit('move', STATUS, BigInt(status));
  builder.emit('move', REASON, BigInt(reason));
  builder.emit('move', GAS_LEFT, 0n);
  builder.emit('move', BYTE_LENGTH, 0n);
  builder.emit('jump', end);
}

function emitFailures(builder: UnitBuilder, labels: RuntimeLabels, end: Label): void {
  const at = (label: Label, status: number, reason: number): void => {
    builder.place(label);
    failure(builder, status, reason, end);
  };
  const entry = (number: number, status: number, reason: number): void => {
    const label = builder.label();
    builder.runtimeEntry(number, label);
    at(label, status, reason);
  };
  builder.runtimeEntry(runtimeEntries.outOfGas, labels.outOfGas);
  at(labels.outOfGas, statuses.outOfGas, 0);
  builder.runtimeEntry(runtimeEntries.never, labels.never);
  at(labels.never, statuses.invalid, 0);
  at(labels.stackUnderflow, statuses.invalid, evmHalts.stackUnderflow.code);
  at(labels.stackOverflow, statuses.invalid, evmHalts.stackOverflow.code);
  entry(runtimeEntries.depth, statuses.invalid, evmHalts.callDepthExceeded.code);
  entry(runtimeEntries.invalidJump, statuses.invalid, evmHalts.invalidJump.code);
  entry(runtimeEntries.invalidOpcode, statuses.invalid, evmHalts.invalidOpcode.code);
  entry(runtimeEntries.undefinedOpcode, statuses.invalid, evmHalts.undefinedOpcode.code);
  entry(
    runtimeEntries.returnDataOutOfBounds,
    statuses.outOfGas,
    evmHalts.returnDataOutOfBounds.code,
  );

  at(labels.memoryLimit, statuses.unsupported, evmLimits.memory.code);

  // The opcode comes in r0, which is also STATUS.
  builder.runtimeEntry(runtimeEntries.unsupported, builder.here());
  builder.emit('move', REASON, 0);
  builder.emit('move', STATUS, BigInt(statuses.unsupported));
  builder.emit('getg', GAS_LEFT, 0);
  builder.emit('move', BYTE_LENGTH, 0n);
  builder.emit('jump', end);
}

/** `STOP`, `RETURN` and `REVERT`. */
function emitReturns(builder: UnitBuilder, labels: RuntimeLabels, end: Label): void {
  const [offset, size] = [ARGUMENTS, ARGUMENTS + 1];
  const finish = builder.label();
  const range = builder.label();

  builder.runtimeEntry(runtimeEntries.stop, builder.here());
  builder.emit('move', STATUS, BigInt(statuses.returned));
  builder.emit('move', BYTE_LENGTH, 0n);
  builder.emit('jump', finish);

  builder.runtimeEntry(runtimeEntries.return, builder.here());
  builder.emit('move', STATUS, BigInt(statuses.returned));
  builder.emit('jump', range);

  builder.runtimeEntry(runtimeEntries.revert, builder.here());
  builder.emit('move', STATUS, BigInt(statuses.reverted));

  builder.place(range);
  builder.emit('narrow', BYTE_LENGTH, size, labels.outOfGas);
  builder.emit('beq', BYTE_LENGTH, 0n, finish);
  const [start, last] = [5, 6];
  builder.emit('narrow', start, offset, labels.outOfGas);
  builder.emit('add', last, start, BYTE_LENGTH);
  builder.emit('bltu', last, start, labels.outOfGas); // 2^64 and more
  builder.frame(7);
  builder.call(labels.growTo, [last]);
  builder.call(labels.copyToOutput, [BigInt(OUTPUT_START), start, BYTE_LENGTH]);

  builder.place(finish);
  builder.emit('move', REASON, 0n);
  builder.emit('getg', GAS_LEFT, 0);
  builder.emit('jump', end);
}

/** The header of the output, and the end of the run. */
function emitEnd(builder: UnitBuilder, labels: RuntimeLabels, end: Label): void {
  builder.place(end);
  builder.emit('move', ZERO, 0n);
  [STATUS, REASON, GAS_LEFT, BYTE_LENGTH, ZERO].forEach((register, cell) => {
    builder.emit('st64', register, ZERO, 8 * cell, OUTPUT_WINDOW, labels.never);
  });
  builder.emit('halt');
}

/**
 * Widens the memory window to a whole number of words, at the exact price, or ends the run. The price depends on
 * the sizes before and after only, so it does not matter in which order several accesses ask for it.
 */
function emitGrowth(builder: UnitBuilder, labels: RuntimeLabels): void {
  const [end, before, words, cost, costBefore, spare] = [0, 1, 2, 3, 4, 5];

  const isByte = builder.label();
  builder.runtimeEntry(runtimeEntries.growByte, isByte);
  builder.place(isByte);
  builder.emit('add', end, end, 1n);
  builder.emit('beq', end, 0n, labels.outOfGas);
  builder.emit('jump', labels.growTo);

  builder.runtimeEntry(runtimeEntries.growWord, builder.here());
  builder.emit('add', end, end, 32n);
  builder.emit('bltu', end, 32n, labels.outOfGas);

  builder.place(labels.growTo);
  const isTooLarge = builder.label();
  const isEnough = builder.label();
  builder.emit('bgeu', end, BigInt(WINDOW_BYTE_LIMIT + 1), isTooLarge);
  builder.emit('getm', before, MEMORY_WINDOW);
  builder.emit('bgeu', before, end, isEnough);
  builder.emit('add', words, end, 31n);
  builder.emit('srl', words, words, 5n);
  emitMemoryGas(builder, cost, words, spare);
  builder.emit('srl', before, before, 5n);
  emitMemoryGas(builder, costBefore, before, spare);
  builder.emit('sub', cost, cost, costBefore);
  builder.emit('charge', cost, labels.outOfGas);
  builder.emit('sll', words, words, 5n);
  builder.emit('move', spare, BigInt(MEMORY_SEGMENT));
  builder.emit('setm', MEMORY_WINDOW, spare, words, 1, labels.never);
  builder.place(isEnough);
  builder.emit('return');

  builder.place(isTooLarge);
  builder.emit('srl', spare, end, UNPAYABLE_SHIFT);
  builder.emit('bne', spare, 0n, labels.outOfGas);
  builder.emit('getm', before, MEMORY_WINDOW);
  builder.emit('srl', before, before, 5n);
  emitMemoryGas(builder, costBefore, before, spare);
  builder.emit('move', cost, GREATEST_MEMORY_GAS);
  builder.emit('sub', cost, cost, costBefore);
  builder.emit('getg', spare, 0);
  builder.emit('bltu', spare, cost, labels.outOfGas);
  builder.emit('jump', labels.memoryLimit);
}
