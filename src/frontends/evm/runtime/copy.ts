/**
 * The copy opcodes, and the copy of return data into the output.
 *
 * Call data and code may be read past their end as zeros: the cells behind them have never been written. A source
 * past the end is taken back to the end, so that no sum of addresses overflows. Chunks of 32 bytes, then 8, 4, 2, 1.
 */

import type { UnitBuilder } from '../../../isa/builder.ts';
import { CALL_DATA_START } from '../environment.ts';
import { COPY_WORD_GAS } from '../gas.ts';
import {
  ARGUMENTS,
  CALL_DATA_LENGTH_OFFSET,
  CODE_WINDOW,
  codeLengthRegister,
  MEMORY_WINDOW,
  OUTPUT_WINDOW,
  PUBLIC_WINDOW,
  type RuntimeLabels,
  runtimeEntries,
} from '../layout.ts';

/** Of every routine here: destination, source, byte count; then temporaries. */
const DESTINATION = 0;
const SOURCE = 1;
const COUNT = 2;
const ADDRESS = 3;
const VALUE = 4;
const ZERO = 5;
/** Given by the caller of `CODECOPY`. */
const CODE_LENGTH = codeLengthRegister;
const WIDE_DESTINATION = ARGUMENTS + 4;
const WIDE_SOURCE = ARGUMENTS + 5;
const WIDE_VALUE = ARGUMENTS + 6;

/** Pieces below a chunk, by descending size. */
const pieces = [
  { bytes: 8, load: 'ld64', store: 'st64' },
  { bytes: 4, load: 'ld32u', store: 'st32' },
  { bytes: 2, load: 'ld16u', store: 'st16' },
  { bytes: 1, load: 'ld8u', store: 'st8' },
] as const;

export function emitCopies(builder: UnitBuilder, labels: RuntimeLabels): void {
  builder.place(labels.copyToOutput);
  emitDescending(builder, labels, MEMORY_WINDOW, OUTPUT_WINDOW);

  emitCopyOf(builder, labels, {
    entry: runtimeEntries.callDataCopy,
    window: PUBLIC_WINDOW,
    start: CALL_DATA_START,
    length: () => {
      builder.emit('move', ZERO, 0n);
      builder.emit('ld64', VALUE, ZERO, CALL_DATA_LENGTH_OFFSET, PUBLIC_WINDOW, labels.never);
    },
  });
  emitCopyOf(builder, labels, {
    entry: runtimeEntries.codeCopy,
    window: CODE_WINDOW,
    start: 0,
    length: () => builder.emit('move', VALUE, CODE_LENGTH),
  });
  emitMemoryCopy(builder, labels);
}

interface Source {
  readonly entry: number;
  readonly window: number;
  /** Byte offset of its first byte in the window. */
  readonly start: number;
  /** Puts its byte length in VALUE. */
  readonly length: () => void;
}

function emitCopyOf(builder: UnitBuilder, labels: RuntimeLabels, source: Source): void {
  const isFar = builder.label();
  const isFound = builder.label();
  builder.runtimeEntry(source.entry, builder.here());
  emitOperands(builder, labels);
  builder.emit('add', ADDRESS, DESTINATION, COUNT);
  builder.emit('bltu', ADDRESS, DESTINATION, labels.outOfGas); // 2^64 and more
  emitCharges(builder, labels);
  source.length();
  builder.emit('narrow', SOURCE, ARGUMENTS + 1, isFar);
  builder.emit('bgeu', VALUE, SOURCE, isFound);
  builder.place(isFar);
  builder.emit('move', SOURCE, VALUE);
  builder.place(isFound);
  builder.emit('add', SOURCE, SOURCE, BigInt(source.start));
  emitDescending(builder, labels, source.window, MEMORY_WINDOW);
}

/** `MCOPY`: the ranges may overlap. */
function emitMemoryCopy(builder: UnitBuilder, labels: RuntimeLabels): void {
  const isAscending = builder.label();
  builder.runtimeEntry(runtimeEntries.memoryCopy, builder.here());
  emitOperands(builder, labels);
  builder.emit('narrow', SOURCE, ARGUMENTS + 1, labels.outOfGas);
  builder.emit('add', ADDRESS, DESTINATION, COUNT);
  builder.emit('bltu', ADDRESS, DESTINATION, labels.outOfGas);
  builder.emit('add', VALUE, SOURCE, COUNT);
  builder.emit('bltu', VALUE, SOURCE, labels.outOfGas);
  builder.if(['bltu', ADDRESS, VALUE], () => builder.emit('move', ADDRESS, VALUE));
  emitCharges(builder, labels);
  builder.emit('bgeu', SOURCE, DESTINATION, isAscending);
  emitDescending(builder, labels, MEMORY_WINDOW, MEMORY_WINDOW);
  builder.place(isAscending);
  emitAscending(builder, labels);
}

