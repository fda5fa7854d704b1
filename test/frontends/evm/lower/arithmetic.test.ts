/**
 * Arithmetic, comparison and bitwise opcodes on edge operands: run on call data, with constants on either side,
 * and folded, they all give the same.
 */

import { expect, it } from 'vitest';
import { compileEvm } from '../../../../src/frontends/evm/compile.ts';
import { foldConstants } from '../../../../src/frontends/evm/constants.ts';
import { opcodes } from '../../../../src/frontends/evm/opcodes.ts';
import { bytesToWord, evmCode, returnTop, wordsToBytes } from '../../../support/evm-assembly.ts';
import { runEvm } from '../../../support/evm-run.ts';

const edges: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  31n,
  32n,
  255n,
  256n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 64n + 5n,
  2n ** 255n - 1n,
  2n ** 255n,
  2n ** 256n - 7n,
  2n ** 256n - 1n,
];

const pure = opcodes.filter(({ name }) => foldConstants(name, [1n, 1n, 1n]) !== undefined);

/** All pairs; as third operand a few. */
function operandsOf(count: number): bigint[][] {
  if (count === 1) return edges.map((only) => [only]);
  const pairs = edges.flatMap((left) => edges.map((right) => [left, right]));
  if (count === 2) return pairs;
  return pairs.flatMap((pair) => [0n, 1n, 7n, 2n ** 256n - 1n].map((third) => [...pair, third]));
}

it.each(pure)('$name', ({ name, stackIn }) => {
  const onData = Array.from({ length: stackIn }, (_, i) => [BigInt(32 * i), 'CALLDATALOAD']);
  const program = compileEvm(evmCode(...onData.reverse().flat(), name, ...returnTop));
  for (const operands of operandsOf(stackIn)) {
    const outcome = runEvm(program, { gas: 100_000n, data: wordsToBytes(operands) });
    expect([operands, bytesToWord(outcome.output)]).toEqual([
      operands,
      foldConstants(name, operands),
    ]);
  }
});

/** Those that immediates, masks and shifts treat apart; each pair is three programs. */
const constants = [0n, 1n, 8n, 2n ** 32n, 2n ** 255n, 2n ** 256n - 1n];

it.each(pure.filter(({ stackIn }) => stackIn === 2))('$name with constants', ({ name }) => {
  for (const left of constants) {
    for (const right of constants) {
      const expected = foldConstants(name, [left, right]);
      const codes = [
        [right, left, name],
        [0n, 'CALLDATALOAD', left, name],
        [right, 0n, 'CALLDATALOAD', name],
      ];
      const data = [[], [right], [left]];
      codes.forEach((code, i) => {
        const outcome = runEvm(compileEvm(evmCode(...code, ...returnTop)), {
          gas: 100_000n,
          data: wordsToBytes(data[i]!),
        });
        expect([left, right, i, bytesToWord(outcome.output)]).toEqual([left, right, i, expected]);
      });
    }
  }
});

it('takes one row for an addition, a small power or a division by a power of two', () => {
  const rows = (...parts: (string | bigint)[]): number =>
    runEvm(compileEvm(evmCode(0n, 'CALLDATALOAD', ...parts, ...returnTop)), { gas: 100_000n })
      .steps;
  const nothing = rows();
  expect(rows(1n, 'ADD') - nothing).toBe(1);
  expect(rows(8n, 'SWAP1', 'DIV') - nothing).toBe(1);
  // Charge and square.
  expect(rows(2n, 'SWAP1', 'EXP') - nothing).toBe(3);
});
