import { configDefaults, defineConfig } from 'vitest/config';

/** Set by `.ci/run`: where a machine-readable report goes. */
const report = process.env.BRAID_REPORT;
/** `npm run conformance`: the official suites and what else is slow, instead of the rest. */
const isSlow = process.env.BRAID_SLOW === '1';
const slow = ['test/conformance/**/*.test.ts', 'test/**/*.slow.test.ts'];

export default defineConfig({
  test: {
    include: isSlow ? slow : ['test/**/*.test.ts'],
    exclude: isSlow ? configDefaults.exclude : [...configDefaults.exclude, ...slow],
    testTimeout: isSlow ? 900_000 : 120_000,
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
