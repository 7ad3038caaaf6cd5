import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { pushJournal } from '../intake/journal-push.ts';
import { appendSale, TERMINAL, testCardSale, testDay, testReversal } from '../testing/cards.ts';
import { testJournal, testPayment, testShift, testStorno } from '../testing/device.ts';
import { runKomis } from './program.ts';
import { mintId } from '../registry/identity.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';

let database: Database;
let fixture: Fixture;
let folder: string;

beforeAll(async () => {
  database = await withTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'komis-cli-'));
  vi.stubEnv('DATABASE_URL', database.url);
  fixture = await fillRegistry(database);
  await putAccount(database, {
    billerId: fixture.electricity,
    account: '1000000001',
    district: fixture.district,
    bills: [{ billNo: 'B1', period: '2026-10', amount: 5000 as never, dueDate: '2026-11-25' }],
  });
  const { device, key } = await addDevice(database, fixture, 'WS01');
  const journal = testJournal(key);
  const shift = testShift('WS01');
  const [first, second] = [1, 2].map((n) =>
    testPayment(shift, [{ billerId: fixture.electricity, account: '1000000001', amount: 1000 * n, fee: 10 }]),
  );
  if (!first || !second) throw new Error('payments');
  journal.append('payment.accepted', first);
  journal.append('payment.accepted', second);
  journal.append(
    'payment.accepted',
    testPayment(shift, [{ billerId: fixture.electricity, account: 'YOXDUR', amount: 70 }]),
  );
  journal.append('payment.stornoed', testStorno(shift, first));
  const sale = testCardSale(shift, [{ billerId: fixture.electricity, account: '1000000001', amount: 900 }]);
  journal.append('pos.prepared', sale.prepared);
  journal.append('pos.dayClosed', testDay(shift));
  await pushJournal(database, device, journal.entries);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await database.close();
});

type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command in this process, on the test database. */
async function komis(arguments_: readonly string[]): Promise<Ran> {
  const lines: string[] = [];
  let out = '';
  let err = '';
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line)),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== ''),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== ''),
  ];
  try {
    const code = await runKomis(['--data-dir', folder, ...arguments_]);
    return { code, out: out + lines.map((line) => `${line}\n`).join(''), err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs it as a program of its own. */
function spawned(arguments_: readonly string[], input = ''): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), ...arguments_],
      { env: { ...process.env, DATABASE_URL: database.url } },
      (error, out, err) => done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}
const asJson = async (...arguments_: string[]): Promise<unknown> =>
  JSON.parse((await komis(['--json', ...arguments_])).out);

test('a participant, its tree, a workstation with a code, a person: registered, listed, refused the second time', async () => {
  const iban = 'AZ21NABZ00000000137010001944';
  expect(
    await komis(['participants', 'add', 'POCT', 'Azərpoçt', '--kind', 'post', '--iban', iban, '--live']),
  ).toMatchObject({ code: 0 });
  const again = await komis(['participants', 'add', 'POCT', 'Azərpoçt', '--kind', 'post']);
  expect([again.code, again.err]).toEqual([1, 'komis: This name is taken: POCT. Choose another one.\n']);
  expect((await komis(['participants', 'add', 'X1', 'X', '--kind', 'bank', '--live'])).err).toContain(
    '--iban',
  );
  expect((await komis(['participants', 'add', 'X1', 'X', '--kind', 'planet'])).code).toBe(2);
  expect(
    (await komis(['units', 'add', 'headOffice', 'POCTBAS', 'Baş ofis', '--participant', 'POCT'])).code,
  ).toBe(0);
  expect(
    (
      await komis([
        'units',
        'add',
        'branch',
        'POCT25',
        '25 saylı',
        '--participant',
        'POCT',
        '--under',
        'POCTBAS',
      ])
    ).err,
  ).toContain('--district');
  expect(
    (
      await komis([
        'units',
        'add',
        'branch',
        'POCT25',
        '25 saylı',
        '--participant',
        'POCT',
        '--under',
        'POCTBAS',
        '--district',
        'Xətai',
      ])
    ).code,
  ).toBe(0);
  expect((await komis(['workstations', 'add', 'PT25', '--branch', 'POCT25'])).code).toBe(0);
  expect((await komis(['workstations', 'add', 'pt 26', '--branch', 'POCT25'])).code).toBe(1);
  expect((await komis(['workstations', 'enrol-code', 'PT25', '--minutes', '5'])).out).toMatch(
    /^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4} /,
  );
  expect((await komis(['workstations', 'enrol-code', 'PT99'])).code).toBe(1);
  expect((await komis(['workstations', 'enrol-code', 'PT25', '--minutes', 'x'])).code).toBe(2);
  expect(await asJson('participants')).toContainEqual({
    code: 'POCT',
    name: 'Azərpoçt',
    kind: 'post',
    status: 'live',
    iban,
  });
  expect(await asJson('units')).toContainEqual(
    expect.objectContaining({ code: 'PT25', kind: 'workstation', under: 'POCT25' }),
  );
});

