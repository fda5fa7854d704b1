import { beforeAll, describe, expect, it, vi } from 'vitest';
import { commitConstants } from '../../../src/stark/constants.ts';
import type { KernelEngine } from '../../../src/stark/kernel/engine.ts';
import { profiles } from '../../../src/stark/parameters.ts';
import type { System } from '../../../src/stark/system.ts';
import { createExample, createSystem } from '../../support/synthetic.ts';

let system: System;
let engine: KernelEngine;
let proveInstance: typeof import('../../../src/stark/prover.ts').proveInstance;

beforeAll(async () => {
  system = createSystem((await commitConstants(createSystem())).root);
  // As in a page that is not isolated from others.
  vi.stubGlobal('SharedArrayBuffer', undefined);
  ({ proveInstance } = await import('../../../src/stark/prover.ts'));
  const { kernelEngine } = await import('../../../src/stark/kernel/engine.ts');
  engine = (await kernelEngine())!;
});

describe('without shared memory', () => {
  it('one thread makes the same proofs, its memory growing from one to the next', async () => {
    let before = 0;
    for (const fibonacciLogRows of [6, 12, 8, 14]) {
      const { instance, trace } = createExample({ system, fibonacciLogRows });
      const plain = await proveInstance(instance, trace, profiles.P128, { kernels: 'plain' });
      const fast = await proveInstance(instance, trace, profiles.P128, { threads: 2 });
      expect(Buffer.compare(fast, plain)).toBe(0);
      expect(engine.threads).toBe(1);
      expect(engine.memoryBytes).toBeGreaterThanOrEqual(before);
      before = engine.memoryBytes;
    }
  });
});
