import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { launchArguments, passedOn } from './launch-arguments.ts';

const otherwise = { dataDir: '/home/counter' };

test('what is not said is what the shell says', () => {
  expect(launchArguments([], otherwise)).toEqual({
    dataDir: resolve('/home/counter'),
    caFile: null,
    demo: false,
  });
});

test('Chromium’s own switches and the program’s path are left alone', () => {
  expect(
    launchArguments(
      ['.', '--no-sandbox', '--ca=ca.pem', '--type=x', '--demo', '--data-dir', 'd', 'ipw://x'],
      otherwise,
    ),
  ).toEqual({ dataDir: resolve('d'), caFile: resolve('ca.pem'), demo: true });
  expect(launchArguments(['--data-dir'], otherwise).dataDir).toBe(resolve('/home/counter'));
});

test('the next process is told the same', () => {
  for (const args of [['--demo'], ['--data-dir', 'd', '--ca', 'c'], []]) {
    const options = launchArguments(args, otherwise);
    expect(launchArguments(passedOn(options), { dataDir: 'elsewhere' })).toEqual(options);
  }
});
