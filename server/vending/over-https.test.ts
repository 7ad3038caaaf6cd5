import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { centreContract, type CentreMethod } from '../../contracts/centre.ts';
import { needs } from '../../scripts/needs.ts';
import { openKeyStore } from '../keys/open-key-store.ts';
import { hsmLibrary } from '../keys/testing/softhsm.ts';
import { mintId } from '../registry/identity.ts';
import { startTestCentre, type TestCentre } from '../testing/centre.ts';
import { testJournal, testPayment, testShift } from '../testing/device.ts';
import { addDevice } from '../testing/fixture.ts';
import { MASTER, testVending, type TestVending } from './testing/counter.ts';

let v: TestVending;
let folder: string;
beforeAll(async () => {
  v = await testVending();
  folder = mkdtempSync(join(tmpdir(), 'komis-hsm-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await v.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a load over HTTPS at a centre whose keys are on a PKCS#11 token; while the token is away, loads say so and payments go on', async (context) => {
  const util = needs(context, 'softhsm2-util');
  const library = hsmLibrary() ?? context.skip('libsofthsm2.so is in none of the usual places');
  const tokens = join(folder, 'tokens');
  mkdirSync(tokens);
  writeFileSync(
    join(folder, 'softhsm2.conf'),
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  writeFileSync(join(folder, 'pin'), '7362518840193\n', { mode: 0o600 });
  for (const [name, value] of Object.entries({
    SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
    KOMIS_KEY_STORE: 'pkcs11',
    KOMIS_PKCS11_LIBRARY: library,
    KOMIS_PKCS11_TOKEN: 'komis',
    KOMIS_PKCS11_PIN_FILE: join(folder, 'pin'),
  }))
    vi.stubEnv(name, value);
  // The centre starts before there is a token: it takes payments, and loads nothing.
  let logged = '';
  const log = pino({ level: 'trace' }, { write: (line) => void (logged += line) });
  const centre = await startTestCentre(v.database, { log });
  try {
    const { device, key } = await addDevice(v.database, v.fixture, 'WS01');
    const token = await centre.session(key);
    const call = caller(centre, token);
    expect(await partOf(call)).toMatchObject({ state: 'down', reason: 'away' });

    execFileSync(
      util,
      ['--init-token', '--free', '--label', 'komis', '--pin', '7362518840193', '--so-pin', '1234'],
      {
        stdio: 'ignore',
      },
    );
    const card = await v.purse();
    const store = await openKeyStore(folder);
    expect(await store.take({ company: card.spec.company, revision: 1 }, MASTER)).toBe('made');
    await store.close();
    await expect.poll(async () => (await partOf(call)).state, { timeout: 60_000, interval: 200 }).toBe('up');

    const nonce = async () => (await call('meterCard.nonce', {})).nonce as string;
    const first = await nonce();
    const read = await call('meterCard.read', { cardClass: 'A', nonce: first, evidence: card.status(first) });
    expect(read).toMatchObject({ card: { cardId: card.spec.cardId, state: 'active' }, open: null });
    const { billerId, account } = read['card'] as { billerId: string; account: string };
    const loadId = mintId();
    const quote = await call('load.quote', { loadId, cardId: card.spec.cardId, amount: 1_200 });
    expect(quote).toMatchObject({ units: 1_200 });

    const payment = testPayment(testShift('WS01'), [{ billerId, account, amount: 1_200 }]);
    const load = {
      loadId,
      cardId: card.spec.cardId,
      cardClass: 'A' as const,
      meter: card.spec.meter,
      units: 1_200,
      unit: 'money' as const,
    };
    const journal = testJournal(key);
    journal.append('payment.accepted', {
      ...payment,
      lines: payment.lines.map((line) => ({ ...line, load })),
    });
    await call('journal.push', { entries: journal.entries });

    const init = card.initLoad({ loadId, units: 1_200, deviceId: device.deviceId, nonce: await nonce() });
    const order = await call('load.authorise', { cardClass: 'A', loadId, ...init });
    const s3 = card.load(order['s2'] as string);
    expect(await call('load.confirm', { loadId, evidence: { kind: 's3', ...s3 } })).toEqual({
      result: 'confirmed',
    });
    const listed = await call('load.list', {
      cardId: card.spec.cardId,
      account: null,
      loadIds: null,
      open: false,
    });
    expect(listed).toMatchObject({ loads: [{ loadId, state: 'confirmed', atWorkstation: 'WS01' }] });
    // The log tells of the calls, and holds neither key nor PIN nor order.
    expect(logged).toContain('/v1/load.authorise');
    for (const secret of [
      MASTER,
      Buffer.from(order['s2'] as string, 'base64url'),
      Buffer.from('7362518840193'),
    ])
      for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const)
        expect(logged.toLowerCase()).not.toContain(Buffer.from(secret).toString(form).toLowerCase());
  } finally {
    await centre.stop();
  }
});

/** Calls a method that must succeed, and holds its answer against the contract. */
const caller =
  (centre: TestCentre, token: string) =>
  async (method: CentreMethod, input: unknown): Promise<Record<string, unknown>> => {
    const answer = await centre.call(method, input, token);
    expect([method, answer.status, answer.text]).toEqual([method, 200, expect.any(String)]);
    centreContract[method].output.parse(answer.body);
    return answer.body as Record<string, unknown>; // parsed above
  };

async function partOf(call: ReturnType<typeof caller>): Promise<{ part: string; state: string }> {
  const { parts } = (await call('health.board', {})) as { parts: { part: string; state: string }[] };
  const store = parts.find(({ part }) => part === 'keyStore');
  if (!store) throw new Error('the board has the key store');
  return store;
}
