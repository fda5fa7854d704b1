import { describe, expect, it } from 'vitest';
import { compileWasm } from '../../../src/frontends/wasm/compile.ts';
import { mnemonicAt } from '../../../src/isa/encoding.ts';
import { runInputOf } from '../../../src/isa/input.ts';
import { run } from '../../../src/isa/interpreter.ts';
import { type Outcome, outcomeOf } from '../../../src/isa/outcome.ts';
import type { Program } from '../../../src/isa/program.ts';
import {
  encodeFunction,
  encodeModule,
  type ModuleSketch,
  type Op,
} from '../../support/wasm-module.ts';

interface Call {
  readonly exportNumber?: number;
  readonly arguments?: readonly bigint[];
  readonly input?: Uint8Array;
  readonly privateInput?: Uint8Array;
}

function outcome(program: Program, call: Call = {}): Outcome {
  const result = run(program, runInputOf(program, call));
  expect(result.status).toBe('halted');
  return outcomeOf(program, result.output)!;
}

/** Mnemonics of a function of the guest; behind the dispatcher, before the stubs. */
function codeOf(program: Program, index: number): string {
  const { unit } = program.units[1]!;
  const start = unit.functions[1 + index]!.start;
  const end = unit.functions[2 + index]!.start;
  return Array.from({ length: end - start }, (_, i) => mnemonicAt(unit.code, start + i)).join(' ');
}

const bytesOf = (...numbers: number[]): Uint8Array => Uint8Array.from(numbers);

describe('lowering', () => {
  it.each<[what: string, body: readonly Op[], code: string]>([
    [
      'adds parameters straight into the result',
      [['local.get', 0], ['local.get', 1], 'i32.add'],
      'add32 return',
    ],
    [
      'folds constants into second sources',
      [['i32.const', 7], ['local.get', 0], 'i32.mul'],
      'mul32 return',
    ],
    [
      'computes straight into a local',
      [['local.get', 0], ['local.get', 1], 'i32.sub', ['local.set', 0], ['local.get', 0]],
      'sub32 return',
    ],
    [
      'drops for nothing',
      [['local.get', 0], 'drop', ['i32.const', 1], 'drop', ['local.get', 0]],
      'return',
    ],
    [
      'fuses comparison and branch',
      [
        'block',
        ['local.get', 0],
        ['local.get', 1],
        'i32.lt_s',
        ['br_if', 0],
        'unreachable',
        'end',
        ['local.get', 0],
      ],
      'blt32 jumpr return',
    ],
    [
      'compares "greater than a constant" with the next one',
      [
        'block',
        ['local.get', 0],
        ['i32.const', 9],
        'i32.gt_u',
        'i32.eqz',
        ['br_if', 0],
        'unreachable',
        'end',
        ['local.get', 0],
      ],
      'bltu32 jumpr return',
    ],
    [
      'keeps the old value of a local that changes',
      [['local.get', 0], ['i32.const', 5], ['local.set', 0], ['local.get', 0], 'i32.sub'],
      'move move sub32 return',
    ],
    [
      'checks a divisor only where it is not known',
      [['local.get', 0], ['i32.const', 3], 'i32.div_s'],
      'div32 return',
    ],
    [
      'checks for zero and overflow otherwise',
      [['local.get', 0], ['local.get', 1], 'i32.div_s'],
      'beq32 bne32 beq32 div32 return',
    ],
    [
      'does not lower dead code',
      ['unreachable', ['local.get', 0], ['local.get', 1], 'i32.add', 'drop'],
      'jumpr',
    ],
    [
      'puts arguments where the called function has its parameters',
      [['local.get', 1], ['local.get', 0], ['call', 1], 'i32.sub'],
      'move move call sub32 return',
    ],
  ])('%s', (_, body, code) => {
    const bytes = encodeModule({
      types: [
        [['i32', 'i32'], ['i32']],
        [
          ['i32', 'i32'],
          ['i32', 'i32'],
        ],
      ],
      functions: [
        { type: 0, body },
        {
          type: 1,
          body: [
            ['local.get', 1],
            ['local.get', 0],
          ],
        },
      ],
      exports: [['run', 0, 0]],
    });
    expect(codeOf(compileWasm(bytes), 0)).toBe(code);
  });

  it('swaps results that are parameters through a spare register', () => {
    const bytes = encodeFunction(
      ['i32', 'i32'],
      ['i32', 'i32'],
      [
        ['local.get', 1],
        ['local.get', 0],
      ],
    );
    const program = compileWasm(bytes);
    expect(codeOf(program, 0)).toBe('move move move return');
    expect(outcome(program, { arguments: [1n, 2n] }).results).toEqual([2n, 1n]);
  });

  it('is linear in the code', () => {
    const instructions = (count: number): number => {
      const body = Array.from({ length: count }, (): Op[] => [
        ['local.get', 0],
        ['local.tee', 0],
        ['br_if', 0],
      ]);
      return compileWasm(encodeFunction(['i32'], [], body.flat())).code.op.length;
    };
    const base = instructions(0);
    expect(instructions(2000) - base).toBe(2 * (instructions(1000) - base));
  });
});

