import fc from 'fast-check';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReplicaAccount, ReplicaCredit } from '../../contracts/centre.ts';
import type { Subscriber } from '../../contracts/domain.ts';
import { qepik } from '../../contracts/money.ts';
import { foldPhone, foldText } from '../../contracts/rules/fold-text.ts';
import type { ReplicaPage } from '../../core/ports/replica.ts';
import { createReplica } from './replica.ts';

const [electricity, gas] = ['01944444-4444-7444-8444-444444444441', '01944444-4444-7444-8444-444444444442'];
const at = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T20:00:00Z`;

const account = (number: string, more: Partial<ReplicaAccount> = {}): ReplicaAccount => ({
  billerId: electricity,
  account: number,
  holder: 'Əliyev Rəşad İlqar oğlu',
  address: 'Nərimanov r., Təbriz küç., ev 12, mənzil 7',
  phone: null,
  active: true,
  asOf: at(1),
  paymentsThrough: at(1),
  bills: [{ billNo: `E-${number}`, period: '2026-10', amount: qepik(3840), dueDate: '2026-11-30' }],
  ...more,
});
const credit = (lineId: string, number: string, postedAt: string, amount = 1000): ReplicaCredit => ({
  lineId,
  billerId: electricity,
  account: number,
  amount: qepik(amount),
  postedAt,
});
const subscriber = (code: string, more: Partial<Subscriber> = {}): Subscriber => ({
  subscriberId: `01955555-5555-7555-8555-${code.padStart(12, '0')}`,
  code,
  name: 'Quliyeva Günel Şahin qızı',
  address: 'Nizami küç. 4',
  phone: '+994 50 312 44 55',
  email: null,
  language: 'az',
  accounts: [],
  ...more,
});
const page = (more: Partial<ReplicaPage>): ReplicaPage => ({
  restart: false,
  accounts: [],
  credits: [],
  subscribers: [],
  lists: [],
  cursor: 'c',
  more: false,
  trueAt: at(20),
  ...more,
});

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'komis-replica-'));
  const told: string[] = [];
  const opened: { close(): void }[] = [];
  onTestFinished(() => {
    for (const one of opened) one.close();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    told,
    open() {
      const replica = createReplica({ folder, onUnreadable: (reason) => told.push(reason) });
      let closed = false;
      const close = (): void => {
        if (!closed) replica.close();
        closed = true;
      };
      opened.push({ close });
      return { ...replica, close };
    },
  };
}
const numbers = (found: readonly { account: { account: string } }[]): string[] =>
  found.map((one) => one.account.account);

test('a restart is searched only when its last page is in; before that the old copy answers', () => {
  const { open } = place();
  const replica = open();
  expect(replica.cursor()).toBeNull();
  expect(replica.accountCount()).toBe(0);
  expect(replica.findByWords(['a'], 5)).toEqual({ accounts: [], subscribers: [] });
  replica.apply(page({ restart: true, accounts: [account('1'), account('2')], cursor: 'a1', trueAt: at(2) }));
  expect([replica.cursor(), replica.trueAt(), replica.accountCount()]).toEqual(['a1', at(2), 2]);

  replica.apply(page({ restart: true, accounts: [account('3')], cursor: 'b1', more: true, trueAt: at(3) }));
  expect([replica.cursor(), replica.trueAt(), replica.accountCount()]).toEqual(['b1', at(2), 2]);
  expect(numbers(replica.findByWords(['eliyev'], 9).accounts)).toEqual(['1', '2']);
  replica.apply(page({ accounts: [account('4')], cursor: 'b2', more: true, trueAt: at(3) }));
  expect(replica.account(electricity, '4')).toBeUndefined();
  replica.apply(page({ accounts: [account('5')], cursor: 'b3', trueAt: at(3) }));
  expect([replica.cursor(), replica.trueAt(), replica.accountCount()]).toEqual(['b3', at(3), 3]);
  expect(numbers(replica.findByWords(['eliyev'], 9).accounts)).toEqual(['3', '4', '5']);
});

test('a load that was cut off goes on where it was, and one that begins again leaves nothing of the first', () => {
  const { open, folder } = place();
  const before = open();
  before.apply(page({ restart: true, accounts: [account('1')], cursor: 'a1' }));
  before.apply(page({ restart: true, accounts: [account('2')], cursor: 'b1', more: true }));
  before.close();
  const after = open();
  expect(after.cursor()).toBe('b1');
  expect(numbers(after.findByAccount('1', 5))).toEqual(['1']);
  after.apply(page({ restart: true, accounts: [account('3')], cursor: 'd1', more: true }));
  after.apply(page({ accounts: [account('4')], cursor: 'd2' }));
  expect(after.accountCount()).toBe(2);
  expect(after.account(electricity, '2')).toBeUndefined();
  after.close();
  expect(open().cursor()).toBe('d2');
  expect(readdirSync(folder).filter((file) => /^generation-\d+\.sqlite$/.test(file))).toHaveLength(1);
});

test('while the very first load runs, what has come so far is found', () => {
  const { open } = place();
  const replica = open();
  replica.apply(page({ restart: true, accounts: [account('1')], more: true }));
  expect(numbers(replica.findByAccount('1', 5))).toEqual(['1']);
  expect(replica.trueAt()).toBeNull();
});

test('figures are as of the account’s own list or the company’s latest full one, whichever is later', () => {
  const { open } = place();
  const replica = open();
  replica.apply(
    page({
      restart: true,
      accounts: [
        account('1'),
        account('2', { asOf: '2026-11-10T20:00:00.500Z', paymentsThrough: '2026-11-10T20:00:00.500Z' }),
        account('3', { active: false, bills: [] }),
        account('4', { billerId: gas }),
      ],
      lists: [{ billerId: electricity, asOf: at(10), paymentsThrough: at(9) }],
    }),
  );
  const times = (number: string, billerId = electricity) => {
    const found = replica.account(billerId, number)?.account;
    return [found?.asOf, found?.paymentsThrough];
  };
  expect(times('1')).toEqual([at(10), at(9)]);
  expect(times('2')).toEqual(['2026-11-10T20:00:00.500Z', '2026-11-10T20:00:00.500Z']);
  expect(times('3')).toEqual([at(1), at(1)]);
  expect(times('4', gas)).toEqual([at(1), at(1)]);
  replica.apply(page({ lists: [{ billerId: electricity, asOf: at(12), paymentsThrough: at(12) }] }));
  expect(times('2')).toEqual([at(12), at(12)]);
});

test('credits come with the account, once each, and go when its figures count them', () => {
  const { open } = place();
  const replica = open();
  const line = (n: number): string => `01966666-6666-7666-8666-00000000000${n}`;
  replica.apply(page({ restart: true, accounts: [account('1'), account('2')] }));
  replica.apply(
    page({
      credits: [credit(line(1), '1', at(2)), credit(line(2), '1', at(5)), credit(line(3), '2', at(2))],
    }),
  );
  replica.apply(page({ credits: [credit(line(1), '1', at(2)), credit(line(4), '1', at(6), -1000)] }));
  const lines = (number: string) =>
    replica.account(electricity, number)?.credits.map(({ lineId, amount }) => [lineId, amount]);
  expect(lines('1')).toEqual([
    [line(1), 1000],
    [line(2), 1000],
    [line(4), -1000],
  ]);
  replica.apply(page({ accounts: [account('1', { asOf: at(4), paymentsThrough: at(4) })] }));
  expect(lines('1')).toEqual([
    [line(2), 1000],
    [line(4), -1000],
  ]);
  expect(lines('2')).toEqual([[line(3), 1000]]);
  // A full list that leaves the rows as they are counts them just the same; on a closed account it says nothing.
  replica.apply(
    page({ accounts: [account('3', { active: false })], credits: [credit(line(5), '3', at(2))] }),
  );
  replica.apply(
    page({
      credits: [credit(line(6), '2', at(3)), credit(line(7), '2', at(9))],
      lists: [{ billerId: electricity, asOf: at(5), paymentsThrough: at(5) }],
    }),
  );
  expect(lines('1')).toEqual([[line(4), -1000]]);
  expect(lines('2')).toEqual([[line(7), 1000]]);
  expect(lines('3')).toEqual([[line(5), 1000]]);
});

test('numbers are found exactly first, then by their beginning, at any company; a closed one only when it is asked for', () => {
  const { open } = place();
  const replica = open();
  replica.apply(
    page({
      restart: true,
      accounts: [
        account('120', { billerId: gas }),
        account('1200'),
        account('12'),
        account('12', { billerId: gas }),
        account('13'),
        account('12A/4-x', { active: false }),
      ],
    }),
  );
  expect(numbers(replica.findByAccount('12', 10))).toEqual(['12', '12', '120', '1200']);
  expect(numbers(replica.findByAccount('12', 3))).toEqual(['12', '12', '120']);
  expect(replica.findByAccount('', 10)).toEqual([]);
  expect(replica.findByAccount("1' or '1'='1", 10)).toEqual([]);
  expect(replica.account(electricity, '12A/4-x')?.account.active).toBe(false);
  replica.apply(page({ accounts: [account('12A/4-x')] }));
  expect(numbers(replica.findByAccount('12A', 10))).toEqual(['12A/4-x']);
});

test('subscribers and their accounts are found by code, account, phone and words', () => {
  const { open } = place();
  const replica = open();
  const bound = [
    { billerId: electricity, account: '1', label: 'Mənzil 7' },
    { billerId: electricity, account: '2', label: 'Bağ evi' },
  ];
  replica.apply(
    page({
      restart: true,
      accounts: [account('1', { phone: '(012) 565-41-08' }), account('2')],
      subscribers: [subscriber('1234567890', { accounts: bound }), subscriber('2234567890', { phone: null })],
    }),
  );
  expect(replica.subscriber('1234567890')?.accounts).toEqual(bound);
  expect(replica.subscriber('9999999999')).toBeUndefined();
  expect(replica.subscribersOf(electricity, '2').map(({ code }) => code)).toEqual(['1234567890']);
  for (const typed of ['4108', '565 41 08', '012 565-41-08', '+994 12 565 41 08']) {
    expect(numbers(replica.findByPhone(foldPhone(typed), 5).accounts)).toEqual(['1']);
  }
  expect(replica.findByPhone(foldPhone('3124455'), 5).subscribers.map(({ code }) => code)).toEqual([
    '1234567890',
  ]);
  expect(replica.findByPhone('', 5)).toEqual({ accounts: [], subscribers: [] });
  const words = foldText('GÜNEL quliyeva').split(' ');
  expect(replica.findByWords(words, 5).subscribers).toHaveLength(2);

  replica.apply(
    page({ subscribers: [subscriber('1234567890', { name: 'Həsənova Lalə', accounts: bound.slice(1) })] }),
  );
  expect(replica.subscribersOf(electricity, '1')).toEqual([]);
  expect(replica.findByWords(words, 5).subscribers.map(({ code }) => code)).toEqual(['2234567890']);
  expect(replica.findByWords(['hesen'], 5).subscribers.map(({ code }) => code)).toEqual(['1234567890']);
});

test('who was registered here stays through a reload that does not know of it yet, until the centre’s row comes', () => {
  const { open } = place();
  const replica = open();
  replica.apply(page({ restart: true, subscribers: [subscriber('1111111111'), subscriber('3333333333')] }));
  replica.putSubscriber(subscriber('2222222222', { name: 'Yeni Abunəçi' }));
  replica.apply(page({ restart: true, subscribers: [subscriber('1111111111')] }));
  expect(replica.subscriber('2222222222')?.name).toBe('Yeni Abunəçi');
  expect(replica.subscriber('3333333333')).toBeUndefined();

  replica.apply(page({ subscribers: [subscriber('2222222222', { name: 'Mərkəzdən' })] }));
  replica.apply(page({ restart: true, subscribers: [] }));
  expect(replica.subscriber('2222222222')).toBeUndefined();
});

test('what must outlive the cache does; a lease is asked for under one id until its block is in', () => {
  const { open, folder } = place();
  const replica = open();
  const ids = ['01977777-7777-7777-8777-777777777771', '01977777-7777-7777-8777-777777777772'];
  let minted = 0;
  const mint = (): string => ids[minted++] ?? '';
  const workstation = {
    workstationId: electricity,
    code: 'WS07',
    branchName: 'Nərimanov filialı',
    branchAddress: '',
    participantName: 'Bank',
    district: 'Nərimanov',
  };
  const policy = {
    offlineMaxPayment: qepik(50_000),
    offlineMaxPerShift: qepik(500_000),
    offlineLoginHours: 72,
    codeBlockLow: 5,
    countTolerance: qepik(0),
  };
  replica.putCounter({ workstation, policy, receiptVerifyUrl: 'https://centre/q/' });
  expect(replica.beginLease(mint)).toBe(ids[0]);
  replica.close();
  for (const file of readdirSync(folder)) if (file.startsWith('generation')) rmSync(join(folder, file));

  const again = open();
  expect(again.counter()?.workstation).toEqual(workstation);
  expect(again.beginLease(mint)).toBe(ids[0]);
  const block = { leaseId: ids[0] ?? '', firstSerial: 100, lastSerial: 199 };
  again.putCodeBlock(block);
  again.putCodeBlock(block);
  again.close();
  const third = open();
  expect(third.codeBlocks()).toEqual([block]);
  expect(third.beginLease(mint)).toBe(ids[1]);
});

test('a damaged cache is thrown away and asked for again; the durable part is set aside, never in the way', () => {
  const { open, folder, told } = place();
  const first = open();
  const many = Array.from({ length: 400 }, (_, n) => account(String(1000 + n)));
  first.apply(page({ restart: true, accounts: many }));
  first.beginLease(() => electricity);
  first.close();
  const cache = join(folder, readdirSync(folder).find((file) => /^generation-\d+\.sqlite$/.test(file)) ?? '');
  const bytes = readFileSync(cache);
  bytes.fill(0xa5, 8192);
  writeFileSync(cache, bytes);
  const second = open();
  expect(second.findByAccount('1000', 5)).toEqual([]);
  expect(second.findByWords(['eliyev'], 5).accounts).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
  expect(second.cursor()).toBeNull();
  second.apply(page({ restart: true, accounts: [account('7')] }));
  expect(numbers(second.findByAccount('7', 5))).toEqual(['7']);
  second.close();

  writeFileSync(join(folder, 'kept.sqlite'), 'no database at all '.repeat(1000));
  const third = open();
  expect(existsSync(join(folder, 'kept.sqlite.damaged'))).toBe(true);
  expect([third.counter(), third.codeBlocks(), third.cursor()]).toEqual([null, [], null]);
  expect(third.beginLease(() => gas)).toBe(gas);
});

test('whatever pages come in whatever order, finding agrees with a plain walk over what should be there', () => {
  const names = ['Əliyev Rəşad', 'Əliyeva Aygün', 'Məmmədov İlqar', 'Şükürova Xədicə', 'Ismayılov Ənvər'];
  const streets = ['Nizami küç. 4', 'Təbriz küç. 12', '28 May 1', 'Nizami küç. 41'];
  const row = fc.record({
    number: fc.integer({ min: 1, max: 30 }),
    holder: fc.constantFrom(...names),
    address: fc.constantFrom(...streets),
    phone: fc.constantFrom(null, '0125654108', '+994125654108', '5554108'),
    active: fc.boolean(),
  });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('page' as const),
      rows: fc.array(row, { maxLength: 8 }),
      restart: fc.constant(false),
      more: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('page' as const),
      rows: fc.array(row, { maxLength: 8 }),
      restart: fc.constant(true),
      more: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('reopen' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const { open } = place();
      let replica = open();
      let shown: Map<string, ReplicaAccount> | null = null;
      let building: Map<string, ReplicaAccount> | null = null;
      for (const one of steps) {
        if (one.kind === 'reopen') {
          replica.close();
          replica = open();
          continue;
        }
        const accounts = one.rows.map(({ number, ...more }) => account(String(number), more));
        replica.apply(page({ restart: one.restart, more: one.more, accounts }));
        if (one.restart) building = new Map();
        const target: Map<string, ReplicaAccount> = building ?? shown ?? (building = new Map());
        for (const each of accounts) target.set(each.account, each);
        if (!one.more && target === building) [shown, building] = [building, null];
      }
      const visible = [...(shown ?? building ?? new Map<string, ReplicaAccount>()).values()].filter(
        ({ active }) => active,
      );
      const sorted = (list: readonly string[]): string[] => [...list].sort();
      const wanted = (keep: (one: ReplicaAccount) => boolean): string[] =>
        sorted(visible.filter(keep).map((one) => one.account));

      expect(replica.accountCount()).toBe(visible.length);
      for (const text of ['1', '2', '30']) {
        expect(sorted(numbers(replica.findByAccount(text, 99)))).toEqual(
          wanted((one) => one.account.startsWith(text)),
        );
      }
      for (const digits of ['4108', '125654108', '8']) {
        expect(sorted(numbers(replica.findByPhone(digits, 99).accounts))).toEqual(
          wanted(({ phone }) => phone !== null && foldPhone(phone).endsWith(digits)),
        );
      }
      for (const words of [
        ['e'],
        ['eliy', 'niz'],
        ['nizami', '4'],
        ['xedice'],
        ['ismayilov', 'enver'],
        ['4', '28'],
      ]) {
        expect(sorted(numbers(replica.findByWords(words, 99).accounts))).toEqual(
          wanted(({ holder, address }) => {
            const own = foldText(`${holder} ${address}`).split(' ');
            return words.every((word) => own.some((each) => each.startsWith(word)));
          }),
        );
      }
      replica.close();
    }),
    { numRuns: 40 },
  );
});
