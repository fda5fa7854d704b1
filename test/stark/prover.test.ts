import { beforeAll, describe, expect, it } from 'vitest';
import { checkTrace } from '../../src/stark/air/check.ts';
import { FORMAT_VERSION } from '../../src/stark/binding.ts';
import { commitConstants } from '../../src/stark/constants.ts';
import { blake3 } from '../../src/stark/hash/blake3.ts';
import { digestToHex } from '../../src/stark/hash/digest.ts';
import { profiles } from '../../src/stark/parameters.ts';
import { proveInstance } from '../../src/stark/prover.ts';
import type { System } from '../../src/stark/system.ts';
import { verifyInstance } from '../../src/stark/verifier.ts';
import { createExample, createSystem } from '../support/synthetic.ts';

let system: System;

beforeAll(async () => {
  system = createSystem((await commitConstants(createSystem())).root);
});

describe('a proof of an honest trace', () => {
  const shapes = [
    { name: 'tables of many heights', squareLogRows: [5, 4] },
    { name: 'a single table of each chip', squareLogRows: [4] },
    { name: 'several tables of one height', squareLogRows: [5, 5, 4, 4] },
    { name: 'blocks of more than 1024 rows', squareLogRows: [11] },
    { name: 'no table of a chip', squareLogRows: [6], lonelyLogRows: 0 },
    { name: 'the tallest table has no interactions', squareLogRows: [4], lonelyLogRows: 10 },
  ];
  for (const { name, ...shape } of shapes) {
    it(`is accepted: ${name}`, async () => {
      const { instance, trace } = createExample({ system, ...shape });
      expect(checkTrace(instance, trace)).toEqual({ ok: true });
      const bytes = await proveInstance(instance, trace, profiles.test);
      const verdict = verifyInstance(instance, bytes, { profile: 'test' });
      expect(verdict).toMatchObject({ ok: true, bindingRound: 'query' });
    });
  }

  // Profiles promise their bits only for tables of some height: the rate of a low table is worse.
  for (const name of ['P100', 'P128'] as const) {
    it(`is accepted under ${name} and worth its bits`, async () => {
      const { instance, trace } = createExample({ system, fibonacciLogRows: 12 });
      const bytes = await proveInstance(instance, trace, profiles[name]);
      const verdict = verifyInstance(instance, bytes);
      expect(verdict).toMatchObject({ ok: true });
      expect(verdict.ok && verdict.provenBits).toBeGreaterThanOrEqual(profiles[name].bits);
    });
  }

  it('has the bytes of format version 1', async () => {
    // Fails whenever a proof changes: then change FORMAT_VERSION too, since old proofs are refused.
    const { instance, trace } = createExample({ system });
    const bytes = await proveInstance(instance, trace, profiles.test);
    expect(FORMAT_VERSION).toBe(1);
    expect(digestToHex(blake3(bytes))).toMatchInlineSnapshot(
      `"03c01d8a1581f529ed353c8cf15c3e6ff9ea5c8bdf6f864cf26749432502027b"`,
    );
  });

  it('is the same whenever it is made', async () => {
    const { instance, trace } = createExample({ system });
    const first = await proveInstance(instance, trace, profiles.test);
    expect(await proveInstance(instance, trace, profiles.test)).toEqual(first);
  });
});

describe('the prover', () => {
  it('reports its phases in order and stops when asked', async () => {
    const { instance, trace } = createExample({ system });
    const phases: string[] = [];
    await proveInstance(instance, trace, profiles.test, {
      onProgress: ({ phase, fraction }) => {
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThanOrEqual(1);
        if (phases.at(-1) !== phase) phases.push(phase);
      },
    });
    expect(phases).toEqual(['commit', 'logup', 'constraints', 'deep', 'fri', 'queries']);

    const controller = new AbortController();
    const stopped = proveInstance(instance, trace, profiles.test, {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'constraints') controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('refuses a system whose constant root is wrong', async () => {
    const wrong = { ...system, constantRoot: new Uint8Array(32) };
    const { instance, trace } = createExample({ system: wrong });
    await expect(proveInstance(instance, trace, profiles.test)).rejects.toThrow('constant root');
  });

  it('refuses tables that no verifier would lay out', async () => {
    const { instance, trace } = createExample({ system });
    const reversed = { tables: [...trace.tables].reverse() };
    await expect(proveInstance(instance, reversed, profiles.test)).rejects.toThrow('order');
  });
});
