/**
 * The runtime's routines for bytes of input and output. They are called like functions of the guest:
 * arguments in r0, r1, …, the result in r0.
 *
 * A routine checks the whole range of guest memory before it copies the first byte, and copies 32 bytes
 * a turn (11 instructions), then 8, then single ones.
 */

import type { Label, UnitBuilder } from '../../isa/builder.ts';
import { MEMORY_WINDOW } from './instance.ts';

export interface RuntimeState {
  readonly builder: UnitBuilder;
  /** The stub at pc 0. */
  readonly invalid: Label;
  /** The trap. */
  readonly memoryOutOfBounds: Label;
  /** Byte offsets in the public input, the private input and the output. */
  readonly publicBytesStart: number;
  readonly privateBytesStart: number;
  readonly outputBytesStart: number;
  /** Byte offset of the length of what is written, in the output. */
  readonly outputLength: number;
  /** Byte offset of the length, in the public input; that of the private input is its first cell. */
  readonly publicLength: number;
}

const PUBLIC_WINDOW = 1;

function emitSize({ builder, invalid }: RuntimeState, window: number, cellOffset: number): void {
  builder.emit('move', 0, 0n);
  // The private length is the prover's word: 32 bits of it keep the register an i32.
  builder.emit('ld32u', 0, 0, cellOffset, window, invalid);
  builder.emit('return');
}

/** `input_size() -> i32` */
export function emitInputSize(state: RuntimeState, window: number): void {
  emitSize(state, window, state.publicLength);
}

/** `private_input_size() -> i32` */
export function emitPrivateInputSize(state: RuntimeState, window: number): void {
  emitSize(state, window, 0);
}

/**
 * `read_input(dest, offset, length) -> i32` and `read_private_input`: copies as many of the `length` bytes
 * from `offset` on as there are and returns their number.
 */
export function emitReadInput(state: RuntimeState, window: number): void {
  const { builder, invalid } = state;
  const isPublic = window === PUBLIC_WINDOW;
  const [dest, offset, length, left, zero] = [0, 1, 2, 3, 4];
  emitRangeCheck(state, dest, length, left, zero);
  builder.emit('move', zero, 0n);
  builder.emit('ld32u', left, zero, isPublic ? state.publicLength : 0, window, invalid);
  const isSome = builder.label('some');
  builder.emit('bltu', offset, left, isSome);
  builder.emit('move', 0, 0n);
  builder.emit('return');
  builder.place(isSome);
  builder.emit('sub', left, left, offset);
  builder.if(['bltu', left, length], () => {
    builder.emit('move', length, left);
  });
  emitCopy(builder, {
    from: window,
    fromOffset: isPublic ? state.publicBytesStart : state.privateBytesStart,
    source: offset,
    to: MEMORY_WINDOW,
    toOffset: 0,
    destination: dest,
    length,
    fault: invalid,
  });
  builder.emit('move', 0, length);
  builder.emit('return');
}

/** `write_output(source, length)`: appends. */
export function emitWriteOutput(state: RuntimeState, window: number): void {
  const { builder, invalid, memoryOutOfBounds } = state;
  const [source, length, written, end, zero] = [0, 1, 2, 3, 4];
  emitRangeCheck(state, source, length, end, zero);
  builder.emit('move', zero, 0n);
  builder.emit('ld64', written, zero, state.outputLength, window, invalid);
  builder.emit('add', end, written, length);
  builder.emit('getm', 5, window);
  builder.emit('sub', 5, 5, BigInt(state.outputBytesStart));
  builder.emit('bltu', 5, end, memoryOutOfBounds);
  builder.emit('st64', end, zero, state.outputLength, window, invalid);
  builder.emit('move', 3, written);
  emitCopy(builder, {
    from: MEMORY_WINDOW,
    fromOffset: 0,
    source,
    to: window,
    toOffset: state.outputBytesStart,
    destination: 3,
    length,
    fault: invalid,
  });
  builder.emit('return');
}

/** Traps unless `[start, start + length)` lies in the guest's memory. */
function emitRangeCheck(
  { builder, memoryOutOfBounds }: RuntimeState,
  start: number,
  length: number,
  size: number,
  end: number,
): void {
  builder.emit('getm', size, MEMORY_WINDOW);
  builder.emit('add', end, start, length);
  builder.emit('bltu', size, end, memoryOutOfBounds);
}

interface Copy {
  readonly from: number;
  readonly fromOffset: number;
  /** Registers; `source` and `destination` are overwritten, `length` is kept. */
  readonly source: number;
  readonly to: number;
  readonly toOffset: number;
  readonly destination: number;
  readonly length: number;
  /** Where an access outside its window goes; the caller has ruled it out. */
  readonly fault: Label;
}

/** Uses r6 and r7. */
function emitCopy(builder: UnitBuilder, copy: Copy): void {
  const { source, destination, length, from, to, fault } = copy;
  const left = 6;
  const value = 7;
  const move = (load: 'ld64' | 'ld8u', store: 'st64' | 'st8', at: number): void => {
    builder.emit(load, value, source, copy.fromOffset + at, from, fault);
    builder.emit(store, value, destination, copy.toOffset + at, to, fault);
  };
  builder.emit('move', left, length);
  for (const step of [32, 8, 1]) {
    builder.while(['bgeu', left, BigInt(step)], () => {
      if (step === 1) move('ld8u', 'st8', 0);
      else for (let at = 0; at < step; at += 8) move('ld64', 'st64', at);
      builder.emit('add', source, source, BigInt(step));
      builder.emit('add', destination, destination, BigInt(step));
      builder.emit('sub', left, left, BigInt(step));
    });
  }
}
