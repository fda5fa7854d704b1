/**
 * Assertions of the official WebAssembly core suite through `check`, and a sample through `prove` and `verify`.
 *
 * Each assertion about an invocation is a program of its own (see `wasm-session.ts`), so what is checked and
 * proven is exactly what `wasm-core.test.ts` has run.
 */

import { describe, expect, it } from 'vitest';
import { check, prove } from '../../src/proving.ts';
import { verify } from '../../src/verifier.ts';
import { conformanceFile } from '../support/conformance.ts';
import type { Invocation } from '../support/wasm-session.ts';
import { runCoreSuite } from '../support/wasm-suite.ts';

const CHECKED = 2000;
const PROVEN = 40;
const SEED = 20_260_301;

interface Job extends Invocation {
  readonly name: string;
}

/** The first `count` of the jobs in an order that the seed decides (a linear congruential shuffle). */
function sample(jobs: readonly Job[], count: number): Job[] {
  const shuffled = [...jobs];
  let state = SEED;
  for (let i = shuffled.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const k = state % (i + 1);
    [shuffled[i], shuffled[k]] = [shuffled[k]!, shuffled[i]!];
  }
  return shuffled.slice(0, count);
}

const tarball = conformanceFile('wasm/core-2.0.tar.gz');

describe.skipIf(tarball === undefined)('the WebAssembly 2.0 core suite', () => {
  const integers: Job[] = [];
  const twins: Job[] = [];
  if (tarball !== undefined) {
    runCoreSuite(tarball, {
      onInvocation: ({ file }, line, invocation, kind) => {
        (kind === 'integer' ? integers : twins).push({ ...invocation, name: `${file}:${line}` });
      },
    });
  }
  const checked = [...integers, ...sample(twins, Math.max(0, CHECKED - integers.length))];

  it(`holds through check for ${CHECKED} assertions`, async () => {
    expect(checked).toHaveLength(CHECKED);
    const failures: string[] = [];
    for (const { name, program, request, outcome } of checked) {
      const result = await check(program, request!);
      if (!result.ok) failures.push(`${name}: ${result.failures[0]}`);
      if (result.execution.status !== outcome.statusText) failures.push(`${name}: another outcome`);
    }
    expect(failures).toEqual([]);
  }, 3_600_000);

  it(`is proven and verified at P100 for ${PROVEN} assertions`, async () => {
    const failures: string[] = [];
    for (const { name, program, request, outcome } of sample(checked, PROVEN)) {
      const { proof } = await prove(program, request!);
      const verdict = await verify(proof, {
        program,
        expect: {
          invoked: request!.invoke,
          arguments: request!.arguments,
          status: outcome.statusText,
          results: outcome.results,
        },
      });
      if (!verdict.ok) failures.push(`${name}: ${JSON.stringify(verdict.rejection)}`);
    }
    expect(failures).toEqual([]);
  }, 7_200_000);
});
