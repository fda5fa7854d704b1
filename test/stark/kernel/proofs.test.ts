import { beforeAll, describe, expect, it } from 'vitest';
import { prove } from '../../../src/proving.ts';
import { commitConstants } from '../../../src/stark/constants.ts';
import { hasSimd, kernelEngine } from '../../../src/stark/kernel/engine.ts';
import { type ProfileName, profiles } from '../../../src/stark/parameters.ts';
import { proveInstance } from '../../../src/stark/prover.ts';
import type { System } from '../../../src/stark/system.ts';
import { createExample, createSystem } from '../../support/synthetic.ts';
import { buildGuest, buildRuntime, linkOrThrow } from '../../support/units.ts';

const profileNames: readonly ProfileName[] = ['test', 'P100', 'P128'];

let system: System;

beforeAll(async () => {
  system = createSystem((await commitConstants(createSystem())).root);
});

describe('the engine of kernels', () => {
  it('is there, and is one', async () => {
    expect(hasSimd()).toBe(true);
    const engine = await kernelEngine();
    expect(engine).toBeDefined();
    expect(await kernelEngine()).toBe(engine);
  });
});

describe('a proof has the same bytes with kernels and without', () => {
  const shapes = [
    { name: 'tables of many heights', squareLogRows: [5, 4] },
    { name: 'a single table of each chip', squareLogRows: [4] },
    { name: 'several tables of one height', squareLogRows: [5, 5, 4, 4] },
    { name: 'blocks of more than 1024 rows', squareLogRows: [11] },
    { name: 'no table of a chip', squareLogRows: [6], lonelyLogRows: 0 },
    { name: 'the tallest table has no interactions', squareLogRows: [4], lonelyLogRows: 10 },
    { name: 'columns of many blocks', squareLogRows: [4], fibonacciLogRows: 15 },
  ];
  for (const { name, ...shape } of shapes) {
    it(name, async () => {
      const { instance, trace } = createExample({ system, ...shape });
      const plain = await proveInstance(instance, trace, profiles.test, { kernels: 'plain' });
      const fast = await proveInstance(instance, trace, profiles.test, { kernels: 'auto' });
      expect(Buffer.compare(fast, plain)).toBe(0);
    });
  }

  it.each(profileNames)('a synthetic system under %s', async (name) => {
    const { instance, trace } = createExample({ system, fibonacciLogRows: 8 });
    const plain = await proveInstance(instance, trace, profiles[name], { kernels: 'plain' });
    const fast = await proveInstance(instance, trace, profiles[name], { kernels: 'auto' });
    expect(Buffer.compare(fast, plain)).toBe(0);
  });

  const program = linkOrThrow({
    runtime: buildRuntime((b) => {
      b.emit('move', 3, 1n);
      b.emit('st64', 3, 2, 32, 0, b.here());
    }),
    guests: [
      buildGuest((b) => {
        b.emit('move', 0, 0x1234_5678_9abc_def0n);
        b.emit('add', 0, 0, 0xffff_ffff_0000_0000n);
        b.emit('sub32', 0, 0, 7n);
        b.emit('return');
      }),
    ],
    exports: [{ name: 'main', parameters: [], results: ['i64'] }],
  });

  it.each(profileNames)('a program of the machine under %s', async (profile) => {
    const plain = await prove(program, {}, { profile, kernels: 'plain' });
    const fast = await prove(program, {}, { profile, kernels: 'auto' });
    expect(Buffer.compare(fast.proof, plain.proof)).toBe(0);
  });

  it.each([1, 2, 3, 7])('by %i threads', async (threads) => {
    const { instance, trace } = createExample({ system, squareLogRows: [5], fibonacciLogRows: 13 });
    const plain = await proveInstance(instance, trace, profiles.test, { kernels: 'plain' });
    const fast = await proveInstance(instance, trace, profiles.test, { threads });
    expect(Buffer.compare(fast, plain)).toBe(0);
  });

  it('in turns, when several are asked for at once', async () => {
    const { instance, trace } = createExample({ system, fibonacciLogRows: 8 });
    const plain = await proveInstance(instance, trace, profiles.test, { kernels: 'plain' });
    const options = [{ threads: 1 }, { threads: 2 }, {}];
    const proofs = await Promise.all(
      options.map((option) => proveInstance(instance, trace, profiles.test, option)),
    );
    for (const proof of proofs) expect(Buffer.compare(proof, plain)).toBe(0);
  });

  it('after one that was given up', async () => {
    const { instance, trace } = createExample({ system, fibonacciLogRows: 12 });
    const controller = new AbortController();
    const stopped = proveInstance(instance, trace, profiles.test, {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'logup') controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const plain = await proveInstance(instance, trace, profiles.test, { kernels: 'plain' });
    const fast = await proveInstance(instance, trace, profiles.test);
    expect(Buffer.compare(fast, plain)).toBe(0);
  });
});
