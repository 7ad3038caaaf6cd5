import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { cancelLoad, writeOffLoad } from './cancel.ts';
import { SUPERVISOR, testVending, valueOf, type TestVending } from './testing/counter.ts';
import { loading, s2Of } from './testing/loading.ts';

let v: TestVending;
const { cancel, loaded, paidLoad } = loading(() => v);

/** One of each: on its card, owed, cancelled with and without an order, given back, written off, money without an order. */
beforeAll(async () => {
  v = await testVending();
  const a = await v.till('WS01');
  await loaded(a, await v.purse());
  await paidLoad(a, await v.purse());
  const torn = await v.purse();
  const tornId = await paidLoad(a, torn);
  s2Of(await a.authorise(torn, tornId, 2_000));
  valueOf(await cancel(a, tornId, torn));
  const back = await v.purse();
  const backId = mintId();
  valueOf(await a.read(back));
  valueOf(await a.quote(back, 300, backId));
  await a.storno(await a.pay(back, backId, 300));
  const dropped = await paidLoad(a, await v.purse(), 450);
  valueOf(await cancelLoad(v, a.device, { loadId: dropped, evidence: null, supervisor: SUPERVISOR }));
  const lost = await v.purse();
  const lostId = await paidLoad(a, lost, 700);
  s2Of(await a.authorise(lost, lostId, 700));
  valueOf(
    await writeOffLoad(v, a.device, {
      loadId: lostId,
      reason: 'cardLost',
      note: 'itib',
      supervisor: SUPERVISOR,
    }),
  );
  await a.pay(back, mintId(), 120);
});
afterAll(() => v.close());

test('books of cards that nobody touched are right, and are looked at', async () => {
  const { checks } = await verifyLedger(v.database);
  expect(checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
  for (const name of ['loads', 'meterCards', 'loadPayments'])
    expect(checks.find((check) => check.name === name)?.checked, name).toBeGreaterThan(0);
});

const TAMPERING: readonly [what: string, sql: string, check: string][] = [
  [
    'a load said to be on its card',
    `update meter_load set state = 'confirmed', counter = 77 where state = 'paid'`,
    'loads',
  ],
  ['an amount of a load', `update meter_load set amount = amount + 1 where state = 'confirmed'`, 'loads'],
  [
    'a load paid by nothing',
    `update meter_load set line_id = gen_random_uuid() where state = 'paid'`,
    'loads',
  ],
  [
    'a load paid by another’s line',
    `update meter_load set line_id = (select line_id from payment_line p where amount > 0 and not exists (select from meter_load l where l.line_id = p.line_id) limit 1)
     where state = 'paid'`,
    'loads',
  ],
  [
    'money said to be given back',
    `update meter_load set stornoed_at = now() where state = 'confirmed'`,
    'loads',
  ],
  [
    'money given back and forgotten',
    `update meter_load set stornoed_at = null where stornoed_at is not null`,
    'loads',
  ],
  [
    'a cancellation without the card',
    `update meter_event set detail = detail - 'status' where detail ? 'status'`,
    'loads',
  ],
  ['an end that nothing tells of', `delete from meter_event where kind = 'confirmed'`, 'loads'],
  ['a write-off without a case', `delete from case_file where kind = 'loadWrittenOff'`, 'loads'],
  ['a card’s counter', `update meter_card set counter = counter + 1 where counter > 0`, 'meterCards'],
  [
    'a card’s last load',
    `update meter_card set last_load_id = gen_random_uuid() where counter > 0`,
    'meterCards',
  ],
  [
    'a payment noted for another load',
    `update meter_load_payment set load_id = gen_random_uuid() where stray is not null`,
    'loadPayments',
  ],
  ['a payment not noted', `delete from meter_load_payment where stray is not null`, 'loadPayments'],
  [
    'a payment made up',
    `insert into meter_load_payment (line_id, load_id, card_id, payment_id, device_id, amount)
     select gen_random_uuid(), load_id, card_id, payment_id, device_id, amount from meter_load_payment limit 1`,
    'loadPayments',
  ],
  [
    'money that no order took, without a case',
    `delete from case_file where kind = 'loadPaymentStray'`,
    'loadPayments',
  ],
];

test.each(TAMPERING)('it notices: %s', async (_, sql, name) => {
  const client = await v.database.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    expect((await client.query(sql)).rowCount).toBeGreaterThan(0);
    const query = (text: string, ...rest: never[]) =>
      /^(begin|commit|rollback)/.test(text) ? Promise.resolve({ rows: [] }) : client.query(text, ...rest);
    const proof = await verifyLedger({
      ...v.database,
      pool: { connect: async () => ({ query, release: () => undefined }) } as never, // what the proof uses of it
    });
    expect(proof.ok).toBe(false);
    const check = proof.checks.find((one) => one.name === name);
    expect(check?.wrong, JSON.stringify(proof.checks.filter(({ wrong }) => wrong > 0))).toBeGreaterThan(0);
    expect(check?.findings.length).toBeGreaterThan(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});
