import { describe, expect, it } from 'vitest';
import { check, prove } from '../../src/proving.ts';
import { verify } from '../../src/verifier.ts';
import { buildGuest, buildRuntime, linkOrThrow } from '../support/units.ts';

/** (a + b) - 7, called through the index table of the runtime. */
const program = linkOrThrow({
  // One result, besides what the runtime of the tests writes.
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

describe('a program from the builder to a verified proof', () => {
  it('checks', async () => {
    const checked = await check(program, {});
    expect(checked.failures).toEqual([]);
    expect(checked.execution.status).toBe('returned');
  });

  it('is proven and verified', async () => {
    const { proof, execution } = await prove(program, {}, { profile: 'test' });
    const verdict = await verify(proof, {
      program,
      profile: 'test',
      expect: { status: 'returned' },
    });
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok && verdict.statement.results).toEqual(execution.results);
  });
});
