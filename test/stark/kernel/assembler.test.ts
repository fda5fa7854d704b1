import { describe, expect, it } from 'vitest';
import {
  type FunctionBuilder,
  type MemoryLimits,
  ModuleBuilder,
} from '../../../src/stark/kernel/assembler.ts';
import { CodeBytes } from '../../../src/stark/kernel/code-bytes.ts';
import {
  i8x16,
  i32,
  i32x4,
  i64,
  i64x2,
  signedLeb,
  type ValueType,
  v128,
} from '../../../src/stark/kernel/operations.ts';

/** The bytes that `write` appends. */
function written(write: (out: CodeBytes) => void): number[] {
  const out = new CodeBytes();
  write(out);
  return [...out.finish()];
}

type Exported = (...values: (number | bigint)[]) => unknown;

/** Instantiates a module of one function `run` and gives it with its memory. */
async function assembled(
  params: readonly ValueType[],
  emit: (code: FunctionBuilder) => void,
  result?: ValueType,
  limits: MemoryLimits = { initial: 1, maximum: 2 },
) {
  const builder = new ModuleBuilder(limits);
  builder.define('run', params, emit, result);
  const memory = new WebAssembly.Memory(limits);
  const { instance } = await WebAssembly.instantiate(builder.assemble(), {
    kernel: { memory, scratch: 0 },
  });
  return { run: instance.exports.run as Exported, words: new Uint32Array(memory.buffer), memory };
}

describe('LEB128', () => {
  const unsigned: [number, number[]][] = [
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [16383, [0xff, 0x7f]],
    [16384, [0x80, 0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
    [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ];
  it.each(unsigned)('writes %i without sign', (value, bytes) => {
    expect(written((out) => out.unsigned(value))).toEqual(bytes);
  });

  const signed: [bigint, number[]][] = [
    [0n, [0]],
    [63n, [0x3f]],
    [64n, [0xc0, 0]],
    [-1n, [0x7f]],
    [-64n, [0x40]],
    [-65n, [0xbf, 0x7f]],
    [-123456n, [0xc0, 0xbb, 0x78]],
    [2n ** 31n - 1n, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-(2n ** 31n), [0x80, 0x80, 0x80, 0x80, 0x78]],
    [2n ** 63n - 1n, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]],
    [-(2n ** 63n), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]],
  ];
  it.each(signed)('writes %i with its sign', (value, bytes) => {
    expect(signedLeb(value)).toEqual(bytes);
    if (BigInt.asIntN(32, value) !== value) return;
    expect(written((out) => out.signed(Number(value)))).toEqual(bytes);
  });

  it('refuses what has no encoding', () => {
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) {
      expect(() => new CodeBytes().unsigned(value)).toThrow(RangeError);
    }
    expect(() => signedLeb(2n ** 63n)).toThrow(RangeError);
    expect(() => i32.const(2 ** 32)).toThrow(RangeError);
    expect(() => i32.const(-(2 ** 31) - 1)).toThrow(RangeError);
  });

  it.each([0, 1, 63, 64, 127, 128, 2 ** 31 - 1, -1, -64, -65, -(2 ** 31)])(
    'gives the constant %i back through a module',
    async (value) => {
      const word = await assembled([], (code) => code.leave(i32.const(value)), 'i32');
      expect(word.run()).toBe(value);
      const wide = BigInt(value) * 2n ** 32n + 5n;
      const long = await assembled([], (code) => code.leave(i64.const(wide)), 'i64');
      expect(long.run()).toBe(wide);
    },
  );
});

