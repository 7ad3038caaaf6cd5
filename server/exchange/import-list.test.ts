import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTestDatabase } from '../db/testing.ts';
import type { Database } from '../db/database.ts';
import { accountRows, fingerprint, importFile, testCompany, type TestCompany } from './testing/company.ts';
import { accountText, listText, testFolder } from './testing/list-files.ts';
import { importList, type ImportProgress } from './import-list.ts';

let database: Database;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [database, folder] = await Promise.all([withTestDatabase(), testFolder()]);
});
afterAll(async () => {
  await database.close();
  await folder.remove();
});

let files = 0;
/** Writes a list of a company and imports it. */
async function send(
  company: TestCompany,
  records: readonly string[],
  head: Partial<Record<string, string | number>> = {},
) {
  files += 1;
  const path = await folder.write(
    `list-${files}.xml`,
    listText(records.join(''), { company: company.code, records: records.length, ...head }),
  );
  return importFile(database, company, path);
}
const applied = (counts: object) => ({
  ok: true,
  value: { counts: expect.objectContaining(counts), repeated: false },
});
const refused = (code: string, detail: object = {}) => ({
  ok: false,
  error: { code, detail: expect.objectContaining(detail) },
});
const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}T02:00:00Z`;
const bill = (no: string, amount: number) => ({
  billNo: no,
  period: '2026-10',
  amount,
  dueDate: '2026-11-25',
});

test('a full list brings accounts with their bills, in qəpik, ready to be found', async () => {
  const company = await testCompany(database);
  const { outcome } = await send(company, [
    '<account no="11" holder=" &quot;Çinar&quot; MMC " address="Bakı, Şərifzadə küç. 5" district="Yasamal" phone="+994 50"><bill no="A" period="2026-09" amount="1.05" due="2026-10-25"/><bill no="B" period="2026-10" amount="-0.50" due="2026-11-25"/></account>\n',
    '<account no="12" holder="İLQAR" address="Nizami" district="Nəsimi"/>\n',
  ]);
  expect(outcome).toMatchObject(
    applied({ records: 2, inserted: 2, updated: 0, unchanged: 0, deactivated: 0, bad: 0 }),
  );
  const rows = await accountRows(database, company);
  expect(rows['11']).toMatchObject({
    holder: '"Çinar" MMC',
    district: 'Yasamal',
    active: true,
    stated_total: 55,
    folded: 'cinar mmc baki serifzade kuc 5',
    bills: [{ billNo: 'A', period: '2026-09', amount: 105, dueDate: '2026-10-25' }, { ...bill('B', -50) }],
    as_of: '2026-11-20T02:00:00.000Z',
    payments_through: '2026-11-20T02:00:00.000Z',
  });
  expect(rows['12']).toMatchObject({ phone: null, bills: [], stated_total: 0, folded: 'ilqar nizami' });
});

test('the next full list touches only what it changes; what it leaves out is no longer active', async () => {
  const company = await testCompany(database);
  await send(company, [accountText(1), accountText(2), accountText(3)], { asOf: day(18) });
  const before = await accountRows(database, company);
  const { outcome } = await send(company, [accountText(4), accountText(2, '12.00'), accountText(1)], {
    seq: 2,
    asOf: day(20),
    paymentsThrough: day(19),
  });
  expect(outcome).toMatchObject(
    applied({ records: 3, inserted: 1, updated: 1, unchanged: 1, deactivated: 1 }),
  );
  const after = await accountRows(database, company);
  expect(after['1']).toEqual(before['1']);
  expect(after['2']).toMatchObject({
    stated_total: 1200,
    as_of: '2026-11-20T02:00:00.000Z',
    payments_through: '2026-11-19T02:00:00.000Z',
  });
  expect(after['2']?.changed_xid).not.toBe(before['2']?.changed_xid);
  expect(after['3']).toMatchObject({ active: false, bills: [], stated_total: 0 });
  expect(after['4']).toMatchObject({ active: true, stated_total: 1000 });
  const state = await database.pool.query(
    'select last_seq, full_as_of, full_payments_through from biller_list_state where biller_id = $1',
    [company.billerId],
  );
  expect(state.rows[0]).toEqual({
    last_seq: 2,
    full_as_of: '2026-11-20T02:00:00.000Z',
    full_payments_through: '2026-11-19T02:00:00.000Z',
  });

  // The missing one comes back.
  expect(
    (
      await send(company, [accountText(3), accountText(1), accountText(2, '12.00'), accountText(4)], {
        seq: 3,
        asOf: day(21),
        paymentsThrough: day(21),
      })
    ).outcome,
  ).toMatchObject(applied({ inserted: 0, updated: 1, unchanged: 3 }));
  expect((await accountRows(database, company))['3']).toMatchObject({ active: true, stated_total: 1000 });
});

test('a delta states, restates and removes accounts and leaves the rest', async () => {
  const company = await testCompany(database);
  await send(
    company,
    [1, 2, 3, 4].map((no) => accountText(no)),
    { asOf: day(18) },
  );
  const before = await accountRows(database, company);
  const { outcome } = await send(
    company,
    [accountText(2), accountText(5), '<removed no="3"/>\n', '<removed no="99"/>\n'],
    { kind: 'delta', seq: 2, asOf: day(20) },
  );
  expect(outcome).toMatchObject(
    applied({ records: 4, inserted: 1, updated: 1, deactivated: 1, unchanged: 1 }),
  );
  const after = await accountRows(database, company);
  expect(after['1']).toEqual(before['1']);
  // Restated with the same figures: they are true as of the delta now.
  expect(after['2']).toMatchObject({ stated_total: 1000, as_of: '2026-11-20T02:00:00.000Z' });
  expect(after['3']).toMatchObject({ active: false, bills: [] });
  expect(Object.keys(after)).toEqual(['1', '2', '3', '4', '5']);
  const state = await database.pool.query(
    'select last_seq, full_as_of from biller_list_state where biller_id = $1',
    [company.billerId],
  );
  expect(state.rows[0]).toEqual({ last_seq: 2, full_as_of: '2026-11-18T02:00:00.000Z' });
});

test('bad records are named, the good ones taken, and an account whose record was bad stays as it was', async () => {
  const company = await testCompany(database, { tolerance: 5000 });
  await send(
    company,
    [1, 2, 3].map((no) => accountText(no)),
    { asOf: day(18) },
  );
  const before = await accountRows(database, company);
  const { outcome, acknowledgement } = await send(
    company,
    [accountText(1, '11.00'), accountText(2, '1,50'), accountText(3), accountText(4)],
    { seq: 2, asOf: day(20) },
  );
  expect(outcome).toMatchObject(
    applied({ records: 4, bad: 1, inserted: 1, updated: 2, unchanged: 0, deactivated: 0 }),
  );
  expect(outcome).toMatchObject({
    value: {
      badRecords: [{ record: 2, line: 4, account: '2', fault: { code: 'notAnAmount', value: '1,50' } }],
    },
  });
  expect(acknowledgement).toContain(
    '<badRecord record="2" line="4" account="2" code="notAnAmount" field="bill amount">bill amount &quot;1,50&quot; is not an amount in manat',
  );
  const after = await accountRows(database, company);
  expect(after['2']).toEqual(before['2']);
  // Account 2 was not confirmed, so the list's time is not everybody's: those it confirmed carry it themselves.
  expect(after['3']).toMatchObject({ as_of: '2026-11-20T02:00:00.000Z', stated_total: 1000 });
  const state = await database.pool.query(
    'select last_seq, full_as_of from biller_list_state where biller_id = $1',
    [company.billerId],
  );
  expect(state.rows[0]).toEqual({ last_seq: 2, full_as_of: '2026-11-18T02:00:00.000Z' });
});

test('a bad record of an account we do not have costs the others nothing', async () => {
  const company = await testCompany(database, { tolerance: 5000 });
  await send(company, [accountText(1), accountText(2)], { asOf: day(18) });
  const before = await accountRows(database, company);
  const { outcome } = await send(company, [accountText(1), accountText(2), accountText(9, 'x')], {
    seq: 2,
    asOf: day(20),
  });
  expect(outcome).toMatchObject(applied({ bad: 1, unchanged: 2, updated: 0 }));
  expect(await accountRows(database, company)).toEqual(before);
});

test('when a record’s account cannot be read, a full list deactivates nobody', async () => {
  const company = await testCompany(database, { tolerance: 5000 });
  await send(company, [accountText(1), accountText(2)], { asOf: day(18) });
  const { outcome } = await send(company, [accountText(1), accountText('?')], { seq: 2, asOf: day(20) });
  expect(outcome).toMatchObject(applied({ bad: 1, deactivated: 0, updated: 1 }));
  const after = await accountRows(database, company);
  expect(after['2']).toMatchObject({ active: true, as_of: '2026-11-18T02:00:00.000Z' });
  expect(after['1']).toMatchObject({ as_of: '2026-11-20T02:00:00.000Z' });
});

test('an account that stands twice is bad in both records', async () => {
  const company = await testCompany(database, { tolerance: 9000 });
  await send(
    company,
    [1, 2, 3].map((no) => accountText(no)),
    { asOf: day(18) },
  );
  const before = await accountRows(database, company);
  const { outcome } = await send(
    company,
    [
      accountText(1, '1.00'),
      accountText(2, '2.00'),
      accountText(1, '3.00'),
      accountText(3, 'bad'),
      accountText(3, '4.00'),
    ],
    { seq: 2, asOf: day(20) },
  );
  expect(outcome).toMatchObject(applied({ bad: 4, updated: 1 }));
  if (outcome.ok) {
    expect(
      outcome.value.badRecords.map((one) => [one.record, one.line, one.account, one.fault.code]),
    ).toEqual([
      [1, 3, '1', 'accountTwice'],
      [3, 5, '1', 'accountTwice'],
      [4, 6, '3', 'notAnAmount'],
      [5, 7, '3', 'accountTwice'],
    ]);
  }
  const after = await accountRows(database, company);
  expect([after['1'], after['3']]).toEqual([before['1'], before['3']]);
  expect(after['2']).toMatchObject({ stated_total: 200 });
});

test('the same file again gets the first answer; another file under its number does not', async () => {
  const company = await testCompany(database);
  const path = await folder.write(
    'again.xml',
    listText(accountText(1) + accountText(2), { company: company.code, records: 2 }),
  );
  const first = await importFile(database, company, path);
  const before = await fingerprint(database, company);
  const second = await importFile(database, company, path);
  expect(second.outcome).toMatchObject({ ok: true, value: { repeated: true, counts: { inserted: 2 } } });
  expect(second.acknowledgement).toBe(first.acknowledgement);
  const other = await folder.write(
    'again.xml',
    listText(accountText(1) + accountText(3), { company: company.code, records: 2 }),
  );
  expect((await importFile(database, company, other)).outcome).toMatchObject(
    refused('listOutOfSequence', { found: 1, expected: 2 }),
  );
  expect(await fingerprint(database, company)).toEqual(before);
});

test.each<[string, (code: string) => string, string, object]>([
  [
    'not well-formed',
    (code) => listText(`${accountText(1)}<account no="2"></bill>`, { company: code, records: 2, seq: 2 }),
    'listMalformed',
    { line: 4, record: 2 },
  ],
  [
    'another company',
    () => listText(accountText(1), { company: 'OTHER', records: 1, seq: 2 }),
    'listWrongCompany',
    { found: 'OTHER' },
  ],
  [
    'a gap',
    (code) => listText(accountText(1), { company: code, records: 1, seq: 3 }),
    'listOutOfSequence',
    { found: 3, expected: 2 },
  ],
  [
    'cut in a record',
    (code) => listText(accountText(1) + accountText(2), { company: code, records: 2, seq: 2 }).slice(0, -60),
    'listTruncated',
    { found: 1, expected: 2 },
  ],
  [
    'cut between records',
    (code) =>
      listText(accountText(1) + accountText(2), { company: code, records: 2, seq: 2 }).replace(
        '</list>\n',
        '',
      ),
    'listTruncated',
    { expected: 2 },
  ],
  [
    'fewer records than stated',
    (code) => listText(accountText(1), { company: code, records: 2, seq: 2 }),
    'listTruncated',
    { found: 1, expected: 2 },
  ],
  [
    'more records than stated',
    (code) => listText(accountText(1) + accountText(2), { company: code, records: 1, seq: 2 }),
    'listMalformed',
    {},
  ],
  [
    'something after the list',
    (code) => `${listText(accountText(1), { company: code, records: 1, seq: 2 })}<list/>`,
    'listMalformed',
    { line: 5 },
  ],
  [
    'an entity of its own',
    (code) => listText(accountText(1).replace('Əliyev', '&sirr;'), { company: code, records: 1, seq: 2 }),
    'listHostile',
    { line: 3 },
  ],
  [
    'a DOCTYPE',
    (code) =>
      listText(accountText(1), { company: code, records: 1, seq: 2 }).replace(
        '<list',
        '<!DOCTYPE list SYSTEM "file:///etc/passwd"><list',
      ),
    'listHostile',
    {},
  ],
  [
    'deep nesting',
    (code) =>
      listText('<account no="1" holder="A" address="B" district="C"><bill><x><y/></x></bill></account>', {
        company: code,
        records: 1,
        seq: 2,
      }),
    'listHostile',
    { line: 3 },
  ],
  [
    'many attributes',
    (code) =>
      listText(`<account ${Array.from({ length: 40 }, (_, i) => `a${i}="1"`).join(' ')}/>`, {
        company: code,
        records: 1,
        seq: 2,
      }),
    'listHostile',
    { line: 3 },
  ],
  [
    'text between records',
    (code) => listText(`${accountText(1)}debts:\n`, { company: code, records: 1, seq: 2 }),
    'listMalformed',
    {},
  ],
  [
    'an unknown element',
    (code) => listText('<subscriber no="1"/>', { company: code, records: 1, seq: 2 }),
    'listMalformed',
    { line: 3 },
  ],
  [
    'figures of the future',
    (code) => listText(accountText(1), { company: code, records: 1, seq: 2, asOf: '2026-11-23T10:06:00Z' }),
    'listMalformed',
    {},
  ],
  [
    'figures older than ours',
    (code) => listText(accountText(1), { company: code, records: 1, seq: 2, asOf: '2026-11-19T02:00:00Z' }),
    'listMalformed',
    {},
  ],
  [
    'payments counted beyond the figures',
    (code) =>
      listText(accountText(1), {
        company: code,
        records: 1,
        seq: 2,
        asOf: day(21),
        paymentsThrough: day(22),
      }),
    'listMalformed',
    {},
  ],
  [
    'too many bad records',
    (code) =>
      listText(accountText(1) + accountText(2, 'x') + accountText(3, 'y'), {
        company: code,
        records: 3,
        seq: 2,
        asOf: day(21),
      }),
    'listTooManyBadRecords',
    { bad: 2, tolerance: 1 },
  ],
])('refused without any change: %s', async (_, text, code, detail) => {
  const company = await testCompany(database);
  await send(company, [accountText(1), accountText(2)]);
  const before = await fingerprint(database, company);
  const path = await folder.write('refused.xml', text(company.code));
  const { outcome, acknowledgement } = await importFile(database, company, path);
  expect(outcome).toMatchObject(refused(code, { file: 'refused.xml', ...detail }));
  expect(await fingerprint(database, company)).toEqual(before);
  // It is recorded, with its answer.
  const { rows } = await database.pool.query(
    `select refusal, acknowledgement from biller_list where biller_id = $1 and state = 'refused'`,
    [company.billerId],
  );
  expect(rows).toEqual([{ refusal: expect.objectContaining({ code }), acknowledgement }]);
  expect(acknowledgement).toContain(`outcome="refused"`);
  // The right list under the same number is taken afterwards.
  expect((await send(company, [accountText(1)], { seq: 2, asOf: day(21) })).outcome.ok).toBe(true);
});

test('too many bad records: the acknowledgement names them though nothing is taken', async () => {
  const company = await testCompany(database, { tolerance: 0 });
  const { acknowledgement } = await send(company, [accountText(1), accountText(2, 'x')]);
  expect(acknowledgement).toContain('listTooManyBadRecords');
  expect(acknowledgement).toContain('<badRecord record="2" line="4" account="2"');
});

test('the first list is full, and an unknown company has no lists', async () => {
  const company = await testCompany(database);
  expect((await send(company, [accountText(1)], { kind: 'delta' })).outcome).toMatchObject(
    refused('listMalformed'),
  );
  expect((await send(company, [accountText(1)], { seq: 2 })).outcome).toMatchObject(
    refused('listOutOfSequence', { expected: 1 }),
  );
  expect((await importFile(database, { billerId: '', code: 'NOBODY' }, 'x.xml')).outcome).toMatchObject({
    ok: false,
    error: { code: 'participantUnknown' },
  });
});

test('two lists of one company at once: one after the other, whoever is first', async () => {
  const company = await testCompany(database);
  await send(company, [accountText(1)]);
  const records = Array.from({ length: 3000 }, (_, i) => accountText(i + 1)).join('');
  const [a, b] = await Promise.all([
    folder.write('a.xml', listText(records, { company: company.code, records: 3000, seq: 2 })),
    folder.write(
      'b.xml',
      listText(`${records}${accountText(5000)}`, { company: company.code, records: 3001, seq: 2 }),
    ),
  ]);
  const answers = await Promise.all([importFile(database, company, a), importFile(database, company, b)]);
  expect(answers.filter((one) => one.outcome.ok)).toHaveLength(1);
  expect(answers.find((one) => !one.outcome.ok)?.outcome).toMatchObject(
    refused('listOutOfSequence', { found: 2, expected: 3 }),
  );
  const same = await Promise.all([
    importFile(database, company, a),
    importFile(database, company, a),
    importFile(database, company, b),
  ]);
  expect(same.filter((one) => one.outcome.ok && one.outcome.value.repeated)).toHaveLength(
    answers[0]?.outcome.ok ? 2 : 1,
  );
});

test('progress tells bytes and records, then the merge', async () => {
  const company = await testCompany(database);
  const records = Array.from({ length: 9000 }, (_, i) => accountText(i + 1)).join('');
  const path = await folder.write(
    'progress.xml',
    listText(records, { company: company.code, records: 9000 }),
  );
  const events: ImportProgress[] = [];
  await importList({ database, filePath: path, companyCode: company.code }, (event) => events.push(event));
  const reading = events.filter((event) => event.phase === 'reading');
  expect(reading.length).toBeGreaterThan(1);
  expect(reading.at(-1)).toMatchObject({ records: 9000, bytes: reading[0]?.totalBytes });
  expect(events.at(-1)).toEqual({ phase: 'merging', records: 9000 });
});

test('more bad records than are named: the first thousand by name, all counted', async () => {
  const company = await testCompany(database, { tolerance: 10_000 });
  const records = Array.from({ length: 2500 }, (_, i) => accountText(i + 1, i % 2 === 0 ? 'x' : '1.00'));
  const { outcome, acknowledgement } = await send(company, records);
  expect(outcome).toMatchObject(applied({ bad: 1250, inserted: 1250 }));
  expect(acknowledgement.match(/<badRecord /g)).toHaveLength(1000);
  expect(acknowledgement).toContain('<badRecords count="1250" named="1000">');
});
