import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated, readSpecPages } from './support/spec-pages.ts';

/** `npm run spec` sets it: then stale pages are written anew, and the tests pass. */
const isWriting = process.env.BRAID_WRITE_SPEC === '1';

describe('the specification', () => {
  const pages = readSpecPages();

  it.each(pages.map((page) => [basename(page.path), page] as const))(
    'has current generated parts in %s',
    (_, page) => {
      if (isWriting && page.text !== page.fresh) writeFileSync(page.path, page.fresh);
      expect(isWriting ? page.fresh : page.text).toBe(page.fresh);
    },
  );

  it('has every generated part in one place', () => {
    const found = pages.flatMap(({ parts }) => parts).sort();
    expect(found).toEqual(Object.keys(generated).sort());
  });

  it('points to nothing outside the repository', () => {
    const outside = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)#]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => /^(\/|\.\.\/\.\.\/)/.test(target))
        .map((target) => `${basename(path)}: ${target}`),
    );
    expect(outside).toEqual([]);
  });
});
