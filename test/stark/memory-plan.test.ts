import { beforeAll, describe, expect, it } from 'vitest';
import { machine } from '../../src/isa/machine.ts';
import { commitConstants } from '../../src/stark/constants.ts';
import { withEngine } from '../../src/stark/engines.ts';
import { kernelEngine } from '../../src/stark/kernel/engine.ts';
import { memoryOf } from '../../src/stark/memory-plan.ts';
import { profiles } from '../../src/stark/parameters.ts';
import { proveInstance } from '../../src/stark/prover.ts';
import type { Instance, System } from '../../src/stark/system.ts';
import { createExample, createSystem } from '../support/synthetic.ts';

let system: System;

beforeAll(async () => {
  system = createSystem((await commitConstants(createSystem())).root);
});

describe('the memory plan', () => {
  const shapes = [
    { fibonacciLogRows: 6 },
    { fibonacciLogRows: 13 },
    { squareLogRows: [12, 12, 10] },
    { squareLogRows: [5], lonelyLogRows: 14 },
  ];
  it.each(shapes)('is enough for a proof, and not far from what it takes: %o', async (shape) => {
    for (const name of ['P100', 'P128'] as const) {
      const { instance, trace } = createExample({ system, ...shape });
      const { bytes, rows } = memoryOf(instance, profiles[name], trace.tables);
      await proveInstance(instance, trace, profiles[name]);
      const { peakBytes } = (await kernelEngine())!;
      expect(peakBytes).toBeLessThanOrEqual(bytes);
      // What is planned beyond is some megabytes, and less than half of all.
      expect(bytes - peakBytes).toBeLessThan(6e6 + peakBytes);
      expect(rows).toBe(trace.tables.reduce((sum, { logRows }) => sum + 2 ** logRows, 0));
    }
  });

  it('refuses what cannot fit before anything is computed, and says how many rows would', async () => {
    const chip = machine.chips.find(({ name }) => name === 'wide-modular')!;
    const instance = { system: { ...machine, chips: [chip] }, fixedTables: new Map() };
    const tables = [{ chip, logRows: 22 }];
    const plan = memoryOf(instance as unknown as Instance, profiles.P100, tables);
    let isUsed = false;
    const refused = withEngine(plan, {}, async () => {
      isUsed = true;
    });
    await expect(refused).rejects.toThrow(
      /trace: its 4194304 rows need \d+ MiB of the \d+ MiB that one proof can have; about \d+ rows/,
    );
    const tall = { ...plan, bytes: 1, logSize: 25 };
    await expect(withEngine(tall, {}, async () => {})).rejects.toThrow(
      'trace: its tallest table has 16777216 rows; one proof can have 8388608',
    );
    expect(isUsed).toBe(false);
    // The next one is not disturbed.
    const { instance: small, trace } = createExample({ system });
    await expect(proveInstance(small, trace, profiles.test)).resolves.toBeInstanceOf(Uint8Array);
  });

  it('refuses a count of threads that is none', async () => {
    const { instance, trace } = createExample({ system });
    for (const threads of [0, -1, 1.5, 65, Number.NaN]) {
      const refused = proveInstance(instance, trace, profiles.test, { threads });
      await expect(refused).rejects.toThrow(/threads: expected 1 to 64/);
    }
  });
});