function secret(text: string): string {
  const file = join(folder, 'password.txt');
  writeFileSync(file, text);
  return file;
}

test('people: added, blocked, let in, reset; passwords come from a file or are made, never from the command line', async () => {
  expect(
    (
      await komis([
        'users',
        'add',
        'Sevinc',
        'Sevinc Orucova',
        '--role',
        'teller',
        '--password-file',
        secret('qısa\n'),
      ])
    ).err,
  ).toContain('at least 8');
  expect(
    (
      await komis([
        'users',
        'add',
        'Sevinc',
        'Sevinc Orucova',
        '--role',
        'teller',
        '--password-file',
        secret('kifayət qədər uzun\n'),
      ])
    ).out,
  ).not.toContain('uzun');
  expect(
    (await komis(['users', 'add', 'ilqar', 'İlqar', '--role', 'supervisor', '--participant', 'BANK1'])).out,
  ).toMatch(/shown once: \S{12}/);
  expect((await komis(['users', 'add', 'ilqar', 'İlqar', '--role', 'king'])).code).toBe(2);
  expect((await komis(['users', 'block', 'sevinc'])).code).toBe(0);
  expect(await asJson('users')).toContainEqual(
    expect.objectContaining({ username: 'sevinc', status: 'blocked' }),
  );
  expect((await komis(['users', 'unblock', 'sevinc'])).code).toBe(0);
  expect((await komis(['users', 'reset', 'sevinc'])).out).toContain('new password');
  expect((await komis(['users', 'reset', 'nobody'])).code).toBe(1);
});

test('devices are stopped and let go on', async () => {
  expect((await komis(['workstations', 'quarantine', 'WS01', '--reason', 'sınaq'])).code).toBe(0);
  expect(await asJson('workstations')).toContainEqual(
    expect.objectContaining({ code: 'WS01', status: 'quarantined', reason: 'sınaq' }),
  );
  expect((await komis(['workstations', 'release', 'WS01'])).code).toBe(0);
  expect((await komis(['workstations', 'release', 'WS77'])).code).toBe(1);
});

test('debts, payments, entries, balances', async () => {
  expect(await asJson('debts', 'ELEKTRIK1', '1000000001')).toMatchObject({ owed: 3000, paidSince: 2000 });
  expect((await komis(['debts', '100', '1000000001'])).out).toContain('30,00\u00a0₼');
  expect((await komis(['debts', 'NOBODY', '1'])).code).toBe(1);
  const payments = (await asJson('payments')) as { receiptNo: string; stornoedBy: string | null }[];
  expect(payments).toHaveLength(4);
  expect(await asJson('payments', 'show', 'WS01-20261123-0001')).toMatchObject({
    total: 1010,
    stornoedBy: 'WS01-20261123-0004',
    lines: [{ amount: 1000, fee: 10 }],
    entries: [{ amount: 1010 }, { amount: -1000 }, { amount: -10 }],
  });
  expect((await komis(['payments', 'show', 'WS99-20261123-0001'])).code).toBe(1);
  expect(await asJson('payments', 'list', '--workstation', 'WS99')).toEqual([]);
  expect(await asJson('ledger', 'balances', '--kind', 'unallocated')).toMatchObject([
    { account: 'unallocated', balance: -70 },
  ]);
  expect(await asJson('ledger', 'journal', '--account', 'unallocated')).toMatchObject([
    { amount: -70, kind: 'payment' },
  ]);
});

test('card operations and the terminals’ days', async () => {
  const rows = [{ kind: 'sale', amount: 900, outcome: 'open', workstation: 'WS01' }];
  expect(await asJson('cards')).toMatchObject(rows);
  expect(await asJson('cards', 'list', '--open')).toMatchObject(rows);
  expect(await asJson('cards', 'list', '--workstation', 'WS99')).toEqual([]);
  expect(await asJson('cards', 'days')).toMatchObject([
    { terminalSum: 4500, journalSum: 4500, difference: 0 },
  ]);
});

test('a case is shown, closed with a reason, and gone from the open ones', async () => {
  const [open] = (await asJson('cases')) as { caseId: string; kind: string; amount: number }[];
  expect(open).toMatchObject({ kind: 'unallocatedPayment', amount: 70 });
  expect((await komis(['cases', 'close', open?.caseId ?? '', '--resolution', 'abunəçi tapıldı'])).code).toBe(
    0,
  );
  expect((await komis(['cases', 'close', open?.caseId ?? '', '--resolution', 'bir daha'])).code).toBe(1);
  expect(await asJson('cases')).toEqual([]);
  expect(await asJson('cases', 'list', '--all')).toMatchObject([
    { state: 'closed', resolution: 'abunəçi tapıldı' },
  ]);
});

