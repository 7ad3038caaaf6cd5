import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clusterFolder, runnableHome } from './postgres-files.ts';

/** Somebody who is neither us nor of our group: what `postgres` is to root. */
const stranger = { uid: 64_001, gid: 64_001 };

const systemTemporary = tmpdir();

let folder: string;
beforeAll(() => {
  mkdirSync(join(import.meta.dirname, '..', '..', '.cache'), { recursive: true });
  folder = mkdtempSync(join(import.meta.dirname, '..', '..', '.cache', 'komis-reach-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'closed', 'home', 'bin'), { recursive: true });
  mkdirSync(join(folder, 'closed', 'home', 'lib'));
  writeFileSync(join(folder, 'closed', 'home', 'bin', 'postgres'), 'program');
  symlinkSync('libpq.so.5.18', join(folder, 'closed', 'home', 'lib', 'libpq.so.5'));
  chmodSync(join(folder, 'closed'), 0o700);
  // The checkout may itself lie among the temporary folders, which are opened for passing through.
  mkdirSync(join(folder, 'temporary'));
  vi.stubEnv('TMPDIR', join(folder, 'temporary'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('a cluster that runs as ourselves lies in its data folder', () => {
  expect(clusterFolder({}, join(folder, 'closed', 'own', 'pg'), join(folder, 'system'))).toBe(
    join(folder, 'closed', 'own', 'pg'),
  );
});

test('under a closed folder the cluster lies elsewhere, each data folder’s in its own place, and stays there', () => {
  const system = join(folder, 'system');
  const wanted = (name: string): string => join(folder, 'closed', name, 'pg');
  const [a, again, b] = ['a', 'a', 'b'].map((name) => clusterFolder(stranger, wanted(name), system));
  expect(a?.startsWith(`${system}/data-`)).toBe(true);
  expect(again).toBe(a);
  expect(b).not.toBe(a);
  chmodSync(join(folder, 'closed'), 0o755);
  expect(clusterFolder(stranger, wanted('a'), system)).toBe(a);
  mkdirSync(wanted('c'), { recursive: true });
  chmodSync(join(folder, 'closed'), 0o700);
  expect(() => clusterFolder(stranger, wanted('c'), system)).toThrow(/cannot enter/);
});

test('a private folder among the temporary ones is opened for passing through, so that everything stays in it', () => {
  vi.stubEnv('TMPDIR', systemTemporary);
  const own = mkdtempSync(join(tmpdir(), 'komis-reach-'));
  try {
    const wanted = join(own, 'deep', 'centre', 'pg');
    expect(clusterFolder(stranger, wanted, join(folder, 'system'))).toBe(wanted);
    expect(statSync(own).mode & 0o777).toBe(0o711);
  } finally {
    rmSync(own, { recursive: true, force: true });
    vi.stubEnv('TMPDIR', join(folder, 'temporary'));
  }
});

test('programs under a closed folder are copied once to where they can be run, links and all', () => {
  const system = join(folder, 'system');
  const home = join(folder, 'closed', 'home');
  expect(runnableHome({}, home, system)).toBe(home);
  const copy = runnableHome(stranger, home, system);
  expect(copy.startsWith(`${system}/postgres-`)).toBe(true);
  expect(readFileSync(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program');
  expect(readlinkSync(join(copy, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
  expect(runnableHome(stranger, home, system)).toBe(copy);
});
