import { expect, test } from 'vitest';
import type { PosSettings } from '../../../contracts/pos.ts';
import { settingsOf, typedOf } from './terminal-fields.ts';

const SERIAL = {
  kind: 'zvtSerial',
  path: '/dev/ttyUSB0',
  baudRate: 115_200,
  stopBits: 1,
  modemLines: true,
  password: '123456',
} as const;

test.each<PosSettings>([
  { kind: 'none' },
  SERIAL,
  { ...SERIAL, baudRate: 9600, stopBits: 2, modemLines: false },
  { kind: 'zvtTcp', host: '10.0.0.9', port: 20_007, password: '000000' },
  { kind: 'nexo', over: 'ws', host: '10.0.0.9', port: 9000, poiId: 'POI-1', saleId: 'KASSA-7' },
  { kind: 'nexo', over: 'tcp', host: '10.0.0.9', port: 9000, poiId: 'POI-1', saleId: 'KASSA-7' },
])('settings come out of the fields as they went in: $kind', (settings) => {
  expect(settingsOf(settings.kind, typedOf(settings))).toEqual(settings);
});

test('what is no settings is none', () => {
  const typed = typedOf(SERIAL);
  expect(settingsOf('zvtSerial', { ...typed, password: '12345' })).toBeUndefined();
  expect(settingsOf('zvtSerial', { ...typed, baudRate: '300' })).toBeUndefined();
  expect(settingsOf('zvtSerial', { ...typed, path: ' ' })).toBeUndefined();
  expect(settingsOf('zvtTcp', { ...typed, host: '10.0.0.9', port: '70000' })).toBeUndefined();
  expect(settingsOf('nexo', { ...typed, host: '10.0.0.9', poiId: '' })).toBeUndefined();
});
