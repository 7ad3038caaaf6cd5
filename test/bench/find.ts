import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplicaAccount } from '../../contracts/centre.ts';
import { qepik } from '../../contracts/money.ts';
import { foldPhone, foldText } from '../../contracts/rules/fold-text.ts';
import { createReplica } from '../../native-bridges/replica/replica.ts';
import { percentile, type Bench } from './bench.ts';

const SMALL = 100_000;
const LARGE = 1_000_000;
const PAGE_ROWS = 2_000;
const ROUNDS = 20;
const LIMIT = 20;

/** Finding in a replica of 100,000 accounts, and how its p99 grows to a million. */
export const findGrowth: Bench = {
  name: 'find in the replica, 100,000 accounts and 1 million',
  limit: { kind: 'report' },
  run: async () => compared(),
};

function compared() {
  const first = measure(SMALL);
  const second = measure(LARGE);
  return {
    ratio: null,
    details: {
      accounts: SMALL,
      findP50Ms: first.p50Ms,
      findP99Ms: first.p99Ms,
      worstMs: first.worstMs,
      worstQuery: first.worstQuery,
      loadRowsPerSecond: first.rowsPerSecond,
      pageP99Ms: first.pageP99Ms,
      largeAccounts: LARGE,
      largeFindP50Ms: second.p50Ms,
      largeFindP99Ms: second.p99Ms,
      largeWorstMs: second.worstMs,
      largeWorstQuery: second.worstQuery,
      p99GrowthTimes: second.p99Ms / first.p99Ms,
    },
  };
}

/**
 * What tellers type: beginnings of names, name and street, numbers, phones; and what is hard for an index: letters that
 * every row has, common words that never stand together, a common word with one that is nowhere.
 */
const WORDS = [
  'm', 'mə', 'məm', 'Məmmədov', 'Məmmədova Aygün', 'Əliyev Rəşad Nizami', 'xədicə zəhra', 'İsmayılov İlqar Təbriz 12',
  'a b', 'e e', 'k m e', 'mənzil', 'Nərimanov', 'n r küç ev mənzil', 'Məmmədov Əliyev', 'qızı oğlu', 'qızı oğlu Nərimanov',
  'Nərimanov zz', 'e zz', 'ev 12 mənzil 7', 'küç 1 2 3 4',
]; // prettier-ignore

function measure(accounts: number) {
  const folder = mkdtempSync(join(tmpdir(), 'komis-bench-find-'));
  const replica = createReplica({
    folder,
    onUnreadable: (reason) => {
      throw new Error(reason);
    },
  });
  try {
    const pagesMs: number[] = [];
    const random = numbersFrom(20261123);
    const loading = performance.now();
    for (let from = 0; from < accounts; from += PAGE_ROWS) {
      const rows = Array.from({ length: Math.min(PAGE_ROWS, accounts - from) }, (_, n) =>
        row(from + n, random),
      );
      const begun = performance.now();
      replica.apply({
        restart: from === 0,
        accounts: rows,
        credits: [],
        subscribers: [],
        lists: [],
        cursor: String(from),
        more: from + PAGE_ROWS < accounts,
        trueAt: AS_OF,
      });
      pagesMs.push(performance.now() - begun);
    }
    const loadMs = performance.now() - loading;

    const times: number[] = [];
    let worst = { ms: 0, query: '' };
    const time = (query: string, find: () => unknown): void => {
      const begun = performance.now();
      find();
      const ms = performance.now() - begun;
      times.push(ms);
      if (ms > worst.ms) worst = { ms, query };
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (const text of WORDS) time(text, () => replica.findByWords(foldText(text).split(' '), LIMIT));
      for (let n = 0; n < WORDS.length; n++) {
        const number = String(NUMBER_FROM + random(accounts)).slice(0, 3 + random(7));
        time(number, () => replica.findByAccount(number, LIMIT));
        const phone = String(1_000_000 + random(9_000_000)).slice(random(4));
        time(phone, () => replica.findByPhone(foldPhone(phone), LIMIT));
      }
    }
    return {
      p50Ms: percentile(times, 0.5),
      p99Ms: percentile(times, 0.99),
      worstMs: worst.ms,
      worstQuery: worst.query,
      rowsPerSecond: Math.round((accounts / loadMs) * 1000),
      pageP99Ms: percentile(pagesMs, 0.99),
    };
  } finally {
    replica.close();
    rmSync(folder, { recursive: true });
  }
}

const AS_OF = '2026-11-22T20:00:00.000Z';
const NUMBER_FROM = 120_000_000;
const COMPANIES = [1, 2, 3, 4].map((n) => `01944444-4444-7444-8444-44444444444${n}`);
const SURNAMES = [
  'Məmmədov', 'Əliyev', 'Həsənov', 'Hüseynov', 'Quliyev', 'İsmayılov', 'Rəhimov', 'Abbasov', 'İbrahimov', 'Cəfərov', 'Babayev',
  'Mustafayev', 'Süleymanov', 'Kərimov', 'Nəbiyev', 'Vəliyev', 'Səfərov', 'Qasımov', 'Mehdiyev', 'Ağayev', 'Bağırov', 'Şükürov',
]; // prettier-ignore
const NAMES = [
  'Rəşad', 'Elçin', 'Vüqar', 'Anar', 'Tural', 'Samir', 'Orxan', 'İlqar', 'Ramil', 'Elnur', 'Kamran', 'Fuad', 'Zaur', 'Şahin',
  'Aygün', 'Leyla', 'Günel', 'Nərmin', 'Sevinc', 'Aytən', 'Könül', 'Ülviyyə', 'Lalə', 'Fidan', 'Nigar', 'Xədicə', 'Zəhra',
]; // prettier-ignore
const STREETS = [
  'Nizami', 'Füzuli', 'Səməd Vurğun', 'Üzeyir Hacıbəyov', '28 May', 'Azadlıq', 'Atatürk', 'Təbriz', 'Fətəli Xan Xoyski',
  'Zərifə Əliyeva', 'Bakıxanov', 'İnşaatçılar', 'Gənclik', 'Babək',
]; // prettier-ignore

/** The same numbers in every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function row(n: number, random: (below: number) => number): ReplicaAccount {
  const one = (list: readonly string[]): string => list[random(list.length)] ?? '';
  const woman = random(2) === 0;
  return {
    billerId: COMPANIES[n % COMPANIES.length] ?? '',
    account: String(NUMBER_FROM + n),
    holder: `${one(SURNAMES)}${woman ? 'a' : ''} ${one(NAMES)} ${one(NAMES)} ${woman ? 'qızı' : 'oğlu'}`,
    address: `Nərimanov r., ${one(STREETS)} küç., ev ${random(200) + 1}, mənzil ${random(120) + 1}`,
    phone: random(3) === 0 ? null : `+994 12 ${400 + random(200)}-${10 + random(90)}-${10 + random(90)}`,
    active: true,
    asOf: AS_OF,
    paymentsThrough: AS_OF,
    bills: [
      { billNo: `E-${n}`, period: '2026-10', amount: qepik(100 + random(20_000)), dueDate: '2026-11-30' },
    ],
  };
}