test('one card operation by its id or its payment’s number, with what took it back and the cases about it', async () => {
  const { device, key } = await addDevice(database, fixture, 'WS77');
  const journal = testJournal(key);
  const shift = testShift('WS77');
  const lines = [{ billerId: fixture.electricity, account: '1000000001', amount: 450 }];
  const paid = testCardSale(shift, lines);
  appendSale(journal, paid);
  const back = testReversal(shift, paid, testStorno(shift, paid.payment));
  journal.append('pos.prepared', back.prepared);
  journal.append('pos.concluded', back.concluded);
  if (back.stornoed) journal.append('payment.stornoed', back.stornoed);
  const lost = testCardSale(shift, lines);
  journal.append('pos.prepared', lost.prepared);
  journal.append('pos.concluded', { ...lost.concluded, outcome: 'manual', result: null, recordedAs: null });
  await pushJournal(database, device, journal.entries);
  const both = [
    { kind: 'sale', amount: 450, outcome: 'done', receiptNo: paid.payment.receiptNo, openCases: [] },
    { kind: 'reversal', outcome: 'done', takesBack: paid.attemptId },
  ];
  for (const name of [paid.attemptId, back.attemptId, paid.payment.paymentId, paid.payment.receiptNo])
    expect(await asJson('cards', 'show', name), name).toMatchObject(both);
  expect(await asJson('cards', 'show', lost.attemptId)).toMatchObject([
    { outcome: 'manual', card: null, terminal: TERMINAL, openCases: ['cardOutcomeUnknown'] },
  ]);
  expect((await komis(['cards', 'show', lost.attemptId])).out).toMatch(/outcome +manual/);
  expect((await komis(['cards', 'show', mintId()])).code).toBe(1);
  const cases = (await asJson('cases')) as { kind: string; says: string; caseId: string }[];
  const unknown = cases.find(({ kind }) => kind === 'cardOutcomeUnknown');
  expect(unknown?.says).toContain('ask the card centre');
  await komis(['cases', 'close', unknown?.caseId ?? '', '--resolution', 'kart mərkəzi: çıxılmayıb']);
});

test('companies: shown, added from what show prints, closed', async () => {
  const shown = JSON.parse((await komis(['billers', 'show', 'SU1'])).out) as Record<string, unknown> & {
    fees: Record<string, unknown>[];
  };
  const file = join(folder, 'company.json');
  const { id: _, ...rules } = shown;
  writeFileSync(
    file,
    JSON.stringify({
      ...rules,
      number: '900',
      code: 'YENI',
      participant: 'SU1',
      fees: shown.fees.map(({ id: __, ...fee }) => fee),
    }),
  );
  expect((await komis(['billers', 'add', file])).code).toBe(0);
  expect((await komis(['billers', 'add', file])).code).toBe(1);
  writeFileSync(file, JSON.stringify({ ...rules, number: '9', participant: 'SU1' }));
  expect((await komis(['billers', 'add', file])).err).toContain('number');
  expect((await komis(['billers', 'status', 'YENI', 'closed'])).code).toBe(0);
  expect((await komis(['billers', 'status', 'YENI', 'gone'])).code).toBe(1);
  expect(await asJson('billers')).toContainEqual(expect.objectContaining({ code: 'YENI', status: 'closed' }));
});

test('verify exits 0 when the books are right and 1 when they are not', async () => {
  const right = await komis(['verify']);
  expect([right.code, right.out.trim().split('\n').at(-1)]).toEqual([0, 'The books are right.']);
  await database.pool.query(`update ledger_balance set amount = amount + 1 where account = 'unallocated'`);
  const wrong = await komis(['--json', 'verify']);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.out)).toMatchObject({ ok: false });
  await database.pool.query(`update ledger_balance set amount = amount - 1 where account = 'unallocated'`);
});

test('help for every command; what is not a command says how to go on', async () => {
  const help = await komis(['--help']);
  expect(help.code).toBe(0);
  const commands = [...help.out.matchAll(/^ {2}(\w[\w-]*) /gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  expect(commands).toEqual(
    expect.arrayContaining([
      'participants',
      'users',
      'workstations',
      'billers',
      'debts',
      'payments',
      'cases',
      'cards',
      'loads',
      'meter-cards',
      'keys',
      'ledger',
      'verify',
      'lists',
      'demo',
    ]),
  );
  for (const name of commands) expect((await komis([name, '--help'])).code, name).toBe(0);
  const added = await spawned(
    ['users', 'add', 'emin', 'Emin', '--role', 'operator', '--password-file', '-'],
    'borudan gələn\n',
  );
  expect([added.code, added.out]).toEqual([0, 'Emin may log in as emin.\n']);
  expect((await spawned(['users', 'block', 'nobody'])).code).toBe(1);
  const unknown = await komis(['nonsense']);
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('--help')]);
});
