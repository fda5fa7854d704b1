/**
 * The shape of the semantic functions, and what two lanes need together.
 *
 * A word is two int32 lanes, low first; a wide word eight, least significant first. A function reads its
 * operands at lane offsets of the given arrays and writes its result in place; the result may overlie an
 * operand exactly (same array, same offset), so every function reads before it writes. Nothing here
 * allocates. The meanings are those of `src/isa/instructions.ts`.
 */

/** `out[d..] = left[a..] op right[b..]`. */
export type BinaryMeaning = (
  out: Int32Array,
  d: number,
  left: Int32Array,
  a: number,
  right: Int32Array,
  b: number,
) => void;

/** `out[d..] = op source[a..]`. */
export type UnaryMeaning = (out: Int32Array, d: number, source: Int32Array, a: number) => void;

/** 1 if the relation holds, else 0. */
export type Predicate = (left: Int32Array, a: number, right: Int32Array, b: number) => number;

/** Upper 32 bits of the unsigned product of two lanes, as a signed lane; by halves of 16 bits. */
export function upperProduct(left: number, right: number): number {
  const leftLow = left & 0xffff;
  const leftHigh = left >>> 16;
  const rightLow = right & 0xffff;
  const rightHigh = right >>> 16;
  // Each sum below is less than 2^32, so that imul and >>> keep it exactly.
  const middle = (Math.imul(leftHigh, rightLow) + (Math.imul(leftLow, rightLow) >>> 16)) >>> 0;
  const cross = (Math.imul(leftLow, rightHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(leftHigh, rightHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}
