/** Where several things fail in one block, the first in program order decides, as in the reference. */

import { expect, it } from 'vitest';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import { evmHalts } from '../../../src/isa/status.ts';
import { createReference, runReference } from '../../support/ethereumjs.ts';
import { evmCode } from '../../support/evm-assembly.ts';
import { runEvm } from '../../support/evm-run.ts';

const many = (part: string | bigint, count: number): (string | bigint)[] =>
  Array.from({ length: count }, () => part);

it.each([
  { what: 'underflow behind a growth', code: evmCode(0n, 500n, 'MSTORE', 'ADD') },
  { what: 'underflow before a growth', code: evmCode('POP', 0n, 500n, 'MSTORE') },
  { what: 'overflow behind a growth', code: evmCode(500n, 'MLOAD', ...many('DUP1', 1024)) },
  { what: 'a store that misses its value', code: evmCode(2000n, 'MSTORE') },
  { what: 'a byte store that misses its value', code: evmCode(2000n, 'MSTORE8') },
  { what: 'a store that misses both', code: evmCode('MSTORE') },
  { what: 'a store in a later piece', code: evmCode(0n, 'MLOAD', 'POP', 77n, 'MSTORE', 'ADD') },
  { what: 'more than sixteen opcodes', code: evmCode(...many(1n, 20), ...many('ADD', 25)) },
  { what: 'a power that costs', code: evmCode(2n ** 200n, 3n, 'EXP', 'POP', 'POP') },
  { what: 'a full stack', code: evmCode(...many('PC', 1025)) },
  { what: 'gas for operands that are missing', code: evmCode('ADD') },
  { what: 'copies with an operand missing', code: evmCode(1n, 2n, 'CALLDATACOPY') },
  { what: 'a wrong jump', code: evmCode(500n, 'MLOAD', 3n, 'JUMP') },
  {
    what: 'a block that jumps on',
    code: Uint8Array.of(0x60, 4, 0x56, 0, 0x5b, 0x5f, 0x51, 0x01, 0x01),
  },
])('$what, for every amount of gas', async ({ code }) => {
  const reference = await createReference();
  const program = compileEvm(code);
  const seen = new Set<string>();
  const none = new Uint8Array(0);
  const limits = Array.from({ length: 140 }, (_, gas) => BigInt(gas));
  for (const gas of [...limits, 200n, 500n, 1500n, 2500n, 3078n, 3200n, 10_000n]) {
    const expected = await runReference(reference, code, gas, none);
    const actual = runEvm(program, { gas });
    expect([gas, actual.status, actual.gasLeft]).toEqual([gas, expected.status, 0n]);
    const reason = Object.values(evmHalts).find((halt) => halt.code === actual.reason)?.text;
    if (actual.status === 'invalid')
      expect(expected.detail.split(' at ')[0]).toBe(referenceText[reason!]);
    seen.add(actual.status);
  }
  expect(seen).toContain('invalid');
});

/** The reference's words for ours. */
const referenceText: Record<string, string> = {
  'stack underflow': 'stack underflow',
  'stack overflow': 'stack overflow',
  'invalid jump destination': 'invalid JUMP',
};
