/** Memory: exact growth, copies of every shape, and what no window holds. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEvm } from '../../../../src/frontends/evm/compile.ts';
import { GREATEST_MEMORY_GAS, memoryGas } from '../../../../src/frontends/evm/gas.ts';
import { WINDOW_BYTE_LIMIT } from '../../../../src/isa/program.ts';
import { evmHalts, evmLimits } from '../../../../src/isa/status.ts';
import { bytesToWord, evmCode, returnTop, wordsToBytes } from '../../../support/evm-assembly.ts';
import { runEvm } from '../../../support/evm-run.ts';

const words = (bytes: bigint): bigint => (bytes + 31n) / 32n;

describe('growth', () => {
  const load = compileEvm(evmCode(0n, 'CALLDATALOAD', 'MLOAD', 'STOP'));
  const loadGas = 2n + 3n + 3n;
  it.each([0n, 1n, 32n, 33n, 1000n, 100_000n, 10_000_000n, 2n ** 30n])(
    'to an access at %s costs what it must',
    (offset) => {
      const data = wordsToBytes([offset]);
      const cost = loadGas + memoryGas(words(offset + 32n));
      expect(runEvm(load, { gas: cost, data })).toMatchObject({ status: 'returned', gasLeft: 0n });
      expect(runEvm(load, { gas: cost - 1n, data }).status).toBe('outOfGas');
    },
  );

  it('is paid once', () => {
    const code = evmCode(1n, 100n, 'MSTORE', 2n, 68n, 'MSTORE', 'MSIZE', ...returnTop);
    const outcome = runEvm(compileEvm(code), { gas: 1000n });
    expect(bytesToWord(outcome.output)).toBe(160n);
    expect(1000n - outcome.gasLeft).toBe(30n + memoryGas(5n));
  });

  it.each([
    { offset: BigInt(WINDOW_BYTE_LIMIT) - 31n, gas: 2n ** 40n, status: 'outOfGas' },
    { offset: BigInt(WINDOW_BYTE_LIMIT) - 31n, gas: GREATEST_MEMORY_GAS, status: 'outOfGas' },
    { offset: BigInt(WINDOW_BYTE_LIMIT) - 31n, gas: 2n ** 63n, status: 'unsupported' },
    { offset: 2n ** 42n, gas: 2n ** 64n - 1n, status: 'outOfGas' },
    { offset: 2n ** 64n - 1n, gas: 2n ** 64n - 1n, status: 'outOfGas' },
    { offset: 2n ** 64n, gas: 2n ** 64n - 1n, status: 'outOfGas' },
    { offset: 2n ** 256n - 1n, gas: 2n ** 64n - 1n, status: 'outOfGas' },
  ])('past the largest window, at $offset with $gas gas, is $status', ({ offset, gas, status }) => {
    const outcome = runEvm(load, { gas, data: wordsToBytes([offset]) });
    expect(outcome.status).toBe(status);
    if (status === 'unsupported') expect(outcome.reason).toBe(evmLimits.memory.code);
  });
});

/** Fills 96 bytes of memory with 1, 2, 3, …, copies, and returns 160 bytes. */
function copied(name: string, size: number, source: number, destination: number): Uint8Array {
  const filled = Uint8Array.from({ length: 96 }, (_, i) => i + 1);
  const code = evmCode(
    ...[0, 1, 2].flatMap((i) => [
      bytesToWord(filled.subarray(32 * i, 32 * i + 32)),
      BigInt(32 * i),
      'MSTORE',
    ]),
    BigInt(size),
    BigInt(source),
    BigInt(destination),
    name,
    160n,
    0n,
    'RETURN',
  );
  const data = Uint8Array.from({ length: 77 }, (_, i) => 200 - i);
  const { output, status } = runEvm(compileEvm(code), { gas: 100_000n, data });
  expect(status).toBe('returned');
  const expected = new Uint8Array(400);
  expected.set(filled);
  const from = name === 'MCOPY' ? expected.slice() : name === 'CALLDATACOPY' ? data : code;
  const moved = new Uint8Array(size);
  moved.set(from.subarray(Math.min(source, from.length), Math.min(source + size, from.length)));
  expected.set(moved, destination);
  expect([name, size, source, destination, [...output]]).toEqual([
    name,
    size,
    source,
    destination,
    [...expected.subarray(0, 160)],
  ]);
  return output;
}

it.each(['MCOPY', 'CALLDATACOPY', 'CODECOPY'])('%s of every shape', (name) => {
  const offset = fc.integer({ min: 0, max: 120 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 110 }), offset, offset, (size, source, destination) => {
      copied(name, size, source, destination);
    }),
    { numRuns: 300, seed: 5 },
  );
});

it('takes a source far behind the data as zeros, whatever its size', () => {
  for (const source of [2n ** 32n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 256n - 1n]) {
    for (const name of ['CALLDATACOPY', 'CODECOPY']) {
      const code = evmCode(2n ** 256n - 1n, 0n, 'MSTORE', 31n, source, 1n, name, 32n, 0n, 'RETURN');
      const outcome = runEvm(compileEvm(code), { gas: 1000n, data: wordsToBytes([5n]) });
      expect(bytesToWord(outcome.output)).toBe(255n << 248n);
    }
  }
});

it.each([
  { size: 0n, source: 0n, status: 'returned', reason: 0 },
  { size: 1n, source: 0n, status: 'outOfGas', reason: evmHalts.returnDataOutOfBounds.code },
  { size: 0n, source: 1n, status: 'outOfGas', reason: evmHalts.returnDataOutOfBounds.code },
  {
    size: 2n ** 256n - 1n,
    source: 1n,
    status: 'outOfGas',
    reason: evmHalts.returnDataOutOfBounds.code,
  },
])('RETURNDATACOPY of $size bytes from $source: $status', ({ size, source, status, reason }) => {
  const onData = evmCode(0n, 'CALLDATALOAD', 32n, 'CALLDATALOAD', 7n, 'RETURNDATACOPY');
  const data = wordsToBytes([size, source]);
  expect(runEvm(compileEvm(onData), { gas: 1000n, data })).toMatchObject({ status, reason });
  const constant = evmCode(size, source, 2n ** 255n, 'RETURNDATACOPY');
  expect(runEvm(compileEvm(constant), { gas: 1000n })).toMatchObject({ status, reason });
});

it('returns what lies past the memory as zeros, paid for', () => {
  const outcome = runEvm(compileEvm(evmCode(100n, 7n, 'RETURN')), { gas: 1000n });
  expect([...outcome.output]).toEqual(new Array(100).fill(0));
  expect(1000n - outcome.gasLeft).toBe(6n + memoryGas(4n));
});

it.each([2n ** 32n, 2n ** 64n, 2n ** 256n - 1n])(
  'ignores an offset of %s where the size is 0',
  (offset) => {
    for (const code of [
      evmCode(0n, offset, 'RETURN'),
      evmCode(0n, offset, offset, 'CALLDATACOPY'),
      evmCode(0n, offset, offset, 'CODECOPY'),
      evmCode(0n, offset, offset, 'MCOPY'),
    ]) {
      expect(runEvm(compileEvm(code), { gas: 100n }).status).toBe('returned');
    }
  },
);