describe('a program', () => {
  const fib = encodeFunction(
    ['i32'],
    ['i32'],
    [
      ['i32.const', 1],
      ['local.set', 2],
      'block',
      'loop',
      ['local.get', 0],
      'i32.eqz',
      ['br_if', 1],
      ['local.get', 1],
      ['local.get', 2],
      ['local.tee', 1],
      'i32.add',
      ['local.set', 2],
      ['local.get', 0],
      ['i32.const', 1],
      'i32.sub',
      ['local.set', 0],
      ['br', 0],
      'end',
      'end',
      ['local.get', 1],
    ],
    { locals: ['i32', 'i32'] },
  );

  it('takes arguments and returns results', () => {
    const program = compileWasm(fib);
    expect(program.exports).toEqual([{ name: 'run', parameters: ['i32'], results: ['i32'] }]);
    expect(outcome(program, { arguments: [30n] })).toMatchObject({
      status: 'returned',
      results: [832040n],
    });
  });

  it.each<[what: string, call: Call]>([
    ['an export number past the last', { exportNumber: 1, arguments: [1n] }],
    ['an argument too few', { arguments: [] }],
    ['an argument that is no i32', { arguments: [2n ** 32n] }],
  ])('ends as invalid for %s', (_, call) => {
    expect(outcome(compileWasm(fib), call).status).toBe('invalid');
  });

  it('is the same for the same bytes', () => {
    expect(compileWasm(fib)).toEqual(compileWasm(fib));
  });

  it('traps when the call depth is exhausted, at the limit of the program', () => {
    const bytes = encodeFunction(
      ['i32'],
      ['i32'],
      [
        ['local.get', 0],
        'i32.eqz',
        ['if', 'i32'],
        ['i32.const', 5],
        'else',
        ['local.get', 0],
        ['i32.const', 1],
        'i32.sub',
        ['call', 0],
        'end',
      ],
    );
    const small = compileWasm(bytes, { fpLimit: 64 });
    expect(outcome(small, { arguments: [10n] })).toMatchObject({
      status: 'returned',
      results: [5n],
    });
    expect(outcome(small, { arguments: [1000n] })).toMatchObject({
      status: 'trapped',
      reasonText: 'call stack exhausted',
      results: [],
    });
    expect(outcome(compileWasm(bytes), { arguments: [1000n] }).status).toBe('returned');
  });

  it('runs the start function first, and a trap in it is the outcome', () => {
    const start = (body: readonly Op[]): Uint8Array =>
      encodeModule({
        types: [
          [[], []],
          [[], ['i64']],
        ],
        functions: [
          { type: 0, body },
          { type: 1, body: [['global.get', 0]] },
        ],
        globals: [{ type: 'i64', isMutable: true, value: ['i64.const', 1] }],
        exports: [['run', 0, 1]],
        start: 0,
      });
    expect(
      outcome(
        compileWasm(
          start([
            ['i64.const', -7],
            ['global.set', 0],
          ]),
        ),
      ).results,
    ).toEqual([2n ** 64n - 7n]);
    expect(outcome(compileWasm(start(['unreachable'])))).toMatchObject({
      status: 'trapped',
      reasonText: 'unreachable',
    });
  });

  it.each<[what: string, sketch: ModuleSketch, reason: string]>([
    ['data', { memory: [1], data: [[65535, [1, 2]]] }, 'out of bounds memory access'],
    ['elements', { tables: [1], elements: [[1, [0]]] }, 'out of bounds table access'],
  ])('traps at once where %s do not fit', (_, sketch, reason) => {
    const bytes = encodeFunction([], [], [], sketch);
    expect(outcome(compileWasm(bytes))).toMatchObject({ status: 'trapped', reasonText: reason });
  });

  it('refuses to grow past the maximum, past the program limit and to 65,536 pages', () => {
    const grow = (memory: readonly [number, number?]): Uint8Array =>
      encodeFunction(['i32'], ['i32', 'i32'], [['local.get', 0], 'memory.grow', 'memory.size'], {
        memory,
      });
    const refused = 2n ** 32n - 1n;
    const at = (program: Program, pages: bigint) =>
      outcome(program, { arguments: [pages] }).results;
    expect(at(compileWasm(grow([1, 4])), 3n)).toEqual([1n, 4n]);
    expect(at(compileWasm(grow([1, 4])), 4n)).toEqual([refused, 1n]);
    expect(at(compileWasm(grow([1]), { greatestPages: 2 }), 2n)).toEqual([refused, 1n]);
    expect(at(compileWasm(grow([0])), 65_536n)).toEqual([refused, 0n]);
    expect(at(compileWasm(grow([0])), 65_535n)).toEqual([0n, 65_535n]);
    expect(at(compileWasm(grow([1])), refused)).toEqual([refused, 1n]);
  });

  it.each([0, 1.5, 2 ** 28 + 1, Number.NaN])('refuses %d as the limit of registers', (fpLimit) => {
    const module = encodeFunction([], ['i32'], [['i32.const', 1]]);
    expect(() => compileWasm(module, { fpLimit })).toThrow(RangeError);
  });
});

