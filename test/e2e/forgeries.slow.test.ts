/** Every forgery that stands for its kind, proven and refused. */

import { describe, expect, it } from 'vitest';
import { forgeries, verdictOn } from '../support/all-forgeries.ts';

describe('a forged trace is refused when it is proven', () => {
  it.each(forgeries.filter(({ isProven }) => isProven))('$name', async (forgery) => {
    expect(['constraints', 'bus-balance']).toContain(await verdictOn(forgery));
  });
});
