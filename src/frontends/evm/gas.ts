/**
 * Dynamic gas: what memory costs, and how far it can grow.
 *
 * `C(words) = 3 words + floor(words^2 / 512)` (Yellow Paper, appendix H). A window holds at most 2^32 - 2^16 bytes,
 * whose price is about 2^45 gas; no gas limit of a real chain comes near. So that nothing is guessed, a size
 * beyond it is out of gas only where the gas does not pay for the largest window either, or where it is so large
 * that no gas below 2^64 pays for it; else the run ends as `unsupported`.
 */

import type { UnitBuilder } from '../../isa/builder.ts';
import { WINDOW_BYTE_LIMIT } from '../../isa/program.ts';

/** Gas for each word of a memory, the linear part. */
const WORD_GAS = 3n;
/** The quadratic part is the square shifted by this. */
const QUADRATIC_SHIFT = 9n;

/** Gas for each word that a copy moves, the memory's growth apart. */
export const COPY_WORD_GAS = 3n;
/** Gas for each byte of an exponent (EIP-160). */
export const EXPONENT_BYTE_GAS = 50n;

/** Sizes of 2^42 bytes and more cost 2^65 gas and more. */
export const UNPAYABLE_SHIFT = 42n;

/** C(words), for words below 2^32. */
export function memoryGas(words: bigint): bigint {
  return WORD_GAS * words + ((words * words) >> QUADRATIC_SHIFT);
}

/** C of the largest window. */
export const GREATEST_MEMORY_GAS = memoryGas(BigInt(WINDOW_BYTE_LIMIT / 32));

/** `cost = C(words)`, for words up to 2^27. `spare` is overwritten; all three differ. */
export function emitMemoryGas(
  builder: UnitBuilder,
  cost: number,
  words: number,
  spare: number,
): void {
  builder.emit('mul', cost, words, words);
  builder.emit('srl', cost, cost, QUADRATIC_SHIFT);
  builder.emit('mul', spare, words, WORD_GAS);
  builder.emit('add', cost, cost, spare);
}
