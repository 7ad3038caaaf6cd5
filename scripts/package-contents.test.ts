import { expect, test } from 'vitest';
import { closureOf, packagesLoadedBy, type Lock } from './package-contents.ts';

test('a program loads what it imports, and packages whose files it names', () => {
  const source = `
    import Database from 'better-sqlite3';
    import { deep } from 'zod/v4';
    import { readFileSync } from 'node:fs';
    import { app } from 'electron';
    const lazy = () => import('axios');
    const native = require('@node-rs/argon2');
    const font = import.meta.resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf');
    const word = 'express';
    export { deep, lazy };`;
  const dependencies = [
    'better-sqlite3',
    'zod',
    'axios',
    '@node-rs/argon2',
    '@expo-google-fonts/noto-sans',
    'express',
    'pg',
  ];
  expect(packagesLoadedBy(source, dependencies)).toEqual([
    '@expo-google-fonts/noto-sans',
    '@node-rs/argon2',
    'axios',
    'better-sqlite3',
    'zod',
  ]);
});

const lock: Lock = {
  'node_modules/a': {
    version: '1.0.0',
    dependencies: { b: '1' },
    optionalDependencies: { 'a-win': '1', 'a-linux': '1', 'a-musl': '1', 'a-gone': '1' },
  },
  'node_modules/a-win': { version: '1.0.0', os: ['win32'], cpu: ['x64'] },
  'node_modules/a-linux': { version: '1.0.0', os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
  'node_modules/a-musl': { version: '1.0.0', os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'node_modules/a/node_modules/b': { version: '1.0.0', dependencies: { c: '1', a: '1' } },
  'node_modules/b': { version: '2.0.0', dependencies: { d: '1' } },
  'node_modules/c': {
    version: '1.0.0',
    peerDependencies: { e: '1', f: '1' },
    peerDependenciesMeta: { f: { optional: true } },
  },
  'node_modules/d': { version: '1.0.0' },
  'node_modules/e': { version: '1.0.0' },
};

test('all that a package needs goes with it, nested versions and the platform’s own parts, and nothing else', () => {
  expect(closureOf(['a'], lock, { os: 'linux', cpu: 'x64' })).toEqual([
    'node_modules/a',
    'node_modules/a-linux',
    'node_modules/a/node_modules/b',
    'node_modules/c',
    'node_modules/e',
  ]);
  expect(closureOf(['a'], lock, { os: 'win32', cpu: 'x64' })).toContain('node_modules/a-win');
  expect(closureOf(['a', 'b'], lock, { os: 'win32', cpu: 'x64' })).toContain('node_modules/d');
  expect(() => closureOf(['gone'], lock, { os: 'linux', cpu: 'x64' })).toThrow(
    'gone, needed by the workstation',
  );
});
