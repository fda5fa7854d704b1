/**
 * Constant folding: what an opcode gives for operands that are known when the code is lowered.
 *
 * Bigints are words of 256 bits, in [0, 2^256). Only the lowering uses this; the interpreter never does.
 */

import type { OpcodeFamily } from './opcodes.ts';

const WORD_BITS = 256n;
const WORD = 1n << WORD_BITS;

const unsigned = (value: bigint): bigint => BigInt.asUintN(256, value);
const signed = (value: bigint): bigint => BigInt.asIntN(256, value);
const bit = (condition: boolean): bigint => (condition ? 1n : 0n);

/** The families whose opcodes are functions of their operands alone. */
export const pureFamilies: ReadonlySet<OpcodeFamily> = new Set([
  'arithmetic',
  'comparison',
  'bitwise',
]);

/** Operands in the order of the stack, the top first. */
const folds: Readonly<Record<string, (operands: readonly bigint[]) => bigint>> = {
  ADD: ([left, right]) => unsigned(left! + right!),
  MUL: ([left, right]) => unsigned(left! * right!),
  SUB: ([left, right]) => unsigned(left! - right!),
  DIV: ([left, right]) => (right === 0n ? 0n : left! / right!),
  SDIV: ([left, right]) => (right === 0n ? 0n : unsigned(signed(left!) / signed(right!))),
  MOD: ([left, right]) => (right === 0n ? 0n : left! % right!),
  SMOD: ([left, right]) => (right === 0n ? 0n : unsigned(signed(left!) % signed(right!))),
  ADDMOD: ([left, right, modulus]) => (modulus === 0n ? 0n : (left! + right!) % modulus!),
  MULMOD: ([left, right, modulus]) => (modulus === 0n ? 0n : (left! * right!) % modulus!),
  EXP: ([base, exponent]) => power(base!, exponent!),
  SIGNEXTEND: ([index, value]) =>
    index! >= 31n ? value! : unsigned(BigInt.asIntN(8 * (Number(index) + 1), value!)),
  LT: ([left, right]) => bit(left! < right!),
  GT: ([left, right]) => bit(left! > right!),
  SLT: ([left, right]) => bit(signed(left!) < signed(right!)),
  SGT: ([left, right]) => bit(signed(left!) > signed(right!)),
  EQ: ([left, right]) => bit(left === right),
  ISZERO: ([value]) => bit(value === 0n),
  AND: ([left, right]) => left! & right!,
  OR: ([left, right]) => left! | right!,
  XOR: ([left, right]) => left! ^ right!,
  NOT: ([value]) => WORD - 1n - value!,
  BYTE: ([index, value]) => (index! >= 32n ? 0n : (value! >> (8n * (31n - index!))) & 0xffn),
  SHL: ([shift, value]) => (shift! >= WORD_BITS ? 0n : unsigned(value! << shift!)),
  SHR: ([shift, value]) => (shift! >= WORD_BITS ? 0n : value! >> shift!),
  SAR: ([shift, value]) => unsigned(signed(value!) >> (shift! >= WORD_BITS ? 255n : shift!)),
  CLZ: ([value]) => (value === 0n ? WORD_BITS : WORD_BITS - BigInt(value!.toString(2).length)),
};

/** The result of a pure opcode on constants; `undefined` if the opcode is none. */
export function foldConstants(name: string, operands: readonly bigint[]): bigint | undefined {
  return folds[name]?.(operands);
}

/** Gas that `EXP` takes for its exponent: 50 for each byte (EIP-160). */
export function exponentGas(exponent: bigint): number {
  return exponent === 0n ? 0 : 50 * Math.ceil(exponent.toString(16).length / 2);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = unsigned(result * square);
    square = unsigned(square * square);
  }
  return result;
}

/** k where the value is 2^k; `undefined` if it is no power of two. */
export function exponentOfTwo(value: bigint): number | undefined {
  if (value === 0n || (value & (value - 1n)) !== 0n) return undefined;
  return value.toString(2).length - 1;
}
