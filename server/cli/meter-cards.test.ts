import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cardMac } from '../keys/card-mac.ts';
import { softwareStore } from '../keys/software-store.ts';
import { testVending, valueOf, type TestVending } from '../vending/testing/counter.ts';
import { loading, s2Of, wrote } from '../vending/testing/loading.ts';
import { runKomis } from './program.ts';

let v: TestVending;
let folder: string;
const { confirm, paidLoad } = loading(() => v);

beforeAll(async () => {
  v = await testVending();
  folder = mkdtempSync(join(tmpdir(), 'komis-cli-cards-'));
  vi.stubEnv('DATABASE_URL', v.database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await v.close();
});

type Ran = { readonly code: number; readonly out: string; readonly err: string };
async function komis(...arguments_: readonly string[]): Promise<Ran> {
  const lines: string[] = [];
  let err = '';
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== ''),
  ];
  try {
    const code = await runKomis(['--data-dir', folder, ...arguments_]);
    return { code, out: lines.map((line) => `${line}\n`).join(''), err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('keys: none, made, made once; never shown; what the cards need and the store lacks is said', async () => {
  const card = await v.purse();
  const before = await komis('keys', 'status');
  expect(before.code).toBe(1);
  expect(before.out).toMatch(/NO/);
  expect((await komis('keys', 'init', '--company', 'NIMESE')).err).toContain('There is no company NIMESE');
  const { rows } = await v.database.pool.query<{ code: string }>(
    'select code from biller where number = $1',
    [card.spec.company],
  );
  const company = rows[0]?.code ?? '';
  expect((await komis('keys', 'init', '--company', company)).out).toContain('was made');
  expect((await komis('keys', 'init', '--company', company)).out).toContain('is there already');
  expect((await komis('keys', 'init', '--company', company, '--revision', '300')).code).toBe(1);
  const after = await komis('--json', 'keys', 'status');
  expect(JSON.parse(after.out)).toMatchObject({ store: 'software', state: 'up' });
  expect(after.code).toBe(0);
});

test('health: every company and the key store, with since when; a company that stands still says why', async () => {
  const { rows } = await v.database.pool.query<{ code: string; name: string }>(
    'select code, name from biller order by number limit 1',
  );
  const [company] = rows;
  const board = async (): Promise<
    { part: string; name: string; state: string; reason: string | null; since: string }[]
  > => JSON.parse((await komis('--json', 'health')).out);
  const up = await board();
  expect(up.map(({ part }) => part)).toContain('keyStore');
  const before = up.find(({ name }) => name === company?.name);
  await v.database.pool.query(`update biller set status = 'suspended' where code = $1`, [company?.code]);
  const stopped = (await board()).find(({ name }) => name === company?.name);
  expect(stopped).toMatchObject({ part: 'company', state: 'down', reason: 'suspended' });
  expect(Date.parse(stopped?.since ?? '')).toBeGreaterThan(Date.parse(before?.since ?? ''));
  await v.database.pool.query(`update biller set status = 'live' where code = $1`, [company?.code]);
});

test('cards come in from CSV and JSON; what does not fit is named, and what is there stays', async () => {
  const { rows } = await v.database.pool.query<{ code: string }>(
    `select b.code from biller b join meter_rules r using (biller_id) where r.rules->>'unit' = 'money'`,
  );
  const company = rows[0]?.code ?? '';
  const head = 'cardId;company;account;meter;unit;class;keyRevision;counter';
  const csv = fileOf(
    'cards.csv',
    `${head}\n00000000000000aa;${company};1000000777;M777;money;A;1;5\n00000000000000BB;NIMESE;1;M1;money;A;1;\n00000000000000CC;${company};1;M1;litres;B;1;\n`,
  );
  const first = await komis('--json', 'meter-cards', 'import', csv);
  expect(first.code).toBe(1);
  expect(JSON.parse(first.out)).toEqual({
    added: 1,
    same: 0,
    refused: [
      { cardId: '00000000000000BB', reason: 'there is no company NIMESE' },
      { cardId: '00000000000000CC', reason: `cards of ${company} hold money` },
    ],
  });
  const card = {
    cardId: '00000000000000AA',
    company,
    account: '1000000777',
    meter: 'M777',
    unit: 'money',
    class: 'A',
    keyRevision: 1,
  };
  const again = await komis('meter-cards', 'import', fileOf('a.json', JSON.stringify([card])));
  expect([again.code, again.out]).toEqual([0, '0 added, 1 there already, 0 refused.\n']);
  const other = await komis(
    'meter-cards',
    'import',
    fileOf('b.json', JSON.stringify([{ ...card, account: '2' }])),
  );
  expect([other.code, other.out]).toEqual([1, expect.stringContaining('is registered otherwise')]);
  for (const broken of [
    fileOf('c.csv', `${head}\n00;x\n`),
    fileOf('d.csv', `${head}\nZZ;x;1;M;money;A;1;0\n`),
    fileOf('e.json', '{'),
    join(folder, 'yoxdur.json'),
  ])
    expect((await komis('meter-cards', 'import', broken)).code, broken).toBe(1);
  expect((await komis('meter-cards', 'list', '--account', '1000000777')).out).toContain('00000000000000AA');
  expect((await komis('meter-cards', 'block', '00000000000000aa', '--reason', 'itirilib')).out).toContain(
    'is blocked',
  );
  expect((await komis('meter-cards', 'list', '--blocked')).out).toContain('office');
  expect((await komis('meter-cards', 'block', 'FF', '--reason', 'x')).code).toBe(1);
  // What the office blocked is not let go on as if it had only counted ahead.
  const accepted = await komis('meter-cards', 'accept', '00000000000000aa', '--reason', 'x');
  expect([accepted.code, accepted.err]).toEqual([
    1,
    expect.stringContaining('is not blocked for an incident'),
  ]);
});

test('rules are set whole or not at all', async () => {
  const { rows } = await v.database.pool.query<{ code: string }>(
    `select b.code from biller b join meter_rules r using (biller_id) where r.rules->>'unit' = 'litres'`,
  );
  const company = rows[0]?.code ?? '';
  const shown = await komis('meter-cards', 'rules', company);
  const rules = JSON.parse(shown.out) as { tiers: unknown[] };
  const set = (value: unknown) =>
    komis('meter-cards', 'rules', company, '--set', fileOf('rules.json', JSON.stringify(value)));
  expect((await set({ ...rules, tiers: [] })).err).toContain('tiers');
  expect((await set({ ...rules, min: 0.5 })).code).toBe(1);
  expect((await set({ ...rules, surplus: 1 })).code).toBe(1);
  expect((await set({ ...rules, min: 200 })).code).toBe(0);
  expect(JSON.parse((await komis('meter-cards', 'rules', company)).out)).toMatchObject({ min: 200 });
  expect((await set(rules)).code).toBe(0);
  expect((await komis('meter-cards', 'rules', 'NIMESE')).code).toBe(1);
});

test('loads are listed and shown with all that happened to them; verify says that their books are right', async () => {
  const till = await v.till('WS01');
  const card = await v.purse();
  const loadId = await paidLoad(till, card, 1_500);
  expect((await komis('loads', 'list', '--open')).out).toContain(loadId);
  valueOf(await confirm(till, loadId, wrote(card.load(s2Of(await till.authorise(card, loadId, 1_500))))));
  expect((await komis('loads', 'list', '--open')).out).not.toContain(loadId);
  const shown = JSON.parse((await komis('--json', 'loads', 'show', loadId)).out) as {
    load: { receiptNo: string; state: string };
    events: { kind: string }[];
  };
  expect(shown.events.map(({ kind }) => kind)).toEqual(['quoted', 'paid', 'authorised', 'confirmed']);
  expect(shown.load.state).toBe('confirmed');
  const byReceipt = await komis('loads', 'show', shown.load.receiptNo);
  expect([byReceipt.code, byReceipt.out]).toEqual([0, expect.stringContaining(loadId)]);
  expect((await komis('loads', 'show', 'YOXDUR')).code).toBe(1);
  const verified = await komis('verify');
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('what was paid for each load')]);
});

