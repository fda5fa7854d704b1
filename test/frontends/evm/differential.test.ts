/**
 * Lowered code against `@ethereumjs/evm`: status, return data and gas left agree on random programs.
 *
 * Each program runs with ample gas, then with the gas it used, one less, and two random amounts below, so that
 * out of gas comes at every place. A case is one run on both sides.
 */

import type { EVM } from '@ethereumjs/evm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import { createReference, runReference, testEnvironment } from '../../support/ethereumjs.ts';
import { byteSoup, callData, structuredProgram } from '../../support/evm-programs.ts';
import { runEvm } from '../../support/evm-run.ts';

const AMPLE_GAS = 60_000n;

let reference: EVM;
let cases = 0;

beforeAll(async () => {
  reference = await createReference();
});

/** Runs both sides on each gas limit and compares. */
async function agree(code: Uint8Array, data: Uint8Array, shares: readonly number[]): Promise<void> {
  const program = compileEvm(code);
  const compare = async (gas: bigint): Promise<bigint> => {
    const expected = await runReference(reference, code, gas, data);
    const actual = runEvm(program, { gas, data, environment: testEnvironment });
    cases++;
    const isUnsupported = expected.status === 'unsupported';
    expect({
      status: actual.status,
      gasLeft: isUnsupported ? 0n : actual.gasLeft,
      output: hex(actual.output),
      opcode: isUnsupported ? `${actual.reason}` : '',
      detail: expected.detail,
    }).toEqual({
      status: expected.status,
      gasLeft: isUnsupported ? 0n : expected.gasLeft,
      output: hex(expected.output),
      opcode: isUnsupported ? expected.detail : '',
      detail: expected.detail,
    });
    return isUnsupported ? gas : gas - expected.gasLeft;
  };
  const used = await compare(AMPLE_GAS);
  if (used > 0n && used < AMPLE_GAS) {
    await compare(used);
    await compare(used - 1n);
  }
  for (const share of shares) await compare((used * BigInt(share)) / 1000n);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const share = fc.integer({ min: 0, max: 999 });

describe('lowered code and @ethereumjs/evm agree', () => {
  it('on structured programs', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(structuredProgram, callData, share, share, (code, data, first, second) =>
        agree(code, data, [first, second]),
      ),
      { numRuns: 2600, seed: 20_240_611 },
    );
  });

  it('on soup of bytes', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(byteSoup, callData, share, (code, data, first) =>
        agree(code, data, [first]),
      ),
      { numRuns: 5500, seed: 7 },
    );
  });

  afterAll(() => {
    expect(cases).toBeGreaterThanOrEqual(20_000);
  });
});
