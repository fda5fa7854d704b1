/**
 * Straight code of thousands of opcodes, which may keep more values than a frame has registers, lowers and runs as in
 * `@ethereumjs/evm`.
 */

import { expect, it } from 'vitest';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import { createReference, runReference, testEnvironment } from '../../support/ethereumjs.ts';
import { evmCode, returnTop } from '../../support/evm-assembly.ts';
import { runEvm } from '../../support/evm-run.ts';

type Part = string | bigint;

const COUNT = 1500;

function repeat(parts: (turn: number) => readonly Part[]): Part[] {
  return Array.from({ length: COUNT }, (_, turn) => parts(turn)).flat();
}

/** Too wide for an immediate, and different in each turn. */
const wide = (turn: number): bigint => 2n ** 32n + BigInt(turn);

const codes: readonly (readonly [string, readonly Part[]])[] = [
  [
    'words that are loaded and dropped',
    [0n, ...repeat(() => ['DUP1', 'MLOAD', 'POP', 1n, 'ADD']), ...returnTop],
  ],
  [
    'constants that are read far apart',
    [
      'CALLDATASIZE',
      ...repeat((turn) => [wide(turn), 'ADD']),
      ...repeat((turn) => [wide(turn), 'MUL', 1n, 'OR']),
      ...returnTop,
    ],
  ],
  [
    'powers that are dropped',
    [...repeat(() => ['GAS', 'CALLDATASIZE', 'EXP', 'POP']), 'GAS', ...returnTop],
  ],
  [
    'sums of constants that are stored twice',
    [
      ...repeat((turn) => [wide(turn), 1n, 'ADD', 'CALLDATASIZE', 'MSTORE']),
      ...repeat((turn) => [wide(turn), 1n, 'ADD', 'CALLDATASIZE', 'MSTORE']),
      'CALLDATASIZE',
      'MLOAD',
      ...returnTop,
    ],
  ],
];

it.each(codes)('%s', async (_, parts) => {
  const reference = await createReference();
  const code = evmCode(...parts);
  const program = compileEvm(code);
  const data = Uint8Array.of(1, 2, 3);
  for (const gas of [1_000_000n, 20_000n, 3n]) {
    const expected = await runReference(reference, code, gas, data);
    const { status, gasLeft, output } = runEvm(program, {
      gas,
      data,
      environment: testEnvironment,
    });
    expect({ status, gasLeft, output: Buffer.from(output) }).toEqual({
      status: expected.status,
      gasLeft: expected.gasLeft,
      output: Buffer.from(expected.output),
    });
  }
});
