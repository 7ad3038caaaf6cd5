import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startOptions } from './start-options.ts';

test('nothing said: the usual folder, the best shell, the usual port', () => {
  expect(startOptions([])).toEqual({ dataDir: resolve('.data'), open: true, shell: null, port: null });
});

test('everything said', () => {
  expect(startOptions(['--data-dir', 'd', '--shell', 'electron', '--port', '4100'])).toEqual({
    dataDir: resolve('d'),
    open: true,
    shell: 'electron',
    port: 4100,
  });
});

test('without opening anything', () => {
  expect(startOptions(['--no-open'])).toMatchObject({ open: false, shell: null });
});
