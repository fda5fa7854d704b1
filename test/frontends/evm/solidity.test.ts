/** Functions compiled by `solc`, lowered and run, against `@ethereumjs/evm` and against what they should compute. */

import { readFileSync } from 'node:fs';
import type { EVM } from '@ethereumjs/evm';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  compileSolidity,
  decodeWords,
  encodeCall,
  fromHex,
  type SolidityContract,
  toHex,
} from '../../../examples/evm/solidity.ts';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import type { Program } from '../../../src/isa/program.ts';
import { createReference, runReference, testEnvironment } from '../../support/ethereumjs.ts';
import { type EvmOutcome, runEvm } from '../../support/evm-run.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../../examples/evm/${name}`, import.meta.url), 'utf8');

const GAS = 20_000_000n;
/** Functions that are not payable refuse value. */
const environment = { ...testEnvironment, callValue: 0n };

let reference: EVM;
beforeAll(async () => {
  reference = await createReference();
});

/** Runs on both sides, with ample gas, the exact gas and one less. */
async function both(program: Program, code: Uint8Array, data: Uint8Array): Promise<EvmOutcome> {
  const compare = async (gas: bigint): Promise<EvmOutcome> => {
    const expected = await runReference(reference, code, gas, data, environment);
    const actual = runEvm(program, { gas, data, environment });
    expect({ ...actual, output: toHex(actual.output), reason: 0, steps: 0 }).toEqual({
      status: expected.status,
      reason: 0,
      gasLeft: expected.gasLeft,
      output: toHex(expected.output),
      steps: 0,
    });
    return actual;
  };
  const outcome = await compare(GAS);
  const used = GAS - outcome.gasLeft;
  if (used < GAS) {
    await compare(used);
    await compare(used - 1n);
  }
  return outcome;
}

const text = new TextEncoder().encode('The quick brown fox jumps over the lazy dog');
const PANIC = '4e487b71';

const settings = [
  { name: 'optimized', options: {} },
  { name: 'not optimized', options: { runs: 0 } },
  { name: 'by way of Yul', options: { viaIr: true } },
] as const;

describe.each(settings)('the example contract, $name', ({ options }) => {
  let contract: SolidityContract;
  let program: Program;
  beforeAll(() => {
    contract = compileSolidity(read('Numerics.sol'), 'Numerics', options);
    program = compileEvm(contract.code);
  }, 120_000);

  const call = (
    signature: string,
    words: readonly bigint[],
    bytes?: Uint8Array,
  ): Promise<EvmOutcome> =>
    both(program, contract.code, encodeCall(contract, signature, words, bytes));

  it.each([
    { signature: 'squareRoot(uint256)', words: [2n ** 200n + 5n], expected: 2n ** 100n },
    { signature: 'squareRoot(uint256)', words: [0n], expected: 0n },
    { signature: 'squareRoot(uint256)', words: [2n ** 256n - 1n], expected: 2n ** 128n - 1n },
    {
      signature: 'modularPower(uint256,uint256,uint256)',
      words: [3n, 2n ** 127n, 2n ** 127n - 1n],
      expected: 9n,
    },
    {
      signature: 'compound(uint256,uint256,uint256)',
      words: [10n ** 20n, 10n ** 17n, 2n],
      expected: 121n * 10n ** 18n,
    },
    { signature: 'exponential(int256)', words: [0n], expected: 10n ** 18n },
    { signature: 'exponential(int256)', words: [10n ** 18n], expected: 2_718_281_828_459_045_226n },
    { signature: 'collatz(uint256)', words: [27n], expected: 111n },
  ] as const)('$signature of $words', async ({ signature, words, expected }) => {
    const outcome = await call(signature, words);
    expect(outcome.status).toBe('returned');
    expect(decodeWords(outcome.output)).toEqual([expected]);
  });

  it('sorts a list in memory', async () => {
    const outcome = await call('medianOfRandom(uint256,uint256)', [25n, 42n]);
    expect(decodeWords(outcome.output)).toEqual([medianOfRandom(25, 42n)]);
  });

  it('takes and gives bytes', async () => {
    const outcome = await call('reversed(bytes)', [], text);
    const [offset, length] = decodeWords(outcome.output);
    expect([offset, length]).toEqual([32n, BigInt(text.length)]);
    expect(outcome.output.slice(64, 64 + text.length)).toEqual(text.slice().reverse());
    const sum = await call('checksum(bytes)', [], text);
    expect(decodeWords(sum.output)).toEqual([0x5bdc0fdan]);
  });

  it('gives arrays', async () => {
    const outcome = await call('tableSums(uint256)', [4n]);
    expect(decodeWords(outcome.output)).toEqual([32n, 4n, 10n, 20n, 30n, 40n]);
  });

  it.each([
    {
      signature: 'compound(uint256,uint256,uint256)',
      words: [2n ** 255n, 10n ** 18n, 3n],
      expected: `${PANIC}.*11$`,
    },
    {
      signature: 'modularPower(uint256,uint256,uint256)',
      words: [2n, 2n, 0n],
      expected: `${PANIC}.*12$`,
    },
    { signature: 'tableSums(uint256)', words: [2n ** 70n], expected: `${PANIC}.*41$` },
    { signature: 'medianOfRandom(uint256,uint256)', words: [0n, 0n], expected: '^.{8}$' },
    { signature: 'exponential(int256)', words: [-(21n * 10n ** 18n)], expected: '^08c379a0' },
  ] as const)('$signature of $words reverts', async ({ signature, words, expected }) => {
    const outcome = await call(signature, words);
    expect(outcome.status).toBe('reverted');
    expect(toHex(outcome.output)).toMatch(new RegExp(expected));
  });

  it('reverts for an unknown selector and for call data that is too short', async () => {
    for (const data of ['', '01', '01020304', [...contract.selectors.values()][0]!]) {
      expect((await both(program, contract.code, fromHex(data))).status).toBe('reverted');
    }
  });
});

it('the hand-written loop takes five rows a turn', async () => {
  const code = fromHex(read('loop.hex').trim());
  const program = compileEvm(code);
  const word = (n: bigint): Uint8Array => fromHex(n.toString(16).padStart(64, '0'));
  const ten = await both(program, code, word(10n));
  const thousand = await both(program, code, word(1000n));
  expect(decodeWords(thousand.output)).toEqual([(1000n * 1001n * 2001n) / 6n]);
  expect(thousand.steps - ten.steps).toBe(990 * 5);
});

function medianOfRandom(count: number, seed: bigint): bigint {
  const list: bigint[] = [];
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = BigInt.asUintN(256, state * 6364136223846793005n + 1442695040888963407n);
    list.push((state >> 33n) % 1000n);
  }
  list.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return list[count >> 1]!;
}
