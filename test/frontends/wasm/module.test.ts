import { describe, expect, it } from 'vitest';
import { CompileError } from '../../../src/frontends/frontend.ts';
import { compileWasm } from '../../../src/frontends/wasm/compile.ts';
import { decodeModule } from '../../../src/frontends/wasm/module.ts';
import {
  encodeFunction,
  encodeModule,
  encodeName,
  HEADER,
  type Op,
  section,
} from '../../support/wasm-module.ts';

function refusal(bytes: Uint8Array | readonly number[]): {
  kind: string;
  feature: string;
  offset: number;
} {
  try {
    compileWasm(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof CompileError) {
      return { kind: error.kind, feature: error.feature, offset: error.offset };
    }
    throw error;
  }
  throw new Error('expected a CompileError, got a program');
}

const oneType = section(1, [1, 0x60, 0, 0]);

describe('decoding', () => {
  it.each<[what: string, bytes: readonly number[], feature: string, offset: number]>([
    ['no bytes', [], 'magic header not detected', 0],
    ['another version', [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], 'unknown binary version', 4],
    ['an unknown section', [...HEADER, 14, 0], 'malformed section id', 8],
    ['a section past the end', [...HEADER, 1, 9, 0], 'length out of bounds', 8],
    [
      'a section twice',
      [...HEADER, ...oneType, ...oneType],
      'unexpected content after last section',
      14,
    ],
    ['a section longer than its content', [...HEADER, 1, 2, 0, 0], 'section size mismatch', 11],
    [
      'a function without code',
      [...HEADER, ...oneType, 3, 2, 1, 0],
      'function and code section have inconsistent lengths',
      18,
    ],
    [
      'a number of six bytes',
      [...HEADER, 1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
      'integer representation too long',
      10,
    ],
    [
      'a number past 32 bits',
      [...HEADER, 1, 5, 0xff, 0xff, 0xff, 0xff, 0x1f],
      'integer too large',
      10,
    ],
    ['a name that is no UTF-8', [...HEADER, 0, 2, 1, 0xff], 'malformed UTF-8 encoding', 11],
    [
      'an unknown opcode',
      [...HEADER, ...oneType, ...section(3, [1, 0]), ...section(10, [1, 3, 0, 0xff, 0x0b])],
      'illegal opcode',
      23,
    ],
  ])('refuses %s as malformed, where it shows', (_, bytes, feature, offset) => {
    expect(refusal(bytes)).toEqual({ kind: 'malformed', feature, offset });
  });

  it('reads the names of functions and forgives a malformed name section', () => {
    const names = [1, ...[5, 1, 0, ...encodeName('go')].slice(0)];
    const custom = section(0, [...encodeName('name'), ...names]);
    const plain = encodeFunction([], [], []);
    expect(decodeModule(Uint8Array.from([...plain, ...custom])).functionNames.get(0)).toBe('go');
    const broken = section(0, [...encodeName('name'), 1, 99, 7]);
    expect(decodeModule(Uint8Array.from([...plain, ...broken])).functionNames.size).toBe(0);
  });
});

describe('validation', () => {
  it.each<[what: string, body: readonly Op[], rule: RegExp]>([
    ['an operand too few', ['i32.add', 'drop'], /type mismatch/],
    ['an operand of another type', [['i64.const', 1], 'i32.eqz', 'drop'], /expected i32, got i64/],
    ['a value left over', [['i32.const', 1]], /values left/],
    ['an unknown local', [['local.get', 7], 'drop'], /unknown local 7/],
    ['an unknown label', [['br', 3]], /unknown label 3/],
    ['an unknown function', [['call', 9]], /unknown function 9/],
    ['memory without one', [['i32.const', 0], ['i32.load', 0, 0], 'drop'], /unknown memory/],
    [
      'an `if` with a result and one arm',
      [['i32.const', 1], ['if', 'i32'], ['i32.const', 1], 'end', 'drop'],
      /type mismatch/,
    ],
    [
      'wrong types behind a branch',
      ['block', ['br', 0], ['i64.const', 1], 'i32.eqz', 'drop', 'end'],
      /type mismatch/,
    ],
  ])('refuses %s', (_, body, rule) => {
    const { kind, feature } = refusal(encodeFunction([], [], body));
    expect(kind).toBe('invalid');
    expect(feature).toMatch(rule);
  });

  it('lets unreachable code take operands of any type from nowhere', () => {
    const body: Op[] = [
      'unreachable',
      'select',
      'i64.extend_i32_u',
      ['i32.const', 1],
      'select',
      'drop',
    ];
    expect(() => compileWasm(encodeFunction([], [], body))).not.toThrow();
  });
});

describe('features that are not supported', () => {
  it.each<[what: string, bytes: Uint8Array, feature: string]>([
    [
      'a float constant',
      encodeFunction([], [], [['f32.const', 0, 0, 0, 0], 'drop']),
      'floating point',
    ],
    ['a float parameter', encodeFunction(['f64'], [], []), 'floating point'],
    ['a float local', encodeFunction([], [], [], { locals: ['f32'] }), 'floating point'],
    [
      'a float global',
      encodeModule({
        globals: [{ type: 'f64', isMutable: false, value: ['f64.const', 0, 0, 0, 0, 0, 0, 0, 0] }],
      }),
      'floating point',
    ],
    [
      'a saturating conversion',
      encodeFunction([], [], ['unreachable', 'i32.trunc_sat_f64_u', 'drop']),
      'floating point',
    ],
    [
      'memory.copy',
      encodeFunction(
        [],
        [],
        [['i32.const', 0], ['i32.const', 0], ['i32.const', 0], 'memory.copy'],
        { memory: [1] },
      ),
      'bulk memory',
    ],
    ['a reference', encodeFunction([], [], [['ref.null', 'funcref'], 'drop']), 'reference types'],
    [
      'an unknown import',
      encodeModule({ types: [[[], []]], imports: [['env', 'f', 0]] }),
      'import of function env.f',
    ],
    [
      'an import of another type',
      encodeModule({ types: [[[], []]], imports: [['braid', 'abort', 0]] }),
      'import of function braid.abort with another type',
    ],
    [
      'an import that objects inherit',
      encodeModule({ types: [[[], []]], imports: [['braid', 'toString', 0]] }),
      'import of function braid.toString',
    ],
    ['65,536 pages', encodeModule({ memory: [65536] }), 'a memory of 65536 pages'],
  ])('refuses %s by name', (_, bytes, feature) => {
    expect(refusal(bytes)).toMatchObject({ kind: 'unsupported', feature });
  });

  it.each<[feature: string, code: readonly number[]]>([
    ['SIMD', [0xfd, 0x0c]],
    ['threads', [0xfe, 0x00]],
    ['tail calls', [0x12, 0x00]],
    ['exceptions', [0x08, 0x00]],
    ['garbage collection', [0xfb, 0x00]],
    ['typed function references', [0x14, 0x00]],
  ])('names %s and the offset of its opcode', (feature, code) => {
    const body = [0, ...code, 0x0b];
    const bytes = [
      ...HEADER,
      ...oneType,
      ...section(3, [1, 0]),
      ...section(10, [1, body.length, ...body]),
    ];
    expect(refusal(bytes)).toEqual({ kind: 'unsupported', feature, offset: 23 });
  });
});
