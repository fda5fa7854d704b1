/**
 * Where the official suites are kept: beside the clone, or where BRAID_CONFORMANCE says. They are no part
 * of the repository; what needs them is skipped, with a line that says so, where they are absent.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The full path of a file of the suites; `undefined`, and a line on standard error, if it is absent. */
export function conformanceFile(path: string): string | undefined {
  const folder = process.env.BRAID_CONFORMANCE ?? '../shared/conformance';
  const file = join(resolve(root, folder), path);
  if (existsSync(file)) return file;
  process.stderr.write(`skipped: ${file} is absent (BRAID_CONFORMANCE names another folder)\n`);
  return undefined;
}
