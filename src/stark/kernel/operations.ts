/**
 * WebAssembly instructions as typed values: an operand is the code that leaves it on the stack.
 *
 * One idea: `i32x4.add(left, right)` is the code of left, the code of right and one opcode, so that
 * TypeScript checks operand types and an emitter reads like the formula. Only instructions that a
 * kernel uses are here. Opcodes: WebAssembly core specification, "Binary Format", "Instructions".
 */

import type { CodeBytes } from './code-bytes.ts';

export type ValueType = 'i32' | 'i64' | 'v128';

/** Code that leaves one value of the type on the stack. */
export interface Value<T extends ValueType> {
  readonly type: T;
  /** Appends the code; as often as the value is used. */
  readonly write: (out: CodeBytes) => void;
}

export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
export type V128 = Value<'v128'>;

/** Signed LEB128 of a whole number in [-2^63, 2^63). */
export function signedLeb(value: bigint): number[] {
  if (value !== BigInt.asIntN(64, value)) {
    throw new RangeError(`value: expected a signed 64-bit number, got ${value}`);
  }
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    // Bit 6 of the last byte is the sign.
    if (rest === (low & 64 ? -1n : 0n)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

const SIMD = 0xfd;
/** Opcodes of vectors are LEB128 after a prefix. */
const simd = (opcode: number): number[] =>
  opcode < 128 ? [SIMD, opcode] : [SIMD, (opcode & 127) | 128, opcode >> 7];

function unary<T extends ValueType, R extends ValueType>(type: R, opcode: readonly number[]) {
  return (operand: Value<T>): Value<R> => ({
    type,
    write(out) {
      operand.write(out);
      out.bytes(opcode);
    },
  });
}

function binary<L extends ValueType, R extends ValueType, Out extends ValueType>(
  type: Out,
  opcode: readonly number[],
) {
  return (left: Value<L>, right: Value<R>): Value<Out> => ({
    type,
    write(out) {
      left.write(out);
      right.write(out);
      out.bytes(opcode);
    },
  });
}

/** A load: alignment hints are log2 of bytes, a wrong one costs time only; `offset` is in bytes. */
function load<T extends ValueType>(type: T, opcode: readonly number[], alignment: number) {
  return (address: I32, offset = 0): Value<T> => ({
    type,
    write(out) {
      address.write(out);
      out.bytes(opcode);
      out.byte(alignment);
      out.unsigned(offset);
    },
  });
}

export const i32 = {
  /** Any whole number in [-2^31, 2^32): both readings of 32 bits. */
  const(value: number): I32 {
    if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
      throw new RangeError(`value: expected 32 bits, got ${value}`);
    }
    return {
      type: 'i32',
      write(out) {
        out.byte(0x41);
        out.signed(value);
      },
    };
  },
  load: load('i32', [0x28], 2),
  isZero: unary<'i32', 'i32'>('i32', [0x45]),
  equal: binary<'i32', 'i32', 'i32'>('i32', [0x46]),
  notEqual: binary<'i32', 'i32', 'i32'>('i32', [0x47]),
  lessThan: binary<'i32', 'i32', 'i32'>('i32', [0x49]),
  add: binary<'i32', 'i32', 'i32'>('i32', [0x6a]),
  subtract: binary<'i32', 'i32', 'i32'>('i32', [0x6b]),
  multiply: binary<'i32', 'i32', 'i32'>('i32', [0x6c]),
  and: binary<'i32', 'i32', 'i32'>('i32', [0x71]),
  or: binary<'i32', 'i32', 'i32'>('i32', [0x72]),
  xor: binary<'i32', 'i32', 'i32'>('i32', [0x73]),
  /** 32 for zero. */
  leadingZeros: unary<'i32', 'i32'>('i32', [0x67]),
  /** 32 for zero. */
  trailingZeros: unary<'i32', 'i32'>('i32', [0x68]),
  shiftLeft: binary<'i32', 'i32', 'i32'>('i32', [0x74]),
  shiftRight: binary<'i32', 'i32', 'i32'>('i32', [0x76]),
  /** The low half. */
  wrap: unary<'i64', 'i32'>('i32', [0xa7]),
} as const;

export const i64 = {
  /** In [-2^63, 2^63). */
  const(value: bigint): I64 {
    const bytes = [0x42, ...signedLeb(value)];
    return { type: 'i64', write: (out) => out.bytes(bytes) };
  },
  add: binary<'i64', 'i64', 'i64'>('i64', [0x7c]),
  multiply: binary<'i64', 'i64', 'i64'>('i64', [0x7e]),
  /** With zeros above. */
  extend: unary<'i32', 'i64'>('i64', [0xad]),
} as const;

export const v128 = {
  /** From sixteen bytes. */
  const(bytes: readonly number[]): V128 {
    const code = [...simd(0x0c), ...exactly16(bytes, 255)];
    return { type: 'v128', write: (out) => out.bytes(code) };
  },
  load: load('v128', simd(0x00), 4),
  /** One 32-bit word in all four lanes. */
  loadSplat: load('v128', simd(0x09), 2),
  /** One 64-bit word in both halves. */
  loadSplat64: load('v128', simd(0x0a), 3),
  and: binary<'v128', 'v128', 'v128'>('v128', simd(0x4e)),
  or: binary<'v128', 'v128', 'v128'>('v128', simd(0x50)),
  xor: binary<'v128', 'v128', 'v128'>('v128', simd(0x51)),
  /** Whether any bit is set. */
  anyTrue: unary<'v128', 'i32'>('i32', simd(0x53)),
} as const;

const SHUFFLE = simd(0x0d);

function shuffled(left: V128, right: V128, bytes: readonly number[]): V128 {
  return {
    type: 'v128',
    write(out) {
      left.write(out);
      right.write(out);
      out.bytes(SHUFFLE);
      out.bytes(bytes);
    },
  };
}

/** Lanes of 32 bits as bytes, by their numbers in octal digits: there are few, and many uses. */
const laneBytes = new Map<number, readonly number[]>();

export const i8x16 = {
  /** Bytes of left (0 to 15) and right (16 to 31), chosen by number. */
  shuffle(left: V128, right: V128, lanes: readonly number[]): V128 {
    return shuffled(left, right, exactly16(lanes, 31));
  },
  /** Bytes of left at the places in right. */
  swizzle: binary<'v128', 'v128', 'v128'>('v128', simd(0x0e)),
} as const;

export const i32x4 = {
  const(lanes: readonly [number, number, number, number]): V128 {
    return v128.const(lanes.flatMap((lane) => [0, 8, 16, 24].map((bit) => (lane >>> bit) & 255)));
  },
  /** Lanes of left (0 to 3) and right (4 to 7), chosen by number. */
  shuffle(left: V128, right: V128, lanes: readonly [number, number, number, number]): V128 {
    const key = 512 * lanes[0] + 64 * lanes[1] + 8 * lanes[2] + lanes[3];
    let bytes = laneBytes.get(key);
    if (bytes === undefined) {
      const all = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
      bytes = exactly16(all, 31);
      laneBytes.set(key, bytes);
    }
    return shuffled(left, right, bytes);
  },
  splat: unary<'i32', 'v128'>('v128', simd(0x11)),
  equal: binary<'v128', 'v128', 'v128'>('v128', simd(0x37)),
  shiftLeft: binary<'v128', 'i32', 'v128'>('v128', simd(0xab)),
  shiftRight: binary<'v128', 'i32', 'v128'>('v128', simd(0xad)),
  add: binary<'v128', 'v128', 'v128'>('v128', simd(0xae)),
  subtract: binary<'v128', 'v128', 'v128'>('v128', simd(0xb1)),
  /** The low 32 bits of products. */
  multiply: binary<'v128', 'v128', 'v128'>('v128', simd(0xb5)),
  /** The lesser, lanes read without sign. */
  minimum: binary<'v128', 'v128', 'v128'>('v128', simd(0xb7)),
  /** Bit k is the highest of lane k. */
  bitmask: unary<'v128', 'i32'>('i32', simd(0xa4)),
} as const;

export const i64x2 = {
  shiftRight: binary<'v128', 'i32', 'v128'>('v128', simd(0xcd)),
  add: binary<'v128', 'v128', 'v128'>('v128', simd(0xce)),
  /** Lanes 0 and 1 of four, with zeros above. */
  extendLow: unary<'v128', 'v128'>('v128', simd(0xc9)),
  /** Lanes 2 and 3. */
  extendHigh: unary<'v128', 'v128'>('v128', simd(0xca)),
  /** Full products of lanes 0 and 1, without sign. */
  multiplyLow: binary<'v128', 'v128', 'v128'>('v128', simd(0xde)),
  /** Full products of lanes 2 and 3. */
  multiplyHigh: binary<'v128', 'v128', 'v128'>('v128', simd(0xdf)),
} as const;

function exactly16(bytes: readonly number[], greatest: number): readonly number[] {
  const isByte = (byte: number): boolean => Number.isInteger(byte) && byte >= 0 && byte <= greatest;
  if (bytes.length !== 16 || !bytes.every(isByte)) {
    throw new RangeError(`bytes: expected sixteen of 0 to ${greatest}, got ${bytes}`);
  }
  return bytes;
}
