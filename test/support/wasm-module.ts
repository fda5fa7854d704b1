/**
 * A small encoder of WebAssembly binaries for tests: modules from lists, instructions from names.
 */

import { opcodeOf, opcodeTable } from '../../src/frontends/wasm/opcodes.ts';

/** A name alone, or a name with its immediates: numbers, bigints for constants, types by name. */
export type Op =
  | string
  | readonly [name: string, ...immediates: readonly (number | bigint | string)[]];

export type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'funcref' | 'externref';

const typeBytes: Readonly<Record<string, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  funcref: 0x70,
  externref: 0x6f,
  empty: 0x40,
};

export interface ModuleSketch {
  readonly types?: readonly (readonly [parameters: readonly Type[], results: readonly Type[]])[];
  /** Functions only: module, name, type index. */
  readonly imports?: readonly (readonly [module: string, name: string, typeIndex: number])[];
  readonly functions?: readonly {
    readonly type: number;
    readonly locals?: readonly Type[];
    /** Without the last `end`. */
    readonly body: readonly Op[];
  }[];
  /** Sizes of tables of functions. */
  readonly tables?: readonly number[];
  readonly memory?: readonly [minimum: number, maximum?: number];
  readonly globals?: readonly {
    readonly type: Type;
    readonly isMutable: boolean;
    readonly value: Op;
  }[];
  /** Name, kind (0 function, 1 table, 2 memory, 3 global), index. */
  readonly exports?: readonly (readonly [name: string, kind: number, index: number])[];
  readonly start?: number;
  readonly elements?: readonly (readonly [offset: number, functions: readonly number[]])[];
  readonly data?: readonly (readonly [offset: number, bytes: readonly number[]])[];
}

export function unsignedLeb(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    const more = left >> 7n;
    bytes.push(Number(left & 0x7fn) | (more === 0n ? 0 : 0x80));
    left = more;
  } while (left !== 0n);
  return bytes;
}

export function signedLeb(value: number | bigint): number[] {
  const bytes: number[] = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    const low = Number(left & 0x7fn);
    const isLast = left >> 6n === (low & 0x40 ? -1n : 0n);
    bytes.push(low | (isLast ? 0 : 0x80));
    if (isLast) return bytes;
  }
}

/** Bytes of one instruction. */
export function encodeOp(op: Op): number[] {
  const [name, ...immediates] = typeof op === 'string' ? [op] : op;
  const opcode = opcodeOf(name);
  const start = opcode < 0x100 ? [opcode] : [0xfc, ...unsignedLeb(opcode - 0x100)];
  const numbers = immediates.map((value) =>
    typeof value === 'string' ? typeBytes[value]! : value,
  );
  switch (opcodeTable[opcode]!.immediate) {
    case 'none':
      return start;
    case 'blockType': {
      const [type = 0x40] = numbers;
      const isNamed = typeof immediates[0] === 'string' || immediates.length === 0;
      return [...start, ...(isNamed ? [Number(type)] : signedLeb(type))];
    }
    case 'i32':
      return [...start, ...signedLeb(BigInt.asIntN(32, BigInt(numbers[0]!)))];
    case 'i64':
      return [...start, ...signedLeb(BigInt.asIntN(64, BigInt(numbers[0]!)))];
    case 'labels':
      return [...start, ...unsignedLeb(numbers.length - 1), ...numbers.flatMap(unsignedLeb)];
    case 'types':
      return [...start, ...unsignedLeb(numbers.length), ...numbers.map(Number)];
    case 'f32':
    case 'f64':
      return [...start, ...numbers.map(Number)];
    case 'memory':
      return [...start, 0];
    case 'memories':
      return [...start, 0, 0];
    default:
      return [...start, ...numbers.flatMap(unsignedLeb)];
  }
}

export function encodeName(name: string): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsignedLeb(bytes.length), ...bytes];
}

const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsignedLeb(items.length),
  ...items.flat(),
];
const types = (list: readonly Type[]): number[] => vector(list.map((type) => [typeBytes[type]!]));
const constant = (value: number): number[] => [...encodeOp(['i32.const', value]), 0x0b];

/** Bytes of a section, nothing for an empty one. */
export function section(id: number, content: readonly number[] | undefined): number[] {
  return content === undefined ? [] : [id, ...unsignedLeb(content.length), ...content];
}

const list = <T>(
  items: readonly T[] | undefined,
  encode: (item: T) => readonly number[],
): number[] | undefined => items && vector(items.map(encode));

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export function encodeModule(sketch: ModuleSketch): Uint8Array {
  const { memory, start } = sketch;
  const limits = ([minimum, maximum]: readonly [number, number?]): number[] =>
    maximum === undefined
      ? [0, ...unsignedLeb(minimum)]
      : [1, ...unsignedLeb(minimum), ...unsignedLeb(maximum)];
  return Uint8Array.from([
    ...HEADER,
    ...section(
      1,
      list(sketch.types, ([parameters, results]) => [
        0x60,
        ...types(parameters),
        ...types(results),
      ]),
    ),
    ...section(
      2,
      list(sketch.imports, ([module, name, type]) => [
        ...encodeName(module),
        ...encodeName(name),
        0,
        ...unsignedLeb(type),
      ]),
    ),
    ...section(
      3,
      list(sketch.functions, ({ type }) => unsignedLeb(type)),
    ),
    ...section(
      4,
      list(sketch.tables, (size) => [0x70, 0, ...unsignedLeb(size)]),
    ),
    ...section(5, memory && vector([limits(memory)])),
    ...section(
      6,
      list(sketch.globals, ({ type, isMutable, value }) => [
        typeBytes[type]!,
        isMutable ? 1 : 0,
        ...encodeOp(value),
        0x0b,
      ]),
    ),
    ...section(
      7,
      list(sketch.exports, ([name, kind, index]) => [
        ...encodeName(name),
        kind,
        ...unsignedLeb(index),
      ]),
    ),
    ...section(8, start === undefined ? undefined : unsignedLeb(start)),
    ...section(
      9,
      list(sketch.elements, ([offset, functions]) => [
        0,
        ...constant(offset),
        ...vector(functions.map(unsignedLeb)),
      ]),
    ),
    ...section(
      10,
      list(sketch.functions, ({ locals = [], body }) => {
        const code = [
          ...vector(locals.map((type) => [1, typeBytes[type]!])),
          ...body.flatMap(encodeOp),
          0x0b,
        ];
        return [...unsignedLeb(code.length), ...code];
      }),
    ),
    ...section(
      11,
      list(sketch.data, ([offset, bytes]) => [
        0,
        ...constant(offset),
        ...unsignedLeb(bytes.length),
        ...bytes,
      ]),
    ),
  ]);
}

/** A module of one function, exported as `run`. */
export function encodeFunction(
  parameters: readonly Type[],
  results: readonly Type[],
  body: readonly Op[],
  rest: ModuleSketch & { readonly locals?: readonly Type[] } = {},
): Uint8Array {
  const { locals = [], ...sketch } = rest;
  return encodeModule({
    types: [[parameters, results]],
    functions: [{ type: 0, locals, body }],
    exports: [['run', 0, 0]],
    ...sketch,
  });
}
