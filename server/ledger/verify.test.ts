import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { pushJournal } from '../intake/journal-push.ts';
import { audit } from '../registry/audit.ts';
import { addDevice, fillRegistry, putAccount } from '../testing/fixture.ts';
import { appendSale, testCardSale } from '../testing/cards.ts';
import { testJournal, testPayment, testShift, testStorno } from '../testing/device.ts';
import { verifyLedger } from './verify.ts';

let database: Database;

beforeAll(async () => {
  database = await withTestDatabase();
  const fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
  const { device, key } = await addDevice(database, fixture, 'WS01');
  const journal = testJournal(key);
  const shift = testShift();
  const payments = Array.from({ length: 6 }, (_, i) =>
    testPayment(shift, [
      { billerId: fixture.electricity, account: i % 3 === 0 ? 'unknown' : '1', amount: 100 + i, fee: 10 },
    ]),
  );
  for (const payment of payments) journal.append('payment.accepted', payment);
  if (payments[1]) journal.append('payment.stornoed', testStorno(shift, payments[1]));
  const sale = testCardSale(shift, [{ billerId: fixture.electricity, account: '1', amount: 3800 }], 1000);
  appendSale(journal, sale);
  const alone = testCardSale(shift, [{ billerId: fixture.electricity, account: '1', amount: 700 }]);
  journal.append('pos.prepared', alone.prepared);
  journal.append('pos.concluded', { ...alone.concluded, recordedAs: null });
  for (let i = 0; i < journal.entries.length; i += 2)
    await pushJournal(database, device, journal.entries.slice(i, i + 2));
  await audit(database.db, 'test', 'one', 'a');
  await audit(database.db, 'test', 'two', 'b');
});
afterAll(() => database.close());

/** Meter cards have books of their own (server/vending/verify-loads.test.ts); here there are none. */
const OF_CARDS: readonly string[] = ['loads', 'meterCards', 'loadPayments'];

