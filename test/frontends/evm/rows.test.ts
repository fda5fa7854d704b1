/**
 * Rows of the examples, exactly: what a proof costs follows from them. A change of the lowering shows here and should
 * make them fewer; a change of the compiler may move them too.
 */

import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import {
  compileSolidity,
  encodeCall,
  type SolidityContract,
} from '../../../examples/evm/solidity.ts';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import type { Program } from '../../../src/isa/program.ts';
import { runEvm } from '../../support/evm-run.ts';

let contract: SolidityContract;
let program: Program;
beforeAll(() => {
  const source = new URL('../../../examples/evm/Numerics.sol', import.meta.url);
  contract = compileSolidity(readFileSync(source, 'utf8'), 'Numerics');
  program = compileEvm(contract.code);
}, 120_000);

/** `steps` are those of the EVM, as `@ethereumjs/evm` counts them. */
it.each([
  { call: 'squareRoot(uint256)', words: [2n ** 200n + 5n], steps: 7562, rows: 2817 },
  {
    call: 'modularPower(uint256,uint256,uint256)',
    words: [3n, 2n ** 127n, 2n ** 127n - 1n],
    steps: 4103,
    rows: 1575,
  },
  { call: 'medianOfRandom(uint256,uint256)', words: [25n, 42n], steps: 19761, rows: 9044 },
  {
    call: 'compound(uint256,uint256,uint256)',
    words: [10n ** 20n, 10n ** 17n, 40n],
    steps: 3241,
    rows: 1320,
  },
  { call: 'exponential(int256)', words: [10n ** 18n], steps: 3331, rows: 1704 },
  { call: 'collatz(uint256)', words: [27n], steps: 9028, rows: 4262 },
  { call: 'tableSums(uint256)', words: [10n], steps: 12934, rows: 5122 },
])('$call takes $rows rows for $steps steps', ({ call, words, rows }) => {
  const data = encodeCall(contract, call, words);
  const outcome = runEvm(program, { gas: 20_000_000n, data });
  expect([outcome.status, outcome.steps]).toEqual(['returned', rows]);
});