/** Size and destination as words; returns at once where nothing is copied, whatever the addresses. */
function emitOperands(builder: UnitBuilder, labels: RuntimeLabels): void {
  builder.emit('narrow', COUNT, ARGUMENTS + 2, labels.outOfGas);
  builder.if(['beq', COUNT, 0n], () => builder.emit('return'));
  builder.emit('narrow', DESTINATION, ARGUMENTS, labels.outOfGas);
}

/** Widens the memory to ADDRESS bytes and charges for the words moved, in either order out of gas. */
function emitCharges(builder: UnitBuilder, labels: RuntimeLabels): void {
  builder.frame(CODE_LENGTH + 1);
  builder.call(labels.growTo, [ADDRESS]);
  // No overflow: the count is below 2^32 once the memory is that large.
  builder.emit('add', ADDRESS, COUNT, 31n);
  builder.emit('srl', ADDRESS, ADDRESS, 5n);
  builder.emit('mul', ADDRESS, ADDRESS, COPY_WORD_GAS);
  builder.emit('charge', ADDRESS, labels.outOfGas);
}

/** From the last byte to the first: right for ranges apart and for a destination behind the source. Returns. */
function emitDescending(
  builder: UnitBuilder,
  labels: RuntimeLabels,
  from: number,
  to: number,
): void {
  const fault = labels.memoryLimit;
  builder.if(['bgeu', COUNT, 32n], () => {
    builder.emit('add', ADDRESS, DESTINATION, COUNT);
    builder.emit('widen', WIDE_DESTINATION, ADDRESS);
    builder.emit('add', ADDRESS, SOURCE, COUNT);
    builder.emit('widen', WIDE_SOURCE, ADDRESS);
    const chunk = builder.here();
    builder.emit('wsub', WIDE_DESTINATION, WIDE_DESTINATION, 32n);
    builder.emit('wsub', WIDE_SOURCE, WIDE_SOURCE, 32n);
    builder.emit('wld', WIDE_VALUE, WIDE_SOURCE, from, fault);
    builder.emit('wst', WIDE_VALUE, WIDE_DESTINATION, to, fault);
    builder.emit('sub', COUNT, COUNT, 32n);
    builder.emit('bgeu', COUNT, 32n, chunk);
  });
  for (const { bytes, load, store } of pieces) {
    const piece = (): void => {
      builder.emit('sub', COUNT, COUNT, BigInt(bytes));
      builder.emit('add', ADDRESS, SOURCE, COUNT);
      builder.emit(load, VALUE, ADDRESS, 0, from, fault);
      builder.emit('add', ADDRESS, DESTINATION, COUNT);
      builder.emit(store, VALUE, ADDRESS, 0, to, fault);
    };
    if (bytes === 8) builder.while(['bgeu', COUNT, 8n], piece);
    else builder.if(['bgeu', COUNT, BigInt(bytes)], piece);
  }
  builder.emit('return');
}

/** From the first byte to the last, within the memory: right for a destination before the source. Returns. */
function emitAscending(builder: UnitBuilder, labels: RuntimeLabels): void {
  const fault = labels.never;
  builder.if(['bgeu', COUNT, 32n], () => {
    builder.emit('widen', WIDE_DESTINATION, DESTINATION);
    builder.emit('widen', WIDE_SOURCE, SOURCE);
    const chunk = builder.here();
    builder.emit('wld', WIDE_VALUE, WIDE_SOURCE, MEMORY_WINDOW, fault);
    builder.emit('wst', WIDE_VALUE, WIDE_DESTINATION, MEMORY_WINDOW, fault);
    builder.emit('wadd', WIDE_DESTINATION, WIDE_DESTINATION, 32n);
    builder.emit('wadd', WIDE_SOURCE, WIDE_SOURCE, 32n);
    builder.emit('sub', COUNT, COUNT, 32n);
    builder.emit('bgeu', COUNT, 32n, chunk);
    builder.emit('truncate', DESTINATION, WIDE_DESTINATION);
    builder.emit('truncate', SOURCE, WIDE_SOURCE);
  });
  for (const { bytes, load, store } of pieces) {
    const piece = (): void => {
      builder.emit(load, VALUE, SOURCE, 0, MEMORY_WINDOW, fault);
      builder.emit(store, VALUE, DESTINATION, 0, MEMORY_WINDOW, fault);
      builder.emit('add', SOURCE, SOURCE, BigInt(bytes));
      builder.emit('add', DESTINATION, DESTINATION, BigInt(bytes));
      builder.emit('sub', COUNT, COUNT, BigInt(bytes));
    };
    if (bytes === 8) builder.while(['bgeu', COUNT, 8n], piece);
    else builder.if(['bgeu', COUNT, BigInt(bytes)], piece);
  }
  builder.emit('return');
}
