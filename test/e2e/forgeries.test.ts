/**
 * Lies across rows, each told over the whole trace before anything is committed. What a lie breaks is
 * named rule by rule: without that rule it would pass. `spec/10-soundness.md` says which rule is which.
 * Here a few are proven too; `forgeries.slow.test.ts` proves the others.
 */

import { describe, expect, it } from 'vitest';
import { check, prove } from '../../src/proving.ts';
import { verify } from '../../src/verifier.ts';
import { forgeries, honestTrace, tell, verdictOn } from '../support/all-forgeries.ts';
import { stageProgram, stageRequest } from '../support/forgery-stage.ts';

describe('the honest trace', () => {
  it('satisfies every rule, also after the order and the counts are computed anew', () => {
    const untouched = honestTrace();
    expect(untouched.brokenRules()).toEqual([]);
    untouched.reorder();
    untouched.recount();
    expect(untouched.brokenRules()).toEqual([]);
  });
});

describe('a forged trace breaks the rules against it', () => {
  it.each(forgeries)('$name', (forgery) => {
    expect(forgery.breaks.length).toBeGreaterThan(0);
    const [broken, breaks] = [tell(forgery).brokenRules(), [...forgery.breaks].sort()];
    expect(broken).toEqual(forgery.breaksMore ? expect.arrayContaining(breaks) : breaks);
  });
});

describe('a forged trace is refused when it is proven', () => {
  const names = [
    'a prefix of a run, with the end put behind it',
    'a read of what nobody wrote, closed by refreshes once around the field',
    'a cell with two rows',
  ];
  it.each(forgeries.filter(({ name }) => names.includes(name)))('$name', async (forgery) => {
    expect(await verdictOn(forgery)).toBe('bus-balance');
  });
});

describe('the hook of check and prove', () => {
  const program = stageProgram();
  const mutateTrace = (tables: readonly { columns: readonly Uint32Array[] }[]): void => {
    const cells = tables[0]!.columns[1]!;
    cells[0] = 1 - cells[0]!;
  };

  it('spoils the trace of a check', async () => {
    const checked = await check(program, stageRequest, { mutateTrace });
    expect(checked.ok).toBe(false);
    expect(checked.failures.length).toBeGreaterThan(0);
  });

  it('spoils the trace of a proof', async () => {
    const { proof } = await prove(program, stageRequest, { profile: 'test', mutateTrace });
    expect(await verify(proof, { program, profile: 'test' })).toMatchObject({ ok: false });
  });
});
