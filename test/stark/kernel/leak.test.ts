import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { commitConstants } from '../../../src/stark/constants.ts';
import { kernelEngine } from '../../../src/stark/kernel/engine.ts';
import { profiles } from '../../../src/stark/parameters.ts';
import { proveInstance } from '../../../src/stark/prover.ts';
import { createExample, createSystem } from '../../support/synthetic.ts';

/** What is still reachable, in bytes. */
function held(collect: () => void): number {
  collect();
  const { external, heapUsed } = process.memoryUsage();
  return external + heapUsed;
}

describe('100 proofs in one process', () => {
  it('take no more memory than ten, and the threads of one', async () => {
    const system = createSystem((await commitConstants(createSystem())).root);
    const { instance, trace } = createExample({ system, fibonacciLogRows: 10 });
    const first = await proveInstance(instance, trace, profiles.test, { threads: 2 });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const engine = (await kernelEngine())!;
    let early = 0;
    let bytes = 0;
    for (let i = 0; i < 100; i++) {
      const proof = await proveInstance(instance, trace, profiles.test, { threads: 2 });
      if (i % 25 === 0) expect(proof).toEqual(first);
      if (i === 10) {
        early = held(collect);
        bytes = engine.memoryBytes;
      }
    }
    expect(engine.memoryBytes).toBe(bytes);
    expect(engine.threads).toBe(2);
    // A proof of this kind takes 5 MB of arrays; compiled code may come and go.
    expect(held(collect) - early).toBeLessThan(5e6);
  });
});
