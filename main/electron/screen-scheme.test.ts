import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { isOwnPage, PAGE_URL, screenAnswer } from './screen-scheme.ts';

const folder = join(sep, 'opt', 'komis', 'resources', 'app.asar', 'dist', 'renderer');

test('our own page is known by its parsed address', () => {
  expect(isOwnPage(PAGE_URL)).toBe(true);
  expect(isOwnPage('ipw://app/assets/index.js')).toBe(true);
  expect(isOwnPage('IPW://app/')).toBe(true);
});

test.each([
  'https://evil.example/?next=ipw://app/',
  'https://evil.example/ipw://app/',
  'https://ipw@evil.example/',
  'ipw://app.evil.example/',
  'ipw://evil@app/',
  'ipw://app:8080/',
  'ipw:app',
  'ipw:///app/',
  'ipwx://app/',
  'http://app/',
  'file:///etc/passwd',
  'data:text/html,<script>1</script>',
  'javascript:alert(1)',
  'about:blank',
  'blob:ipw://app/1',
  '',
  'not an address',
])('%s is not our page', (address) => {
  expect(isOwnPage(address)).toBe(false);
  expect(screenAnswer('GET', address, folder).status).toBe(403);
});

test('a file is served from inside the package', () => {
  expect(screenAnswer('GET', 'ipw://app/', folder).file?.path).toBe(join(folder, 'index.html'));
  expect(screenAnswer('GET', 'ipw://app/assets/a-1.css', folder)).toEqual({
    status: 200,
    file: { path: join(folder, 'assets', 'a-1.css'), mediaType: 'text/css; charset=utf-8' },
  });
});

test.each([
  'ipw://app/../../electron.mjs',
  'ipw://app/..%2f..%2felectron.js',
  'ipw://app/%2e%2e/electron.js',
  'ipw://app/..\\electron.js',
  'ipw://app//etc/passwd.js',
  'ipw://app/?file=/etc/passwd',
  'ipw://app/.env',
])('%s leads nowhere', (address) => {
  const { status, file } = screenAnswer('GET', address, folder);
  // The parser may fold `..` into a harmless path; what counts is that no file outside is named.
  expect(status === 404 || file?.path.startsWith(folder + sep)).toBe(true);
  expect(file?.path.includes('..') ?? false).toBe(false);
});

test('only reading', () => {
  for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS'])
    expect(screenAnswer(method, PAGE_URL, folder).status).toBe(405);
});