test('the demo’s cards: registered, their masters in the store and in one file of their owner; a second start changes nothing', async () => {
  const demo = mkdtempSync(join(tmpdir(), 'komis-cli-demo-'));
  const password = fileOf('password', 'uzun bir şifrə\n');
  const seed = () => komis('--data-dir', demo, '--json', 'demo', 'seed', '--password-file', password);
  try {
    const first = await seed();
    expect(first.err).toBe('');
    const { meterCards, cardKeysFile } = JSON.parse(first.out) as {
      meterCards: { cardId: string; company: string; class: string }[];
      cardKeysFile: string;
    };
    expect(meterCards.map(({ class: kind }) => kind)).toEqual(['A', 'B', 'A']);
    expect(statSync(cardKeysFile).mode & 0o777).toBe(0o600);
    const masters = JSON.parse(readFileSync(cardKeysFile, 'utf8')) as Record<string, string>;
    expect(Object.keys(masters)).toEqual(['001:1', '002:1', '003:1']);
    for (const text of Object.values(masters)) expect(first.out).not.toContain(text);
    expect((await seed()).out).toBe(first.out);
    const store = await softwareStore({ folder: join(demo, 'centre', 'keys') });
    const card = { company: '001', revision: 1, cardId: new Uint8Array(8) };
    expect(await store.mac('load', card, new Uint8Array(3))).toEqual(
      cardMac(new Uint8Array(Buffer.from(masters['001:1'] ?? '', 'hex')), 'load', card, new Uint8Array(3)),
    );
    await store.close();
    // Keys that the file does not have are not the demo's: nothing is handed out over them.
    writeFileSync(cardKeysFile, JSON.stringify({ ...masters, '001:1': '0'.repeat(32) }));
    expect(await seed()).toMatchObject({ code: 70, err: expect.stringContaining('another master') });
  } finally {
    rmSync(demo, { recursive: true, force: true });
  }
});
