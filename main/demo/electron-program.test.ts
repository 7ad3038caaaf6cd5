import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findElectron, hasDisplay } from './electron-program.ts';

let root = '';
const folder = (): string => join(root, 'node_modules', 'electron');
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'komis-electron-'));
  await mkdir(join(folder(), 'dist'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

test('a package without its program has none', async () => {
  expect(findElectron(root, {})).toBeNull();
  await writeFile(join(folder(), 'path.txt'), 'electron');
  expect(findElectron(root, {})).toBeNull(); // named, but not there
});

test('the program is found where the package put it, or where it is said to be', async () => {
  await writeFile(join(folder(), 'path.txt'), 'electron\n');
  await writeFile(join(folder(), 'dist', 'electron'), '');
  expect(findElectron(root, {})).toBe(join(folder(), 'dist', 'electron'));
  expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'nowhere') })).toBeNull();
  const elsewhere = join(root, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'electron'), '');
  expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: elsewhere })).toBe(join(elsewhere, 'electron'));
});

test('a display', () => {
  expect(hasDisplay('linux', {})).toBe(false);
  expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true);
  expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  expect(hasDisplay('win32', {})).toBe(true);
});
