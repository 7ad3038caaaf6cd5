import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeCheckout, type Checkout } from './testing/checkout.ts';

const root = resolve(import.meta.dirname, '..');

/** A checkout with a vitest of its own, whose only tests are the ones given, and nothing to build. */
function checkoutWith(tests: Readonly<Record<string, string>>): Checkout {
  const checkout = makeCheckout({ nodeModules: true });
  cpSync(join(root, 'vitest.config.ts'), join(checkout.root, 'vitest.config.ts'));
  checkout.write({ 'scripts/build.ts': '', ...tests });
  return checkout;
}

interface Ended {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

const npmTest = (checkout: Checkout, path: string | undefined, ...args: string[]): Ended =>
  runTestScript(checkout, path, '--no-system', ...args);

function runTestScript(checkout: Checkout, path: string | undefined, ...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], {
    cwd: checkout.root,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...(path === undefined ? {} : { PATH: path }),
      VITEST: undefined,
      NO_COLOR: '1',
    },
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

const passing = `import { expect, test } from 'vitest'; test('adds', () => expect(1 + 1).toBe(2));`;

test('ends with the counts, and tells vitest which tests to run', () => {
  using checkout = checkoutWith({ 'a/good.test.ts': passing, 'b/other.test.ts': passing });
  const all = npmTest(checkout, undefined, 'a/', 'b/');
  expect(all.lines.at(-1)).toBe('2 passed, 0 failed, 0 skipped');
  expect(all.status).toBe(0);
  expect(npmTest(checkout, undefined, 'a/').lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
});

test('a failed test, a file that does not load, a worker that dies and an empty run are failures', () => {
  using checkout = checkoutWith({
    'a/good.test.ts': passing,
    'b/bad.test.ts': `import { expect, test } from 'vitest'; test('adds', () => expect(1 + 1).toBe(3));`,
    'c/broken.test.ts': `import './gone.ts';`,
    'd/dies.test.ts': `import { test } from 'vitest'; test('dies', () => process.kill(process.pid, 'SIGKILL'));`,
  });
  const bad = npmTest(checkout, undefined, 'a/', 'b/');
  expect(bad.lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  expect(bad.status).not.toBe(0);
  const broken = npmTest(checkout, undefined, 'a/', 'c/');
  expect(broken.lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  expect(broken.status).not.toBe(0);
  const died = npmTest(checkout, undefined, 'd/');
  expect(died.lines.at(-1)).toMatch(/^0 passed, [1-9]\d* failed, 0 skipped$/);
  expect(died.status).not.toBe(0);
  const none = npmTest(checkout, undefined, 'nowhere/');
  expect(none.lines.at(-1)).toBe('0 passed, 0 failed, 0 skipped');
  expect(none.status).not.toBe(0);
});

test('names what the machine lacks, what that leaves out, and the tests it skipped for it', () => {
  using checkout = checkoutWith({
    'a/looks.test.ts': `import { expect, test } from 'vitest'; import { needs } from '../scripts/needs.ts';
      test('looks', (context) => { expect(needs(context, 'pdftoppm')).toContain('pdftoppm'); });`,
    'a/good.test.ts': passing,
  });
  mkdirSync(join(checkout.root, 'bin'));
  const bare = npmTest(checkout, join(checkout.root, 'bin'), 'a/');
  expect(bare.stderr).toContain(
    'pdftoppm (Debian package poppler-utils) is missing: --no-system was given. Left out: ',
  );
  expect(bare.lines.slice(-3)).toEqual([
    'skipped: pdftoppm is missing (Debian package poppler-utils): --no-system was given',
    '  a/looks.test.ts > looks',
    '1 passed, 0 failed, 1 skipped',
  ]);
  expect(bare.status).toBe(0);

  symlinkSync('/bin/true', join(checkout.root, 'bin/pdftoppm'));
  const equipped = npmTest(checkout, join(checkout.root, 'bin'), 'a/');
  expect(equipped.stderr).not.toContain('pdftoppm');
  expect(equipped.lines.at(-1)).toBe('2 passed, 0 failed, 0 skipped');
});

test('as root on Debian, installs what is missing with apt-get, and says so first', (context) => {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) context.skip('only for root on Debian');
  using checkout = checkoutWith({
    'a/looks.test.ts': `import { expect, test } from 'vitest'; import { needs } from '../scripts/needs.ts';
      test('looks', (context) => { expect(needs(context, 'xmllint')).toContain('xmllint'); });`,
    // It brings one of the packages, and cannot bring the others.
    'bin/apt-get': `#!/bin/sh
      PATH=/usr/bin:/bin
      echo "$@" >> apt.log
      case "$1" in install) ln -s /bin/true bin/xmllint; exit 100;; esac`,
  });
  const path = join(checkout.root, 'bin');
  const ended = runTestScript(checkout, path, 'a/');
  expect(ended.stderr).toContain(
    'installing the system packages that tests need: chromium poppler-utils libxml2-utils',
  );
  expect(ended.stderr).toContain('apt-get install failed (100)');
  expect(ended.stderr).toContain(
    'chromium (Debian package chromium) is missing: apt-get did not bring it. Left out: ',
  );
  expect(ended.lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  const asked = readFileSync(join(checkout.root, 'apt.log'), 'utf8').trim().split('\n');
  expect(asked.map((line) => line.split(' ')[0])).toEqual(['--version', 'update', 'install']);
});
