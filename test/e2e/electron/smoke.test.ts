import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findElectron, hasDisplay } from '../../../main/demo/electron-program.ts';
import { ensureAllBuilt } from '../../../scripts/build.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const program = findElectron(root, process.env);
const missing =
  program === null
    ? 'Electron’s program is not on this machine (npx install-electron fetches it)'
    : hasDisplay(process.platform, process.env)
      ? null
      : 'this machine has no display for an Electron window';

let folder = '';
let app: ElectronApplication;
let page: Page;

beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

beforeAll(async () => {
  if (missing !== null || program === null) return;
  await ensureAllBuilt();
  folder = await mkdtemp(join(tmpdir(), 'komis-electron-'));
  app = await _electron.launch({
    executablePath: program,
    args: [
      // Chromium refuses to run as root with its sandbox; tests in containers are.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      join(root, 'dist', 'main', 'electron.mjs'),
      '--data-dir',
      folder,
    ],
  });
  page = await app.firstWindow();
});

afterAll(async () => {
  if (missing !== null) return;
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

test('the window shows our page, over a line to the core host', async () => {
  expect(page.url()).toBe('ipw://app/');
  // A workstation that nobody enrolled asks for its code: that state came over the line.
  await expect.poll(() => page.locator('input').count()).toBeGreaterThan(0);
  await page.reload();
  await expect.poll(() => page.locator('input').count()).toBeGreaterThan(0);
});

test('the page has nothing of Node and nothing of Electron', async () => {
  const seen = await page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
  );
  expect(seen).toEqual([]);
});

test('the page cannot leave, open windows, ask for devices or connect elsewhere', async () => {
  expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true);
  await page.evaluate(() => {
    window.location.href = 'https://example.com/?next=ipw://app/';
  });
  await page.waitForTimeout(300);
  expect(page.url()).toBe('ipw://app/');
  expect(
    await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state),
  ).toBe('denied');
  const reached = await page.evaluate(() =>
    fetch('http://127.0.0.1:9/').then(String, (error: unknown) => String(error)),
  );
  expect(reached).toContain('Failed to fetch');
});

test('the core host is started again when it dies, and the window finds it', async () => {
  const pids = (): Promise<number[]> =>
    app.evaluate(({ app: electron }) =>
      electron
        .getAppMetrics()
        .filter((metric) => metric.type === 'Utility' && metric.name === 'KOMIS core host')
        .map((metric) => metric.pid),
    );
  const [before] = await pids();
  if (before === undefined) throw new Error('there is no core host');
  process.kill(before, 'SIGKILL');
  await expect.poll(async () => (await pids())[0] ?? before, { timeout: 15_000 }).not.toBe(before);
  await expect.poll(() => page.locator('input').count(), { timeout: 15_000 }).toBeGreaterThan(0);
});
