/** Random EVM runs, however they end, satisfy every constraint and balance every bus. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileEvm } from '../../../src/frontends/evm/compile.ts';
import { check } from '../../../src/proving.ts';
import { testEnvironment } from '../../support/ethereumjs.ts';
import { byteSoup, callData, structuredProgram } from '../../support/evm-programs.ts';

const gas = fc.oneof(
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 400n }) },
  { weight: 1, arbitrary: fc.constant(3000n) },
);

it.each([
  { what: 'structured programs', programs: structuredProgram, count: 350 },
  { what: 'soup of bytes', programs: byteSoup, count: 150 },
])('$what', { timeout: 600_000 }, async ({ programs, count }) => {
  await fc.assert(
    fc.asyncProperty(programs, callData, gas, async (code, calldata, limit) => {
      const request = { calldata, gas: limit, environment: testEnvironment };
      const result = await check(compileEvm(code), request);
      expect(result.failures).toEqual([]);
      expect(result.ok).toBe(true);
    }),
    { numRuns: count, seed: 20 },
  );
});
