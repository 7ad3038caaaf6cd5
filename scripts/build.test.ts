import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCheckout } from './testing/checkout.ts';

const sources = {
  'renderer/index.html': '<!doctype html><body><script type="module" src="/src/main.tsx"></script></body>',
  'renderer/src/main.tsx': `import { price } from '../../contracts/price.ts'; document.body.append(price(3));`,
  'contracts/price.ts': `export type Price = string; export const price = (n: number): Price => n + ' ₼';`,
  'native-bridges/journal/open.ts': `import Database from 'better-sqlite3';
    export const one = (): unknown => new Database(':memory:').prepare('select 1 as one').get();`,
  'main/core-host/main.ts': `import { one } from '../../native-bridges/journal/open.ts';
    console.log(JSON.stringify(one()));`,
  'native-bridges/card/transport/child.ts': `export const child = 1;`,
  'main/loopback/main.ts': `import '../core-host/main.ts';`,
  'main/electron/main.ts': `import { app } from 'electron'; app.quit();`,
  'preload/preload.ts': `import { contextBridge } from 'electron'; import { price } from '../contracts/price.ts';
    contextBridge.exposeInMainWorld('price', price(1));`,
};

function build(root: string, ...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['scripts/build.ts', ...args], { cwd: root, encoding: 'utf8' });
}

test('builds the renderer with hashed names and relative addresses, and programs that run from dist', () => {
  using checkout = makeCheckout({ nodeModules: true });
  checkout.write(sources);
  expect(build(checkout.root)).toMatchObject({ status: 0 });
  const dist = join(checkout.root, 'dist');

  const html = readFileSync(join(dist, 'renderer/index.html'), 'utf8');
  expect(html).toMatch(/src="\.\/assets\/index-[\w-]{8}\.js"/);

  const host = spawnSync(process.execPath, [join(dist, 'main/core-host.mjs')], { encoding: 'utf8' });
  expect(host.stdout).toBe('{"one":1}\n');
  expect(readFileSync(join(dist, 'main/core-host.mjs'), 'utf8')).toContain('from "better-sqlite3"');

  const preload = readFileSync(join(dist, 'preload/preload.cjs'), 'utf8');
  expect([...preload.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
  expect(preload).toContain('₼');
  expect(preload).not.toMatch(/^(import|export) /m);
  expect(readdirSync(dist).toSorted()).toEqual(['main', 'preload', 'renderer']);
});

test('builds again only what changed', () => {
  using checkout = makeCheckout({ nodeModules: true });
  checkout.write(sources);
  const built = (stderr: string): string[] =>
    [...stderr.matchAll(/built dist\/(\S+)/g)].map((match) => String(match[1]));
  expect(built(build(checkout.root, '--if-stale').stderr)).toHaveLength(6);
  expect(built(build(checkout.root, '--if-stale').stderr)).toEqual([]);

  checkout.write({ 'renderer/src/main.test.ts': 'nothing that is built', 'main/README.md': 'nor this' });
  expect(built(build(checkout.root, '--if-stale').stderr)).toEqual([]);

  checkout.write({ 'renderer/src/main.tsx': 'document.body.append("other");' });
  expect(built(build(checkout.root, '--if-stale').stderr)).toEqual(['renderer']);

  checkout.write({ 'contracts/price.ts': `export const price = (n: number): string => n + ' AZN';` });
  expect(built(build(checkout.root, '--if-stale').stderr)).toHaveLength(6);

  rmSync(join(checkout.root, 'dist/renderer'), { recursive: true });
  expect(built(build(checkout.root, '--if-stale', '--renderer').stderr)).toEqual(['renderer']);
});

test('a build that fails says which file, and leaves the last good one in place', () => {
  using checkout = makeCheckout({ nodeModules: true });
  checkout.write(sources);
  expect(build(checkout.root).status).toBe(0);

  checkout.write({ 'renderer/src/main.tsx': `import { gone } from './gone.ts'; gone();` });
  const broken = build(checkout.root, '--if-stale');
  expect(broken.status).toBe(1);
  expect(broken.stderr).toContain('./gone.ts');
  expect(existsSync(join(checkout.root, 'dist/renderer/index.html'))).toBe(true);

  rmSync(join(checkout.root, 'renderer/index.html'));
  const missing = build(checkout.root, '--if-stale');
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain('renderer/index.html is missing');
});
