import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portsIn, serialPorts } from './serial-ports.ts';

test('ports by their names, in order, and nothing else of the devices', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dev-'));
  try {
    for (const name of [
      'ttyS10',
      'ttyS2',
      'ttyUSB0',
      'ttyACM1',
      'tty',
      'tty1',
      'ttyprintk',
      'null',
      'rfcomm0',
      'ttyS',
    ])
      writeFileSync(join(folder, name), '');
    const found = await portsIn(folder);
    expect(found.map((path) => path.slice(folder.length + 1))).toEqual([
      'rfcomm0',
      'ttyACM1',
      'ttyS2',
      'ttyS10',
      'ttyUSB0',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what the system lists is taken as it is', async () => {
  expect(await serialPorts(() => Promise.resolve([{ path: 'COM3' }, { path: 'COM10' }]))).toEqual([
    'COM3',
    'COM10',
  ]);
});

test.skipIf(process.platform !== 'linux')(
  'a Linux that cannot list its ports is looked at by hand',
  async () => {
    expect(await serialPorts(() => Promise.reject(new Error('no udevadm')))).toEqual(await portsIn('/dev'));
  },
);

test('this machine says which it has', async () => {
  for (const path of await serialPorts())
    expect(path).toMatch(process.platform === 'win32' ? /^COM/ : /^\/dev\//);
});
