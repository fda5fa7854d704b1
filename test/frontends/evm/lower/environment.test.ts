/** Environment words, call data and gas come out as the statement has them. */

import { describe, expect, it } from 'vitest';
import { compileEvm } from '../../../../src/frontends/evm/compile.ts';
import { environmentCells, environmentWords } from '../../../../src/frontends/evm/environment.ts';
import { bytesToWord, evmCode, returnTop, wordsToBytes } from '../../../support/evm-assembly.ts';
import { type EvmCall, runEvm } from '../../../support/evm-run.ts';

const top = (parts: readonly (string | bigint)[], call: Partial<EvmCall> = {}): bigint =>
  bytesToWord(
    runEvm(compileEvm(evmCode(...parts, ...returnTop)), { gas: 10_000n, ...call }).output,
  );

it.each(environmentWords)('$opcode is the word `$field`', ({ opcode, field, bits }) => {
  const value = (2n ** 256n - 0x123456789abcdefn) >> BigInt(256 - bits);
  expect(top([opcode], { environment: { [field]: value } })).toBe(value);
  expect(top([opcode])).toBe(0n);
});

it('refuses environment words that are too large', () => {
  expect(() => environmentCells({ caller: 2n ** 160n })).toThrow('caller');
  expect(() => environmentCells({ chainId: -1n })).toThrow('chainId');
});

describe('call data', () => {
  const data = Uint8Array.from({ length: 45 }, (_, i) => i + 1);
  const expected = (offset: bigint): bigint => {
    const bytes = new Uint8Array(32);
    if (offset < 45n) bytes.set(data.subarray(Number(offset), Number(offset) + 32));
    return bytesToWord(bytes);
  };
  it.each([
    0n,
    1n,
    4n,
    13n,
    14n,
    31n,
    44n,
    45n,
    2n ** 25n - 1n,
    2n ** 25n,
    2n ** 32n - 448n,
    2n ** 64n,
    2n ** 256n - 448n,
    2n ** 256n - 1n,
  ])('loads at %s, zeros past the end', (offset) => {
    expect(top([offset, 'CALLDATALOAD'], { data })).toBe(expected(offset));
    // The same with an offset that is not known when the code is lowered.
    const onValue = ['CALLVALUE', 'CALLDATALOAD'];
    expect(top(onValue, { data, environment: { callValue: offset } })).toBe(expected(offset));
  });
  it('knows its size', () => {
    expect(top(['CALLDATASIZE'], { data })).toBe(45n);
    expect(top(['CALLDATASIZE'])).toBe(0n);
  });
});

it('GAS does not see what the head of the block took for opcodes to come', () => {
  // Behind GAS: one opcode or many.
  for (const behind of [[], [1n, 'POP'], [5n, 'MUL', 5n, 'SWAP1', 'DIV']]) {
    expect(top(['GAS', ...behind])).toBe(9998n);
  }
  const grown = evmCode(0n, 0n, 'MSTORE', 'GAS', ...returnTop);
  expect(bytesToWord(runEvm(compileEvm(grown), { gas: 10_000n }).output)).toBe(
    10_000n - 7n - 3n - 2n,
  );
});

it.each([
  { parts: ['PC', 'PC', 'ADD'], value: 1n },
  { parts: ['CODESIZE'], value: 7n },
  { parts: ['RETURNDATASIZE'], value: 0n },
  { parts: [5n, 'BLOBHASH'], value: 0n },
  { parts: ['MSIZE'], value: 0n },
])('$parts gives $value', ({ parts, value }) => {
  expect(top(parts)).toBe(value);
  expect(wordsToBytes([value])).toHaveLength(32);
});
