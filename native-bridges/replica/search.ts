import type Database from 'better-sqlite3';
import type { Subscriber } from '../../contracts/domain.ts';
import type { AccountWithCredits } from '../../core/ports/replica.ts';
import type { AccountRow } from './generation.ts';

type Found = {
  readonly accounts: readonly AccountWithCredits[];
  readonly subscribers: readonly Subscriber[];
};

/** A query of more words than this finds nothing more precisely, and costs more. */
const WORDS_MAX = 8;
/** Above every letter and digit: the end of a range of strings that begin alike. */
const AFTER_ALL = '\u{10ffff}';

/** Finding in one generation. Every query is a walk over an index that stops at its limit. */
export function searchIn(
  db: Database.Database,
  complete: (row: AccountRow) => AccountWithCredits,
  toSubscriber: (row: { body: string }) => Subscriber,
) {
  const exact = db.prepare<[string, number], AccountRow>(
    'select * from account where account = ? and active = 1 limit ?',
  );
  const prefix = db.prepare<[string, string, number], AccountRow>(
    'select * from account where account > ? and account < ? and active = 1 order by account limit ?',
  );
  const byPhone = db.prepare<[string, string, number], AccountRow>(
    'select * from account where phone_reversed >= ? and phone_reversed < ? and active = 1 limit ?',
  );
  const subscribersByPhone = db.prepare<[string, string, number], { body: string }>(
    'select body from subscriber where phone_reversed >= ? and phone_reversed < ? limit ?',
  );
  const byWords = db.prepare<[string, number], AccountRow>(
    'select a.* from account_words w join account a on a.id = w.rowid where account_words match ? limit ?',
  );
  const subscribersByWords = db.prepare<[string, number], { body: string }>(
    'select s.body from subscriber_words w join subscriber s on s.id = w.rowid where subscriber_words match ? limit ?',
  );

  return {
    byAccount(text: string, limit: number): readonly AccountWithCredits[] {
      if (text === '') return [];
      const first = exact.all(text, limit);
      const rest = first.length < limit ? prefix.all(text, text + AFTER_ALL, limit - first.length) : [];
      return [...first, ...rest].map(complete);
    },
    byPhone(digits: string, limit: number): Found {
      if (digits === '') return { accounts: [], subscribers: [] };
      const end = [...digits].reverse().join('');
      return {
        accounts: byPhone.all(end, end + AFTER_ALL, limit).map(complete),
        subscribers: subscribersByPhone.all(end, end + AFTER_ALL, limit).map(toSubscriber),
      };
    },
    byWords(words: readonly string[], limit: number): Found {
      const query = matchOf(words);
      if (query === null) return { accounts: [], subscribers: [] };
      return {
        accounts: byWords.all(query, limit).map(complete),
        subscribers: subscribersByWords.all(query, limit).map(toSubscriber),
      };
    },
  };
}

/**
 * Words as an FTS5 query: every word a prefix, all of them wanted. Words are folded, so they hold letters and digits
 * only; they are quoted all the same. The longest first: it is the rarest, and leads the intersection.
 */
function matchOf(words: readonly string[]): string | null {
  const meant = [...new Set(words.filter((word) => word !== ''))]
    .sort((a, b) => b.length - a.length)
    .slice(0, WORDS_MAX);
  return meant.length === 0 ? null : meant.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' AND ');
}
