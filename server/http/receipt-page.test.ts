import { afterAll, beforeAll, expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import { receiptCode, type ReceiptFacts } from '../../contracts/rules/receipt-code.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { pushJournal } from '../intake/journal-push.ts';
import type { VerifiedReceipt } from '../registry/receipts.ts';
import type { Device } from '../registry/workstations.ts';
import { startTestCentre, type TestCentre } from '../testing/centre.ts';
import {
  testDeviceKey,
  testJournal,
  testPayment,
  testShift,
  testStorno,
  type TestKey,
} from '../testing/device.ts';
import { addDevice, fillRegistry, putAccount } from '../testing/fixture.ts';
import { pageLanguage, receiptPage } from './receipt-page.ts';

let database: Database;
let centre: TestCentre;
let device: Device;
let key: TestKey;
const shift = testShift('WS01');
let codes: Record<'posted' | 'stornoed' | 'storno' | 'offline' | 'altered', string>;

beforeAll(async () => {
  database = await withTestDatabase();
  const fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
  ({ device, key } = await addDevice(database, fixture, 'WS01'));
  centre = await startTestCentre(database);
  const journal = testJournal(key);
  const line = [{ billerId: fixture.electricity, account: '1', amount: 123_456 }];
  const [posted, stornoed, offline] = [
    testPayment(shift, line),
    testPayment(shift, line),
    testPayment(shift, line),
  ];
  if (!posted || !stornoed || !offline) throw new Error('payments');
  const storno = testStorno(shift, stornoed);
  journal.append('payment.accepted', posted);
  journal.append('payment.accepted', stornoed);
  journal.append('payment.stornoed', storno);
  await pushJournal(database, device, journal.entries);
  const facts = (paymentId: string, receiptNo: string, total: number): ReceiptFacts => ({
    deviceId: key.deviceId,
    paymentId,
    receiptNo,
    total: qepik(total),
    takenAt: '2026-11-23T10:31:07.123Z',
  });
  codes = {
    posted: receiptCode(facts(posted.paymentId, posted.receiptNo, posted.total), key.signText),
    stornoed: receiptCode(facts(stornoed.paymentId, stornoed.receiptNo, stornoed.total), key.signText),
    storno: receiptCode(facts(storno.stornoId, storno.receiptNo, -storno.total), key.signText),
    offline: receiptCode(facts(offline.paymentId, offline.receiptNo, offline.total), key.signText),
    altered: receiptCode(facts(posted.paymentId, posted.receiptNo, posted.total + 100), key.signText),
  };
});
afterAll(async () => {
  await centre.stop();
  await database.close();
});

test('a receipt is verified by anyone: posted, cancelled, not yet arrived, in doubt, not ours', async () => {
  const verify = async (code: string) =>
    (await centre.call('receipts.verify', { code })).body as VerifiedReceipt;
  expect(await verify(codes.posted)).toEqual({
    genuine: true,
    receiptNo: 'WS01-20261123-0001',
    total: 123_456,
    takenAt: '2026-11-23T10:31:07.123Z',
    branchName: 'Nərimanov filialı',
    state: 'posted',
  });
  expect(await verify(codes.stornoed)).toMatchObject({ genuine: true, state: 'stornoed' });
  expect(await verify(codes.storno)).toMatchObject({ genuine: true, state: 'posted', total: -123_456 });
  expect(await verify(codes.offline)).toMatchObject({ genuine: true, state: 'notYetArrived' });
  expect(await verify(codes.altered)).toMatchObject({ genuine: true, state: 'unknown' });
  const [payload = '', signature = ''] = codes.posted.split('.');
  const stranger = testDeviceKey();
  for (const bad of [
    `${payload}.${stranger.signText(payload)}`,
    `${payload.slice(0, -2)}AA.${signature}`,
    `${payload}.${signature.slice(0, -1)}`,
    'x'.repeat(200),
  ]) {
    expect(await verify(bad)).toEqual({
      genuine: false,
      receiptNo: null,
      total: null,
      takenAt: null,
      branchName: null,
      state: 'unknown',
    });
  }
});

test('the page says it in the reader’s language, without script or inline style', async () => {
  const page = (code: string, path = '', accept = 'az') =>
    centre.send('GET', `/q/${code}${path}`, undefined, { 'accept-language': accept });
  const az = await page(codes.posted);
  expect(az.status).toBe(200);
  expect(az.text).toContain('<html lang="az">');
  expect(az.text).toContain('Qəbz həqiqidir');
  expect(az.text).toContain('WS01-20261123-0001');
  expect(az.text).toContain('1\u00a0234,56\u00a0₼');
  expect(az.text).toContain('23.11.2026 14:31');
  expect(az.text).not.toMatch(/<script|<style|style=/);
  expect((await page(codes.stornoed, '?lang=en')).text).toContain('The payment was cancelled');
  expect((await page(codes.storno, '?lang=en')).text).toContain('Given back');
  expect((await page(codes.offline, '', 'ru-RU,ru;q=0.9')).text).toContain('ещё не дошёл до центра');
  const bad = await page('nonsense', '?lang=en');
  expect([bad.status, bad.headers['cache-control']]).toEqual([404, 'no-store']);
  expect(bad.text).toContain('not genuine');
  const css = await centre.send('GET', '/pages/receipt.css');
  expect(css.status).toBe(200);
  // What the page and a browser ask for besides is there, too.
  const [, face = ''] = /url\('([^']+)'\)/.exec(css.text) ?? [];
  expect((await centre.send('GET', face)).status).toBe(200);
  expect((await centre.send('GET', '/favicon.ico')).status).toBe(204);
});

test('names on the page cannot become markup', () => {
  const html = receiptPage(
    {
      genuine: true,
      receiptNo: '<img src=x onerror=alert(1)>',
      total: qepik(1),
      takenAt: null,
      branchName: `"><script>'&`,
      state: 'posted',
    },
    'az',
  );
  expect(html).not.toMatch(/<img|<script|">'/);
  expect(html).toContain('&#60;script&#62;');
});

test('the language: asked for, else the browser’s, else Azerbaijani', () => {
  expect([
    pageLanguage('ru', 'en'),
    pageLanguage(undefined, 'fr, en;q=0.5'),
    pageLanguage(undefined, ''),
    pageLanguage(['en'], ''),
    pageLanguage('xx', 'en'),
  ]).toEqual(['ru', 'en', 'az', 'az', 'az']);
});
