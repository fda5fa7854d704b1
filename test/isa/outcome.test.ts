/** Inputs as cells, outcomes from cells. */

import { describe, expect, test } from 'vitest';
import { privateInputCells, publicInputCells, runInputOf } from '../../src/isa/input.ts';
import { type OutputReader, run } from '../../src/isa/interpreter.ts';
import { outcomeOf } from '../../src/isa/outcome.ts';
import { statuses } from '../../src/isa/status.ts';
import { programOf } from '../support/machine-programs.ts';

const words = (lanes: Int32Array): bigint[] =>
  Array.from(
    { length: lanes.length / 2 },
    (_, i) => BigInt(lanes[2 * i] >>> 0) | (BigInt(lanes[2 * i + 1] >>> 0) << 32n),
  );

describe('the public input', () => {
  test('lists head, arguments and bytes, zeros too', () => {
    const cells = publicInputCells(
      { argumentCells: 3 },
      {
        exportNumber: 2,
        gasLimit: 2n ** 40n + 5n,
        arguments: [-1n, 7n],
        input: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0xff),
      },
    );
    expect(words(cells)).toEqual([
      2n,
      2n ** 40n + 5n,
      2n,
      9n,
      2n ** 64n - 1n,
      7n,
      0n,
      0x0807060504030201n,
      0xffn,
    ]);
  });

  test('takes four cells for each word of an environment, least significant first', () => {
    const cells = publicInputCells(
      { argumentCells: 8 },
      { environment: [1n + (2n << 64n) + (3n << 128n) + (4n << 192n), 9n] },
    );
    expect(words(cells)).toEqual([0n, 0n, 2n, 0n, 1n, 2n, 3n, 4n, 9n, 0n, 0n, 0n]);
  });

  test('refuses what does not fit', () => {
    const room = { argumentCells: 4 };
    expect(() => publicInputCells(room, { arguments: [1n, 2n, 3n, 4n, 5n] })).toThrow(RangeError);
    expect(() => publicInputCells(room, { environment: [1n, 2n] })).toThrow(RangeError);
    expect(() => publicInputCells(room, { exportNumber: -1 })).toThrow(RangeError);
    expect(() => publicInputCells(room, { exportNumber: 0.5 })).toThrow(RangeError);
    expect(() => publicInputCells(room, { gasLimit: 2n ** 64n })).toThrow(RangeError);
    expect(() => publicInputCells(room, { gasLimit: -1n })).toThrow(RangeError);
    expect(() => publicInputCells(room, { arguments: [], environment: [] })).toThrow(TypeError);
  });
});

test('the private input is its length and its bytes', () => {
  expect(words(privateInputCells(new Uint8Array(0)))).toEqual([0n]);
  expect(words(privateInputCells(Uint8Array.of(0x80, 1)))).toEqual([2n, 0x180n]);
});

/** Header cells, results and bytes as the output segment. */
function readerOf(cells: readonly bigint[], byteLimit = 1000): OutputReader {
  return {
    byteLimit,
    readCell(out, d, cell) {
      const value = cells[cell] ?? 0n;
      out[d] = Number(BigInt.asIntN(32, value));
      out[d + 1] = Number(BigInt.asIntN(32, value >> 32n));
    },
  };
}

describe('the outcome', () => {
  const program = { vm: 'wasm', resultCells: 2 } as const;

  test('is read from the header', () => {
    const cells = [1n, 0n, 2n ** 63n, 9n, 1n, 2n ** 64n - 3n, 0n, 0x0807060504030201n, 0xfen];
    expect(outcomeOf(program, readerOf(cells))).toEqual({
      status: 'returned',
      statusText: 'returned',
      reason: 0,
      reasonText: '',
      gasLeft: 2n ** 63n,
      results: [2n ** 64n - 3n],
      output: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0xfe),
    });
  });

  test('names the reason of a trap', () => {
    const outcome = outcomeOf(program, readerOf([BigInt(statuses.trapped), 2n, 0n, 0n, 0n]));
    expect(outcome?.reasonText).toBe('integer divide by zero');
  });

  test.each([
    ['no status', [0n, 0n, 0n, 0n, 0n]],
    ['an unknown status', [200n, 0n, 0n, 0n, 0n]],
    ['a status with upper bits', [1n + 2n ** 32n, 0n, 0n, 0n, 0n]],
    ['a reason of 2^32', [3n, 2n ** 32n, 0n, 0n, 0n]],
    ['more results than cells', [1n, 0n, 0n, 0n, 3n]],
    ['more output than the window holds', [1n, 0n, 0n, 945n, 0n]],
    ['a monstrous output', [1n, 0n, 0n, 2n ** 64n - 1n, 0n]],
  ])('is none with %s', (_, cells) => {
    expect(outcomeOf(program, readerOf(cells))).toBeUndefined();
  });

  test('may fill the window to its end', () => {
    expect(outcomeOf(program, readerOf([1n, 0n, 0n, 944n, 0n]))?.output.length).toBe(944);
  });
});

test('a program sees its input and its outcome is what it writes', () => {
  // Writes status returned, gas left, the input's length, one result: argument 0 + private byte 0.
  const program = programOf(
    (b, end) => {
      const zero = 9;
      b.emit('move', 1, BigInt(statuses.returned));
      b.emit('st64', 1, zero, 0, 0, end);
      b.emit('move', 2, 30n);
      b.emit('charge', 2, end);
      b.emit('getg', 1, 0);
      b.emit('st64', 1, zero, 16, 0, end);
      b.emit('ld64', 1, zero, 24, 1, end);
      b.emit('st64', 1, zero, 24, 0, end);
      b.emit('ld64', 1, zero, 40, 1, end);
      b.emit('st64', 1, zero, 48, 0, end);
      b.emit('move', 1, 1n);
      b.emit('st64', 1, zero, 32, 0, end);
      b.emit('ld64', 1, zero, 32, 1, end);
      b.emit('ld8u', 2, zero, 8, 2, end);
      b.emit('add', 1, 1, 2);
      b.emit('st64', 1, zero, 40, 0, end);
    },
    { argumentCells: 1, resultCells: 1 },
  );
  const input = runInputOf(program, {
    arguments: [1000n],
    gasLimit: 100n,
    input: Uint8Array.of(5, 6, 7),
    privateInput: Uint8Array.of(11),
  });
  const result = run(program, input);
  expect(outcomeOf(program, result.output)).toMatchObject({
    status: 'returned',
    gasLeft: 70n,
    results: [1011n],
    output: Uint8Array.of(5, 6, 7),
  });
});
