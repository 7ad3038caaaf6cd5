/**
 * npm test [-- [--no-system] vitest's own arguments]: sets up what is missing, system packages too where that is
 * possible, builds what the end-to-end tests load, runs every test, and ends with why tests were skipped and the counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode24 } from './node24.mjs';
import { ensureSetUp, root, SetUpError } from './set-up.mjs';
import { singleFlight } from './single-flight.mjs';
import { findProgram, systemPrograms, whyMissingVariable } from './system-programs.mjs';

/** @param {string} text */
const say = (text) => void process.stderr.write(`komis: ${text}\n`);

const mayInstall = !process.argv.includes('--no-system');
const args = process.argv.slice(2).filter((argument) => argument !== '--no-system');

try {
  await ensureSetUp();
  const why = await ensureSystemPrograms();
  process.exitCode = (await build()) || (await runTests(why));
} catch (error) {
  say(error instanceof SetUpError ? error.message : String(error));
  process.exitCode = 1;
}

/** The programs tests want and this machine lacks. */
function missing() {
  return systemPrograms.filter((one) => one.wantedBy === 'test' && findProgram(one.name) === undefined);
}

/**
 * Installs the missing system packages where we may, and says what is left out where we may not.
 * @returns {Promise<string>} why some are still missing; empty when none is
 */
async function ensureSystemPrograms() {
  if (missing().length === 0) return '';
  const debian = existsSync('/etc/debian_version') && spawnSync('apt-get', ['--version']).status === 0;
  let why = '--no-system was given';
  if (mayInstall && debian && process.getuid?.() === 0) {
    await singleFlight(join(root, '.cache', 'system.lock'), 'installing system packages', aptGet);
    why = 'apt-get did not bring it';
  } else if (mayInstall) {
    why = debian ? 'only root can install it' : 'this is not Debian; install it by hand';
  }
  const lacking = missing();
  for (const { name, package: from, leftOut } of lacking) {
    say(`${name} (Debian package ${from}) is missing: ${why}. Left out: ${leftOut}`);
  }
  return lacking.length === 0 ? '' : why;
}

function aptGet() {
  const packages = [...new Set(missing().map((one) => one.package))];
  if (packages.length === 0) return;
  say(`installing the system packages that tests need: ${packages.join(' ')}`);
  const options = {
    stdio: /** @type {['ignore', 2, 2]} */ (['ignore', 2, 2]),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const waitForOthers = ['-o', 'DPkg::Lock::Timeout=600', '-q'];
  const steps = [
    ['update', ...waitForOthers],
    ['install', '-y', '--no-install-recommends', ...waitForOthers, ...packages],
  ];
  for (const step of steps) {
    const { status } = spawnSync('apt-get', step, options);
    if (status !== 0) say(`apt-get ${step[0]} failed (${status}); its words are above`);
  }
}

/** End-to-end tests load the built renderer. */
async function build() {
  return runNode24([join(root, 'scripts', 'build.ts'), '--if-stale']);
}

/** @param {string} whyMissing @returns {Promise<number>} the exit code */
async function runTests(whyMissing) {
  const work = mkdtempSync(join(tmpdir(), 'komis-test-'));
  const file = join(work, 'summary.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const code = await runNode24([vitest, 'run', '--root', root, ...args], {
      KOMIS_TEST_SUMMARY: file,
      ...(whyMissing === '' ? {} : { [whyMissingVariable]: whyMissing }),
    });
    return report(code, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Prints why tests were skipped, and the counts as the last line.
 * @param {number} code vitest's exit code
 * @param {string} file where the summary should be
 */
function report(code, file) {
  const complete = existsSync(file);
  if (!complete) say(`vitest ended (${code}) without a result: the run is not complete`);
  /** @type {import('./test-summary.ts').TestSummary} */
  const { passed, failed, skipped, skips } = complete
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0, skips: [] };
  const none = passed + failed + skipped === 0;
  if (complete && none) say('no test ran');
  for (const reason of new Set(skips.map((one) => one.reason))) {
    console.log(`skipped: ${reason}`);
    for (const { test } of skips.filter((one) => one.reason === reason)) console.log(`  ${test}`);
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return code === 0 && (failed > 0 || none || !complete) ? 1 : code;
}