describe('an assembled module', () => {
  it('computes on words', async () => {
    const cases: [(left: number, right: number) => number, ReturnType<typeof binaryOf>][] = [
      [(l, r) => (l + r) | 0, binaryOf(i32.add)],
      [(l, r) => (l - r) | 0, binaryOf(i32.subtract)],
      [(l, r) => Math.imul(l, r), binaryOf(i32.multiply)],
      [(l, r) => l & r, binaryOf(i32.and)],
      [(l, r) => l ^ r, binaryOf(i32.xor)],
      [(l, r) => l << r, binaryOf(i32.shiftLeft)],
      [(l, r) => (l >>> r) | 0, binaryOf(i32.shiftRight)],
      [(l, r) => Number(l !== r), binaryOf(i32.notEqual)],
      [(l, r) => Number(l >>> 0 < r >>> 0), binaryOf(i32.lessThan)],
    ];
    for (const [expected, emit] of cases) {
      const { run } = await assembled(['i32', 'i32'], emit, 'i32');
      for (const left of [0, 1, 7, -1, 2 ** 31 - 1, -(2 ** 31)]) {
        for (const right of [0, 3, 7, -1, -(2 ** 31)]) {
          expect(run(left, right)).toBe(expected(left, right));
        }
      }
    }
    const isZero = await assembled(
      ['i32'],
      (code) => code.leave(i32.isZero(code.param(0, 'i32'))),
      'i32',
    );
    expect([isZero.run(0), isZero.run(5)]).toEqual([1, 0]);
    const zeros = await assembled(
      ['i32'],
      (code) => code.leave(i32.trailingZeros(code.param(0, 'i32'))),
      'i32',
    );
    expect([0, 1, 40, -(2 ** 31)].map((value) => zeros.run(value))).toEqual([32, 0, 3, 31]);
  });

  it('computes on 64 bits', async () => {
    const { run } = await assembled(
      ['i32', 'i32'],
      (code) => {
        const [left, right] = [code.param(0, 'i32'), code.param(1, 'i32')];
        const product = i64.multiply(i64.extend(left), i64.extend(right));
        code.leave(i64.add(product, i64.const(9n)));
      },
      'i64',
    );
    expect(BigInt.asUintN(64, run(-1, -1) as bigint)).toBe((2n ** 32n - 1n) ** 2n + 9n);
    const low = await assembled(
      ['i64'],
      (code) => code.leave(i32.wrap(code.param(0, 'i64'))),
      'i32',
    );
    expect(low.run(2n ** 40n + 6n)).toBe(6);
  });

  it('loops, leaves blocks and keeps locals of all types apart', async () => {
    const { run } = await assembled(
      ['i32'],
      (code) => {
        const rest = code.param(0, 'i32');
        const sum = code.local('i32');
        code.local('v128');
        const double = code.local('i32');
        code.block((done) => {
          code.branchIf(i32.isZero(rest), done);
          code.loop((again) => {
            code.set(sum, i32.add(sum, rest));
            code.set(double, i32.add(sum, sum));
            code.set(rest, i32.subtract(rest, i32.const(1)));
            code.branchIf(i32.isZero(rest), done);
            code.branch(again);
          });
        });
        code.leave(i32.add(sum, double));
      },
      'i32',
    );
    expect([run(0), run(1), run(10)]).toEqual([0, 3, 165]);
  });

  it('computes on four lanes', async () => {
    const left = [1, 0xffffffff, 0x80000000, 0x12345678];
    const right = [5, 2, 0x80000000, 0xfedcba98];
    const wordwise = (operation: (l: number, r: number) => number): number[] =>
      left.map((value, lane) => operation(value, right[lane]!) >>> 0);
    const { run, words } = await assembled([], (code) => {
      const zero = i32.const(0);
      const l = code.hold(v128.load(zero, 0));
      const r = code.hold(v128.load(zero, 16));
      const outputs = [
        i32x4.add(l, r),
        i32x4.subtract(l, r),
        i32x4.minimum(l, r),
        v128.and(l, r),
        v128.or(l, r),
        v128.xor(l, r),
        i32x4.shiftLeft(l, i32.const(3)),
        i32x4.shiftRight(l, i32.const(3)),
        i32x4.equal(l, r),
        i32x4.shuffle(l, r, [0, 4, 3, 7]),
        i8x16.swizzle(l, v128.const([3, 2, 1, 0, ...new Array<number>(12).fill(4)])),
        i32x4.splat(i32.const(77)),
        v128.loadSplat(zero, 28),
        i32x4.const([1, 2, 0xffffffff, 4]),
      ];
      outputs.forEach((value, index) => {
        code.store(zero, value, 64 + 16 * index);
      });
    });
    words.set([...left, ...right]);
    run();
    expect(
      Array.from({ length: 14 }, (_, i) => [...words.subarray(16 + 4 * i, 20 + 4 * i)]),
    ).toEqual([
      wordwise((l, r) => l + r),
      wordwise((l, r) => l - r),
      wordwise((l, r) => Math.min(l, r)),
      wordwise((l, r) => l & r),
      wordwise((l, r) => l | r),
      wordwise((l, r) => l ^ r),
      wordwise((l) => l << 3),
      wordwise((l) => l >>> 3),
      wordwise((l, r) => (l === r ? -1 : 0)),
      [left[0], right[0], left[3], right[3]],
      [0x01000000, 0xffffffff, 0xffffffff, 0xffffffff],
      [77, 77, 77, 77],
      [right[3], right[3], right[3], right[3]],
      [1, 2, 0xffffffff, 4],
    ]);
  });

  it('multiplies lanes to 64 bits and tells about lanes', async () => {
    const { run, words, memory } = await assembled(
      [],
      (code) => {
        const zero = i32.const(0);
        const l = code.hold(v128.load(zero, 0));
        code.store(zero, i64x2.multiplyLow(l, l), 16);
        code.store(zero, i64x2.multiplyHigh(l, l), 32);
        code.storeWord(zero, v128.anyTrue(l), 48);
        code.storeWord(zero, v128.anyTrue(v128.xor(l, l)), 52);
        code.leave(i32x4.bitmask(l));
      },
      'i32',
    );
    const lanes = [3, 0xffffffff, 0x80000000, 7];
    words.set(lanes);
    expect(run()).toBe(0b0110);
    const products = new BigUint64Array(memory.buffer, 16, 4);
    expect([...products]).toEqual(lanes.map((lane) => BigInt(lane) ** 2n));
    expect([...words.subarray(12, 14)]).toEqual([1, 0]);
  });

  it('reaches any offset in its memory argument, and traps beyond the memory', async () => {
    for (const offset of [0, 127, 128, 65532]) {
      const { run, memory } = await assembled(
        ['i32'],
        (code) => code.leave(i32.load(code.param(0, 'i32'), offset)),
        'i32',
      );
      new DataView(memory.buffer).setInt32(offset, -7, true);
      expect(run(0)).toBe(-7);
      expect(() => run(65536)).toThrow(WebAssembly.RuntimeError);
    }
    const far = await assembled(
      ['i32'],
      (code) => code.leave(i32.load(code.param(0, 'i32'), 0xffffffff)),
      'i32',
    );
    expect(() => far.run(0)).toThrow(WebAssembly.RuntimeError);
  });

  it('works on shared memory', async () => {
    const { run, memory } = await assembled(
      [],
      (code) => code.storeWord(i32.const(8), i32.const(5)),
      undefined,
      { initial: 1, maximum: 1, shared: true },
    );
    run();
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(new Uint32Array(memory.buffer)[2]).toBe(5);
  });

  it('refuses operands of another type, names given twice and vectors of another length', () => {
    const builder = new ModuleBuilder({ initial: 1, maximum: 1 });
    builder.define('twice', ['i32'], (code) => {
      expect(() => code.param(0, 'v128')).toThrow(RangeError);
      expect(() => code.param(1, 'i32')).toThrow(RangeError);
      expect(() => code.leave(i32.const(0))).toThrow(RangeError);
    });
    expect(() => builder.define('twice', [], () => {})).toThrow('taken');
    expect(() => v128.const([1, 2])).toThrow(RangeError);
    expect(() => v128.const(new Array<number>(16).fill(256))).toThrow(RangeError);
  });
});

function binaryOf(
  operation: (
    left: ReturnType<typeof i32.const>,
    right: ReturnType<typeof i32.const>,
  ) => ReturnType<typeof i32.const>,
): (code: FunctionBuilder) => void {
  return (code) => code.leave(operation(code.param(0, 'i32'), code.param(1, 'i32')));
}