test('books that nobody touched are right', async () => {
  const proof = await verifyLedger(database);
  expect(proof.checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
  expect(Object.fromEntries(proof.checks.map(({ name, checked }) => [name, checked > 0]))).toEqual(
    Object.fromEntries(proof.checks.map(({ name }) => [name, !OF_CARDS.includes(name)])),
  );
});

/** Every way of cooking the books, past all triggers, and the check that must notice. */
const TAMPERING: readonly [what: string, sql: string, checks: readonly string[]][] = [
  [
    'an amount',
    'update ledger_entry set amount = amount + 1 where line_no = 1',
    ['journals', 'balances', 'blocks', 'entries'],
  ],
  [
    'two amounts that still balance',
    `update ledger_entry set amount = amount + case line_no when 0 then 5 else -5 end where line_no in (0, 1) and journal_id = (select min(journal_id::text)::uuid from ledger_entry)`,
    ['balances', 'blocks', 'entries'],
  ],
  [
    'an account',
    `update ledger_entry set account = 'payable:x' where account like 'payable:%'`,
    ['balances', 'blocks', 'entries'],
  ],
  [
    'an entry taken out',
    'delete from ledger_entry where line_no = 2',
    ['journals', 'balances', 'blocks', 'entries'],
  ],
  ['a balance', `update ledger_balance set amount = amount - 1 where account = 'unallocated'`, ['balances']],
  ['a balance taken out', `delete from ledger_balance where account = 'unallocated'`, ['balances']],
  [
    'a whole posting taken out',
    `delete from ledger_entry where journal_id in (select journal_id from ledger_journal order by journal_id limit 1)`,
    ['balances', 'blocks', 'entries'],
  ],
  ['a block taken out', 'delete from ledger_block where seq = 2', ['blocks']],
  [
    'the last block taken out',
    'delete from ledger_block where seq = (select max(seq) from ledger_block)',
    ['blocks'],
  ],
  ['a block’s hash', `update ledger_block set hash = repeat('0', 64) where seq = 1`, ['blocks']],
  ['a date', `update ledger_journal set business_date = business_date + 1`, ['blocks', 'payments']],
  [
    'a time',
    `update ledger_journal set posted_at = posted_at + interval '1 ms'`,
    ['blocks', 'payments', 'counters'],
  ],
  ['a payment’s total', 'update payment set total = total + 1', ['payments', 'stornos']],
  ['a payment taken out', `delete from payment where kind = 'storno'`, ['payments']],
  ['the lines taken out', 'delete from payment_line', ['payments', 'entries']],
  ['a line’s company', 'update payment_line set biller_id = gen_random_uuid()', ['entries']],
  [
    'a line’s amount',
    'update payment_line set amount = amount + 1, fee = fee - 1 where amount > 0',
    ['entries', 'payments', 'stornos'],
  ],
  ['a line placed elsewhere', `update payment_line set placed = 'payable'`, ['entries']],
  [
    'what a storno reverses',
    `update payment set reverses = null where kind = 'storno'`,
    ['payments', 'stornos'],
  ],
  [
    'a journal entry’s text',
    `update device_journal set body = replace(body, '"amount":101', '"amount":901') where seq = 2`,
    ['deviceJournals'],
  ],
  ['a journal entry taken out', 'delete from device_journal where seq = 3', ['deviceJournals', 'counters']],
  [
    'the last journal entry taken out',
    'delete from device_journal where seq = (select max(seq) from device_journal)',
    ['deviceJournals', 'counters'],
  ],
  [
    'a journal entry’s signature',
    `update device_journal set signature = (select signature from device_journal where seq = 1) where seq = 2`,
    ['deviceJournals'],
  ],
  [
    'an outcome',
    `update device_journal set outcome = 'posted', posted_at = now(), journal_id = gen_random_uuid() where seq = 2`,
    ['counters'],
  ],
  ['a case that went missing', `update device_journal set outcome = 'case' where seq = 2`, ['counters']],
  [
    'a card attempt taken out',
    `delete from card_attempt where recorded_as is not null`,
    ['attempts', 'cards'],
  ],
  [
    'a card attempt that no terminal made',
    `insert into card_attempt (device_id, attempt_id, participant_id, kind, amount, outcome, recorded_as)
     select device_id, gen_random_uuid(), participant_id, kind, 5, 'done', null from card_attempt limit 1`,
    ['attempts', 'refundsDue'],
  ],
  [
    'what a terminal made',
    `update card_attempt set amount = amount + 1`,
    ['attempts', 'cards', 'refundsDue'],
  ],
  [
    'how an attempt ended',
    `update card_attempt set outcome = 'declined'`,
    ['attempts', 'cards', 'refundsDue'],
  ],
  ['what records an attempt', `update card_attempt set recorded_as = gen_random_uuid()`, ['attempts']],
  [
    'a charge whose money is not booked',
    `update card_attempt set booked_journal = null where recorded_as is null`,
    ['attempts', 'cards'],
  ],
  [
    'a sale whose payment never came',
    `with late as (update device_journal set received_at = received_at - interval '2 days' where type = 'pos.concluded')
     update card_attempt set booked_journal = null where recorded_as is not null`,
    ['attempts', 'cards'],
  ],
  [
    'an attempt booked by another device',
    `with other as (update device_journal set device_id = gen_random_uuid() where type = 'payment.accepted') update card_attempt set reason = null`,
    ['cards', 'deviceJournals'],
  ],
  [
    'an attempt paying for two journals',
    `update card_attempt set booked_journal = (select journal_id from ledger_journal where kind = 'cardCharge')`,
    ['cards'],
  ],
  [
    'the terminal a card was charged at',
    `update ledger_entry set account = account || '9' where account like 'pos:%'`,
    ['cards', 'blocks'],
  ],
  [
    'what is owed to payers',
    `update ledger_entry set account = 'payable:x' where account like 'refunds-due:%'`,
    ['refundsDue', 'blocks'],
  ],
  [
    'a card’s money as cash',
    `update ledger_entry set account = 'cash:shift:x' where account like 'pos:%'`,
    ['cards', 'blocks'],
  ],
  ['an audit row', `update audit_log set actor = 'nobody' where seq = 2`, ['audit']],
  ['an audit row taken out', 'delete from audit_log where seq = 2', ['audit']],
];

test.each(TAMPERING)('it notices: %s', async (_, sql, checks) => {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica'); // triggers sleep, as for one who owns the machine
    const { rowCount } = await client.query(sql);
    expect(rowCount).toBeGreaterThan(0);
    const proof = await verifyLedger({
      ...database,
      pool: { connect: async () => ({ query: inside(client), release: () => undefined }) } as never,
    });
    expect(proof.ok).toBe(false);
    expect(proof.checks.filter(({ wrong }) => wrong > 0).map(({ name }) => name)).toEqual(
      expect.arrayContaining([...checks]),
    );
    for (const check of proof.checks.filter(({ wrong }) => wrong > 0))
      expect(check.findings.length).toBeGreaterThan(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

/** Runs the proof's statements inside the transaction that did the tampering. */
const inside =
  (client: { query: (...given: never[]) => unknown }) =>
  (text: string, ...rest: never[]) =>
    /^(begin|commit|rollback)/.test(text)
      ? Promise.resolve({ rows: [] })
      : client.query(text as never, ...rest);