describe('the module braid', () => {
  const types: NonNullable<ModuleSketch['types']> = [
    [[], ['i32']],
    [['i32', 'i32', 'i32'], ['i32']],
    [['i32', 'i32'], []],
    [['i32'], []],
  ];
  const imports: NonNullable<ModuleSketch['imports']> = [
    ['braid', 'input_size', 0],
    ['braid', 'read_input', 1],
    ['braid', 'private_input_size', 0],
    ['braid', 'read_private_input', 1],
    ['braid', 'write_output', 2],
    ['braid', 'abort', 3],
  ];
  /** Exports the imports themselves and an echo of both inputs. */
  const program = compileWasm(
    encodeModule({
      types,
      imports,
      functions: [
        {
          type: 0,
          body: [
            ['i32.const', 3],
            ['i32.const', 0],
            ['call', 0],
            ['call', 1],
            'drop',
            ['i32.const', 3],
            ['call', 0],
            ['call', 4],
            ['i32.const', 9],
            ['i32.const', 1],
            ['i32.const', 1000],
            ['call', 3],
            'drop',
            ['i32.const', 9],
            ['call', 2],
            ['call', 4],
            ['call', 2],
          ],
        },
      ],
      memory: [1],
      exports: [
        ['echo', 0, 6],
        ['read_input', 0, 1],
        ['write_output', 0, 4],
        ['abort', 0, 5],
      ],
    }),
  );
  const long = Uint8Array.from({ length: 1003 }, (_, i) => (i * 37 + 11) & 255);

  it('copies public and private input to the output', () => {
    const { status, results, output } = outcome(program, {
      input: long,
      privateInput: bytesOf(1, 2, 3),
    });
    expect({ status, results }).toEqual({ status: 'returned', results: [3n] });
    // The private input is read from its second byte on, so its last byte is what stood there before.
    expect(output).toEqual(Uint8Array.from([...long, 2, 3, long[8]!]));
  });

  it.each<[dest: bigint, offset: bigint, length: bigint, copied: bigint]>([
    [0n, 0n, 4n, 4n],
    [0n, 2n, 100n, 3n],
    [0n, 5n, 1n, 0n],
    [0n, 2n ** 32n - 1n, 1n, 0n],
    [65536n, 0n, 0n, 0n],
    [65532n, 0n, 4n, 4n],
  ])('read_input(%d, %d, %d) copies %d of five bytes', (dest, offset, length, copied) => {
    const call = {
      exportNumber: 1,
      arguments: [dest, offset, length],
      input: bytesOf(1, 2, 3, 4, 5),
    };
    expect(outcome(program, call)).toMatchObject({ status: 'returned', results: [copied] });
  });

  it.each<[number, readonly bigint[]]>([
    [1, [65533n, 0n, 4n]],
    [1, [2n ** 32n - 1n, 0n, 2n ** 32n - 1n]],
    [2, [65536n, 1n]],
    [2, [0n, 65537n]],
  ])('export %d traps for a range outside of memory', (exportNumber, args) => {
    const call = { exportNumber, arguments: args, input: bytesOf(1) };
    expect(outcome(program, call)).toMatchObject({
      status: 'trapped',
      reasonText: 'out of bounds memory access',
    });
  });

  it('aborts with the code as result', () => {
    expect(outcome(program, { exportNumber: 3, arguments: [77n] })).toMatchObject({
      status: 'trapped',
      reasonText: 'abort',
      results: [77n],
    });
  });
});
