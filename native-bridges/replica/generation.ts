import Database from 'better-sqlite3';
import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { Subscriber } from '../../contracts/domain.ts';
import type { Instant } from '../../contracts/time.ts';
import { foldPhone, foldText } from '../../contracts/rules/fold-text.ts';
import type { AccountWithCredits, ReplicaPage } from '../../core/ports/replica.ts';
import { OtherVersion } from './damage.ts';
import { searchIn } from './search.ts';

/** Raised with every change of the tables: a cache of another version is thrown away and loaded again. */
const VERSION = 2;

/**
 * Beginnings of words up to this length have an index of their own. What a person types is nearly always as short: the
 * search then walks one sorted list per word and stops at its limit, however common the words are. A longer beginning
 * has to gather the lists of all words that begin so, which is quick because they are few.
 */
const PREFIXES = Array.from({ length: 12 }, (_, n) => n + 1).join(' ');

const TABLES = `
  create table account (
    id integer primary key, biller_id text not null, account text not null, holder text not null, address text not null,
    phone text, phone_reversed text, active integer not null, as_of text not null, payments_through text not null, bills text not null,
    unique (account, biller_id)) strict;
  create index account_phone on account (phone_reversed) where phone_reversed is not null;
  create virtual table account_words using fts5(words, content='', contentless_delete=1, detail=none, prefix='${PREFIXES}', tokenize='unicode61 remove_diacritics 0');
  create table credit (line_id text primary key, biller_id text not null, account text not null, amount integer not null, posted_at text not null) strict, without rowid;
  create index credit_account on credit (biller_id, account);
  create table list (biller_id text primary key, as_of text not null, payments_through text not null) strict;
  create table subscriber (id integer primary key, code text not null unique, phone_reversed text, body text not null, local integer not null) strict;
  create index subscriber_phone on subscriber (phone_reversed) where phone_reversed is not null;
  create virtual table subscriber_words using fts5(words, content='', contentless_delete=1, detail=none, prefix='${PREFIXES}', tokenize='unicode61 remove_diacritics 0');
  create table subscriber_account (biller_id text not null, account text not null, code text not null, primary key (biller_id, account, code)) strict, without rowid;
  create index subscriber_account_code on subscriber_account (code);
  create table meta (name text primary key, value text not null) strict, without rowid;`;

/** Opens a generation, empty at first. What cannot be read, or is of another version, throws: the caller begins anew. */
export function openGeneration(path: string) {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    // A cache: after a power cut it is at an earlier page, whose cursor lies in the same transaction.
    db.pragma('synchronous = NORMAL');
    db.pragma('cache_size = -32768');
    const version = db.pragma('user_version', { simple: true });
    if (version === 0) {
      db.transaction(() => {
        db.exec(TABLES);
        db.pragma(`user_version = ${VERSION}`);
      })();
    } else if (version !== VERSION) throw new OtherVersion(`replica of version ${String(version)}`);
    return generationOf(db);
  } catch (error) {
    db.close();
    throw error;
  }
}
export type Generation = ReturnType<typeof openGeneration>;

export type AccountRow = {
  readonly id: number;
  readonly biller_id: string;
  readonly account: string;
  readonly holder: string;
  readonly address: string;
  readonly phone: string | null;
  readonly active: number;
  readonly as_of: string;
  readonly payments_through: string;
  readonly bills: string;
};

