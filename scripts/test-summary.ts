import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What `npm test` prints after the run. */
export interface TestSummary {
  readonly passed: number;
  /** Tests that failed, and files and hooks that failed outside any test. */
  readonly failed: number;
  readonly skipped: number;
  /** Each skipped test and why, in the order of the files. */
  readonly skips: readonly { readonly test: string; readonly reason: string }[];
}

/** Writes the summary of a run to a file when the run has ended; no file means that it did not end. */
export function summaryTo(path: string): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const summary = summarise(modules, unhandledErrors.length);
      writeFileSync(path, JSON.stringify(summary));
    },
  };
}

function summarise(modules: readonly TestModule[], unhandledErrors: number): TestSummary {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
  const outside = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const failedOutside = outside.filter((one) => one.errors().length > 0).length;
  return {
    passed: inState('passed').length,
    // A test still pending at the end never ran: its worker died.
    failed: inState('failed').length + inState('pending').length + failedOutside + unhandledErrors,
    skipped: inState('skipped').length,
    skips: inState('skipped').map((test) => ({
      test: `${test.module.relativeModuleId} > ${test.fullName}`,
      reason: reasonOf(test),
    })),
  };
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  if (note) return note;
  return test.options.mode === 'todo' ? 'not written yet' : 'no reason given, or left out by a filter';
}
