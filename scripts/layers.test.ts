import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { checkLayering, importsOf } from './layering.ts';
import { judge, packages, zones } from './layers.ts';

const root = resolve(import.meta.dirname, '..');

const allowed = (file: string, specifier: string, typeOnly = false): boolean =>
  judge({ file, line: 1, specifier, typeOnly }) === undefined;

test('folders import only what the table of the design allows', () => {
  expect(allowed('contracts/rules/fees.ts', '../money.ts')).toBe(true);
  expect(allowed('contracts/money.ts', '../server/db/pool.ts')).toBe(false);
  expect(allowed('core/payment/machine.ts', '../../contracts/money.ts')).toBe(true);
  expect(allowed('core/payment/machine.ts', '../../native-bridges/journal/open.ts')).toBe(false);
  expect(allowed('native-bridges/journal/open.ts', '../../core/ports/journal.ts')).toBe(true);
  expect(allowed('native-bridges/journal/open.ts', '../../core/payment/machine.ts')).toBe(false);
  expect(allowed('native-bridges/journal/open.ts', '../replica/open.ts')).toBe(false);
  expect(allowed('native-bridges/journal/open.ts', './lock.ts')).toBe(true);
  expect(allowed('main/core-host/main.ts', '../../core/ports/journal.ts')).toBe(true);
  expect(allowed('main/core-host/main.ts', '../../server/http/app.ts')).toBe(false);
  expect(allowed('main/loopback/main.ts', '../electron/window.ts')).toBe(false);
  expect(allowed('main/electron/main.ts', '../core-host/spawn.ts')).toBe(true);
  expect(allowed('main/demo/start.ts', '../../scripts/build.ts')).toBe(true);
  expect(allowed('main/core-host/main.ts', '../../scripts/build.ts')).toBe(false);
  expect(allowed('preload/preload.ts', '../contracts/rpc/frame.ts', true)).toBe(true);
  expect(allowed('preload/preload.ts', '../contracts/rpc/frame.ts')).toBe(false);
  expect(allowed('renderer/src/app.tsx', '../../core/ports/journal.ts', true)).toBe(false);
  expect(allowed('server/http/app.ts', '../../core/payment/machine.ts')).toBe(false);
  expect(allowed('test/e2e/sale.test.ts', '../../server/http/app.ts')).toBe(true);
});

test('packages are imported only where they belong, and an unlisted one nowhere', () => {
  expect(allowed('main/electron/main.ts', 'electron')).toBe(true);
  expect(allowed('main/core-host/main.ts', 'electron', true)).toBe(false);
  expect(allowed('server/http/app.ts', 'express')).toBe(true);
  expect(allowed('main/loopback/main.ts', 'express')).toBe(false);
  expect(allowed('native-bridges/journal/open.ts', 'better-sqlite3')).toBe(true);
  expect(allowed('native-bridges/printer/print.ts', 'better-sqlite3')).toBe(false);
  expect(allowed('renderer/src/app.tsx', 'react/jsx-runtime')).toBe(true);
  expect(allowed('core/payment/machine.ts', 'react')).toBe(false);
  expect(allowed('server/http/app.ts', 'left-pad')).toBe(false);
});

test('contracts, core, preload and renderer do not use Node, their tests do', () => {
  expect(allowed('core/payment/machine.ts', 'node:crypto')).toBe(false);
  expect(allowed('core/payment/machine.test.ts', 'node:crypto')).toBe(true);
  expect(allowed('core/payment/machine.test.ts', 'vitest')).toBe(true);
  expect(allowed('core/payment/machine.ts', 'vitest')).toBe(false);
  expect(allowed('core/payment/machine.ts', './machine.test.ts')).toBe(false);
  expect(allowed('core/payment/machine.test.ts', '../../server/http/app.ts')).toBe(false);
});

test('every form of import is seen, with its line', () => {
  const source = [
    `import type { A } from './a.ts';`,
    `import { type B, c } from './b.ts';`,
    `import './c.css';`,
    `export * from './d.ts';`,
    `export type { E } from './e.ts';`,
    `const f = await import('./f.ts');`,
    `type G = import('./g.ts').G;`,
    `const h = require('crypto');`,
  ].join('\n');
  const seen = importsOf('core/x.ts', source).map((one) => [one.line, one.specifier, one.typeOnly]);
  expect(seen.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [1, './a.ts', true],
    [2, './b.ts', false],
    [3, './c.css', false],
    [4, './d.ts', false],
    [5, './e.ts', true],
    [6, './f.ts', false],
    [7, './g.ts', true],
    [8, 'node:crypto', false],
  ]);
  expect(() => importsOf('core/x.ts', 'import {')).toThrow('core/x.ts does not parse');
});

test('the repository keeps to the table', () => {
  const { files, imports, breaches } = checkLayering(root);
  expect(files).toBeGreaterThan(5);
  expect(imports).toBeGreaterThan(10);
  expect(breaches).toEqual([]);
});

test('every listed package is a dependency', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ dependencies: expect.any(Object), devDependencies: expect.any(Object) });
  const text = JSON.stringify(manifest);
  expect(Object.keys(packages).filter((name) => !text.includes(`"${name}":`))).toEqual([]);
});

test('the compiler refuses every import that the table forbids between folders, and no other', () => {
  const work = mkdtempSync(join(tmpdir(), 'komis-layers-'));
  try {
    for (const config of globSync(
      [
        'tsconfig*.json',
        '{contracts,core,native-bridges,main,preload,renderer,server,scripts,test}/**/tsconfig*.json',
      ],
      { cwd: root },
    )) {
      mkdirSync(dirname(join(work, config)), { recursive: true });
      cpSync(join(root, config), join(work, config));
    }
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));
    writeFileSync(join(work, 'package.json'), '{ "type": "module" }');

    const projects = zones.filter(
      ({ folder }) => !['portal', 'main/demo', 'test', 'scripts'].includes(folder),
    );
    const forbidden: string[] = [];
    for (const zone of projects) {
      writeFileSync(join(work, zone.folder, 'probe.ts'), 'export const probe = 1;\n');
      for (const other of projects.filter((one) => one !== zone)) {
        const name = `imports-${other.folder.replace('/', '-')}.ts`;
        const up = zone.folder
          .split('/')
          .map(() => '..')
          .join('/');
        writeFileSync(
          join(work, zone.folder, name),
          `export { probe } from '${up}/${other.folder}/probe.ts';\n`,
        );
        const open = zone.mayImport.some(
          ({ folder }) => folder === other.folder || folder.startsWith(`${other.folder}/`),
        );
        if (!open) forbidden.push(`${zone.folder}/${name}`);
      }
    }
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-b', '--pretty', 'false'],
      {
        cwd: work,
        encoding: 'utf8',
      },
    );
    const refused = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error TS6307/gm)].map(([, file]) => String(file));
    expect(refused.toSorted()).toEqual(forbidden.toSorted());
    expect(stdout.split('\n').filter((line) => line.includes('error') && !line.includes('TS6307'))).toEqual(
      [],
    );
    expect(forbidden.length).toBeGreaterThan(30);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
