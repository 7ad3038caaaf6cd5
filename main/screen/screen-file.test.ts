import fc from 'fast-check';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { screenFile } from './screen-file.ts';

const folder = join(sep, 'app', 'renderer');

test('files of the page are found with their media type', () => {
  expect(screenFile(folder, '/')).toEqual({
    path: join(folder, 'index.html'),
    mediaType: 'text/html; charset=utf-8',
  });
  expect(screenFile(folder, '/assets/index-B3x_9.js')?.path).toBe(join(folder, 'assets', 'index-B3x_9.js'));
  expect(screenFile(folder, '/assets/noto-sans.woff2')?.mediaType).toBe('font/woff2');
});

test.each([
  '/../package.json',
  '/assets/../../secret.js',
  '/%2e%2e/secret.js',
  '/..%2fsecret.js',
  '/assets\\..\\secret.js',
  '//etc/passwd',
  '/.env.js',
  '/assets/.hidden.js',
  '/c:/windows/system.js',
  '/index.html\0.js',
  '/index.html?x=1',
  '/journal.sqlite',
  '/assets/',
  '/assets',
  'index.html',
  '',
  `/${'a'.repeat(400)}.js`,
])('%j is refused', (path) => {
  expect(screenFile(folder, path)).toBeUndefined();
});

test('no path whatever leads out of the folder', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '%2e',
    '%2f',
    'a',
    'assets',
    '.js',
    '\0',
    ':',
    '~',
    ' ',
  );
  const path = fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map((parts) => `/${parts.join('')}`);
  fc.assert(
    fc.property(path, (raw) => {
      const file = screenFile(folder, raw);
      if (file === undefined) return;
      const inside = relative(folder, file.path);
      expect(inside.startsWith('..') || inside === '' || inside.startsWith(sep)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
