/**
 * What contract code and the runtime agree on: entry numbers, windows, segments, argument registers.
 *
 * Contract code comes to the runtime by numbered entries: words in r0, r1, … of the called frame, wide operands in
 * the argument registers, where a wide result comes back. Routines are reached by `callr`, ends by `jumpr`.
 */

import type { Label } from '../../isa/builder.ts';
import { OUTPUT_HEADER_CELLS, PUBLIC_HEADER_CELLS } from '../../isa/program.ts';

/** Entry numbers. Up to `never` they end the run, from `growWord` to `blame` they return. */
export const runtimeEntries = {
  /** Fixed: taken when the call depth is exhausted, which one contract's code never does. */
  depth: 0,
  stop: 1,
  /** Wide: offset, size. */
  return: 2,
  revert: 3,
  outOfGas: 4,
  invalidJump: 5,
  invalidOpcode: 6,
  undefinedOpcode: 7,
  returnDataOutOfBounds: 8,
  /** r0 of the called frame: the opcode. */
  unsupported: 9,
  /** What cannot happen unless the lowering is wrong. */
  never: 10,
  /** r0: address of an access of 32 bytes; widens the memory or ends the run. */
  growWord: 11,
  /** The same for one byte. */
  growByte: 12,
  /** Wide: destination, source, size. `codeCopy` takes the length of the code in `codeLengthRegister`. */
  callDataCopy: 13,
  codeCopy: 14,
  memoryCopy: 15,
  /** Wide: base, exponent; the power comes back in place of the base. */
  power: 16,
  /** Charges for the wide exponent. */
  chargeExponent: 17,
  /** Begins to find out which opcode of a block fails first. Must be called with the same slide as `blame`. */
  beginBlame: 18,
  /** Wide: up to sixteen records of `blameRecord`; ends the run at the one that fails. */
  blame: 19,
  /** The same for all opcodes of a block at once: ends the run, out of gas if none of them fails. */
  blameAll: 22,
  /** Ends the run at a store that fails for its gas or for want of an operand. */
  blameStoreWord: 20,
  blameStoreByte: 21,
} as const;

/** The segments of a contract: its memory, in window m3, and its code, in m4. */
export const MEMORY_SEGMENT = 3;
export const CODE_SEGMENT = 4;
export const OUTPUT_WINDOW = 0;
export const PUBLIC_WINDOW = 1;
export const MEMORY_WINDOW = 3;
export const CODE_WINDOW = 4;
/** Where the bytes of the output begin. */
export const OUTPUT_START = 8 * OUTPUT_HEADER_CELLS;
/** Where the length of the call data stands in the public input. */
export const CALL_DATA_LENGTH_OFFSET = 8 * (PUBLIC_HEADER_CELLS - 1);

/** Wide registers from here on carry arguments and results of runtime routines. */
export const ARGUMENTS = 1000;
/** Word registers of contract code: r0 is always 0, the rest is for single opcodes. */
export const ZERO = 0;
export const FIRST_WORD = 1;
export const SECOND_WORD = 2;
/** Frames of the runtime begin here; r0 of the callee is this register of the caller. */
export const CALLEE = 8;

/** Register of the callee's frame in which `CODECOPY` gives the length of the code. */
export const codeLengthRegister = 6;

/** Labels that the parts of the runtime share. */
export interface RuntimeLabels {
  readonly outOfGas: Label;
  readonly never: Label;
  /** A window is too small for what the gas would pay for. */
  readonly memoryLimit: Label;
  readonly stackUnderflow: Label;
  readonly stackOverflow: Label;
  /** Routine: widens the memory to r0 bytes, at least 1, or ends the run. */
  readonly growTo: Label;
  /** Routine: copies r2 bytes from r1 in the memory to r0 in the output. */
  readonly copyToOutput: Label;
}

/** A record of {@link runtimeEntries.blame}: what one opcode takes, in 16 bits; 0 for one that cannot fail. */
export function blameRecord(
  staticGas: number,
  stackIn: number,
  stackOut: number,
  hasDynamicGas: boolean,
): number {
  return staticGas | (stackIn << 4) | (stackOut << 9) | (hasDynamicGas ? 1 << 14 : 0);
}