function generationOf(db: Database.Database) {
  const writer = writerOf(db);
  const meta = db.prepare<[string], { value: string }>('select value from meta where name = ?');
  const putMeta = db.prepare(
    'insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  );
  const credits = db.prepare<[string, string], { line_id: string; amount: number; posted_at: string }>(
    'select line_id, amount, posted_at from credit where biller_id = ? and account = ?',
  );
  const list = db.prepare<[string], { as_of: string; payments_through: string }>(
    'select as_of, payments_through from list where biller_id = ?',
  );
  const accountOf = db.prepare<[string, string], AccountRow>(
    'select * from account where account = ? and biller_id = ?',
  );
  const subscriberOf = db.prepare<[string], { body: string }>('select body from subscriber where code = ?');
  const codesOf = db.prepare<[string, string], { code: string }>(
    'select code from subscriber_account where biller_id = ? and account = ? order by code',
  );
  const locals = db.prepare<[], { body: string }>('select body from subscriber where local = 1');

  /** A row with its effective times, and the credits on it. Rows were checked when they came over the wire. */
  function complete(row: AccountRow): AccountWithCredits {
    const full = row.active === 1 ? list.get(row.biller_id) : undefined;
    const account = {
      billerId: row.biller_id,
      account: row.account,
      holder: row.holder,
      address: row.address,
      phone: row.phone,
      active: row.active === 1,
      asOf: later(row.as_of, full?.as_of),
      paymentsThrough: later(row.payments_through, full?.payments_through),
      bills: JSON.parse(row.bills) as ReplicaAccount['bills'],
    };
    const own = credits.all(row.biller_id, row.account);
    return {
      account,
      credits: own.map((c) => ({
        lineId: c.line_id,
        billerId: row.biller_id,
        account: row.account,
        amount: c.amount as ReplicaCredit['amount'],
        postedAt: c.posted_at,
      })),
    };
  }

  const toSubscriber = ({ body }: { body: string }): Subscriber => JSON.parse(body) as Subscriber;

  return {
    search: searchIn(db, complete, toSubscriber),
    cursor: (): string | null => meta.get('cursor')?.value ?? null,
    trueAt: (): Instant | null => meta.get('trueAt')?.value ?? null,
    /** Kept with each page: counting a million rows would hold up whoever searches meanwhile. */
    accountCount: (): number => Number(meta.get('activeAccounts')?.value ?? 0),
    account(billerId: string, account: string): AccountWithCredits | undefined {
      const row = accountOf.get(account, billerId);
      return row && complete(row);
    },
    subscriber(code: string): Subscriber | undefined {
      const row = subscriberOf.get(code);
      return row && toSubscriber(row);
    },
    subscribersOf: (billerId: string, account: string): readonly Subscriber[] =>
      codesOf.all(billerId, account).flatMap(({ code }) => subscriberOf.all(code).map(toSubscriber)),
    putSubscriber: (subscriber: Subscriber): void =>
      db.transaction(() => writer.subscriber(subscriber, true)).immediate(),
    /** What this counter put in place and the centre has not sent yet. */
    localSubscribers: (): readonly Subscriber[] => locals.all().map(toSubscriber),
    apply(page: ReplicaPage): void {
      db.transaction(() => {
        let active = Number(meta.get('activeAccounts')?.value ?? 0);
        for (const account of page.accounts) active += writer.account(account);
        putMeta.run('activeAccounts', String(active));
        for (const credit of page.credits) writer.credit(credit);
        for (const subscriber of page.subscribers) writer.subscriber(subscriber, false);
        for (const each of page.lists) writer.list(each);
        putMeta.run('cursor', page.cursor);
        if (!page.more) putMeta.run('trueAt', page.trueAt);
      }).immediate();
    },
    close: (): void => void db.close(),
  };
}

/** Instants of one form (UTC, milliseconds or not) do not compare as text when their fractions differ: by time. */
const later = (a: Instant, b: Instant | undefined): Instant =>
  b !== undefined && Date.parse(b) > Date.parse(a) ? b : a;

const reversed = (phone: string | null): string | null => {
  const digits = foldPhone(phone ?? '');
  return digits === '' ? null : [...digits].reverse().join('');
};

function writerOf(db: Database.Database) {
  const found = db.prepare<[string, string], { id: number; holder: string; address: string; active: number }>(
    'select id, holder, address, active from account where account = ? and biller_id = ?',
  );
  const insert = db.prepare(
    `insert into account (biller_id, account, holder, address, phone, phone_reversed, active, as_of, payments_through, bills)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare(
    `update account set holder = ?, address = ?, phone = ?, phone_reversed = ?, active = ?, as_of = ?, payments_through = ?, bills = ? where id = ?`,
  );
  const addWords = db.prepare('insert into account_words (rowid, words) values (?, ?)');
  const dropWords = db.prepare('delete from account_words where rowid = ?');
  const pruneCredits = db.prepare(
    "delete from credit where biller_id = ? and account = ? and unixepoch(posted_at, 'subsec') <= unixepoch(?, 'subsec')",
  );
  const pruneByList = db.prepare(
    `delete from credit where biller_id = ? and unixepoch(posted_at, 'subsec') <= unixepoch(?, 'subsec')
       and exists (select 1 from account a where a.account = credit.account and a.biller_id = credit.biller_id and a.active = 1)`,
  );
  const knownList = db.prepare<[string], { payments_through: string }>(
    'select payments_through from list where biller_id = ?',
  );
  const putCredit = db.prepare(
    'insert into credit (line_id, biller_id, account, amount, posted_at) values (?, ?, ?, ?, ?) on conflict (line_id) do update set posted_at = excluded.posted_at, amount = excluded.amount',
  );
  const putList = db.prepare(
    'insert into list (biller_id, as_of, payments_through) values (?, ?, ?) on conflict (biller_id) do update set as_of = excluded.as_of, payments_through = excluded.payments_through',
  );
  const foundSubscriber = db.prepare<[string], { id: number }>('select id from subscriber where code = ?');
  const insertSubscriber = db.prepare(
    'insert into subscriber (code, phone_reversed, body, local) values (?, ?, ?, ?)',
  );
  const updateSubscriber = db.prepare(
    'update subscriber set phone_reversed = ?, body = ?, local = ? where id = ?',
  );
  const addSubscriberWords = db.prepare('insert into subscriber_words (rowid, words) values (?, ?)');
  const dropSubscriberWords = db.prepare('delete from subscriber_words where rowid = ?');
  const dropBindings = db.prepare('delete from subscriber_account where code = ?');
  const addBinding = db.prepare(
    'insert or ignore into subscriber_account (biller_id, account, code) values (?, ?, ?)',
  );

  return {
    /** Puts a row in place; answers by how many that changes the number of active ones. */
    account(a: ReplicaAccount): number {
      const bills = JSON.stringify(a.bills);
      const words = foldText(`${a.holder} ${a.address}`);
      const old = found.get(a.account, a.billerId);
      if (old === undefined) {
        const { lastInsertRowid } = insert.run(
          a.billerId,
          a.account,
          a.holder,
          a.address,
          a.phone,
          reversed(a.phone),
          Number(a.active),
          a.asOf,
          a.paymentsThrough,
          bills,
        );
        if (a.active) addWords.run(lastInsertRowid, words);
        return Number(a.active);
      } else {
        update.run(
          a.holder,
          a.address,
          a.phone,
          reversed(a.phone),
          Number(a.active),
          a.asOf,
          a.paymentsThrough,
          bills,
          old.id,
        );
        // Closed accounts are not in the index: finding never has to step over them.
        if (old.active === 1 && (!a.active || old.holder !== a.holder || old.address !== a.address))
          dropWords.run(old.id);
        if (a.active && (old.active === 0 || old.holder !== a.holder || old.address !== a.address))
          addWords.run(old.id, words);
        pruneCredits.run(a.billerId, a.account, a.paymentsThrough);
        return Number(a.active) - old.active;
      }
    },
    credit: (c: ReplicaCredit): void =>
      void putCredit.run(c.lineId, c.billerId, c.account, c.amount, c.postedAt),
    list(l: ReplicaList): void {
      // Told with every last page, changed once a day: only then are its credits looked through.
      if (knownList.get(l.billerId)?.payments_through !== l.paymentsThrough)
        pruneByList.run(l.billerId, l.paymentsThrough);
      putList.run(l.billerId, l.asOf, l.paymentsThrough);
    },
    subscriber(s: Subscriber, local: boolean): void {
      const body = JSON.stringify(s);
      const words = foldText(`${s.name} ${s.address}`);
      const old = foundSubscriber.get(s.code);
      let id: number | bigint;
      if (old === undefined)
        id = insertSubscriber.run(s.code, reversed(s.phone), body, Number(local)).lastInsertRowid;
      else {
        id = old.id;
        updateSubscriber.run(reversed(s.phone), body, Number(local), id);
        dropSubscriberWords.run(id);
      }
      addSubscriberWords.run(id, words);
      dropBindings.run(s.code);
      for (const { billerId, account } of s.accounts) addBinding.run(billerId, account, s.code);
    },
  };
}
