import { defineConfig } from 'vitest/config';
import { summaryTo } from './scripts/test-summary.ts';

const summary = process.env.KOMIS_TEST_SUMMARY;

/** Every test in the repository is one `*.test.ts`, beside what it tests or in test/ when it crosses folders. */
export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'dist/**', '.cache/**', '.data/**'],
    pool: 'forks',
    // Many tests start databases, browsers or child processes of their own; more workers only make them wait.
    maxWorkers: 2,
    // A guard against hanging and no measure: a machine under load may be many times slower.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
    reporters: summary === undefined ? ['default'] : ['default', summaryTo(summary)],
  },
});
