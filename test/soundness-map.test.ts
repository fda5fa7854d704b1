/** `spec/10-soundness.md` names tests that exist, and leaves out no section of rules and no class of bugs. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { forgeries } from './support/all-forgeries.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = readFileSync(join(root, 'spec/10-soundness.md'), 'utf8');
/** A file in backquotes, then a title in quotes. */
const reference = /`(test\/[^`]+\.ts)` "((?:[^"\\]|\\.)+)"/g;
const named = [...page.matchAll(reference)].map(([, file, title]) => ({
  file: file!,
  title: title!.replaceAll('\\"', '"'),
}));
const forged = new Set(forgeries.map(({ name }) => name));

/** Whether the file has a string or a table with that title. */
function hasTitle(file: string, title: string): boolean {
  if (!existsSync(join(root, file))) return false;
  if (file === 'test/e2e/forgeries.test.ts') return forged.has(title);
  const text = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
}

describe('the page on soundness', () => {
  it('names only tests that exist', () => {
    expect(named.length).toBeGreaterThan(100);
    const missing = named.filter(({ file, title }) => !hasTitle(file, title));
    expect(missing).toEqual([]);
  });

  it('has every section of rules and every class, each with a test or the reason why there is none', () => {
    const sections = page.split(/^## /m).slice(1);
    for (let number = 1; number <= 9; number++) {
      const section = sections.find((text) => text.startsWith(`${number}. `)) ?? '';
      expect(section, `section ${number}`).toMatch(/`test\/|Does not apply yet: /);
    }
    for (let number = 1; number <= 22; number++) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${number} | `)) ?? '';
      expect(row, `class ${number}`).toMatch(/`test\/|Does not apply yet: /);
    }
  });

  it('names every forgery, or another of its kind', () => {
    const used = new Set(named.map(({ title }) => title));
    const unnamed = forgeries.filter(({ name, isProven }) => isProven && !used.has(name));
    expect(unnamed.map(({ name }) => name)).toEqual([]);
  });
});
