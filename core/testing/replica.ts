import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { Biller, Subscriber } from '../../contracts/domain.ts';
import { foldPhone, foldText } from '../../contracts/rules/fold-text.ts';
import { accountKey } from '../facts.ts';
import type { AccountWithCredits, CodeBlock, ReplicaPort } from '../ports/replica.ts';

/** The replica in memory: the same answers as the real one, found by looking at everything. */
export function memoryReplica(): ReplicaPort {
  const accounts = new Map<string, ReplicaAccount>();
  const credits = new Map<string, ReplicaCredit>();
  const subscribers = new Map<string, Subscriber>();
  const lists = new Map<string, ReplicaList>();
  let billers: readonly Biller[] = [];
  let counter: ReturnType<ReplicaPort['counter']> = null;
  let cursor: string | null = null;
  let trueAt: string | null = null;
  let lease: string | null = null;
  const blocks: CodeBlock[] = [];

  const later = (a: string, b: string | undefined): string =>
    b !== undefined && Date.parse(b) > Date.parse(a) ? b : a;
  const full = (account: ReplicaAccount): AccountWithCredits => {
    const list = account.active ? lists.get(account.billerId) : undefined;
    return {
      account: {
        ...account,
        asOf: later(account.asOf, list?.asOf),
        paymentsThrough: later(account.paymentsThrough, list?.paymentsThrough),
      },
      credits: [...credits.values()].filter(
        (credit) => credit.billerId === account.billerId && credit.account === account.account,
      ),
    };
  };
  const wordsIn = (text: string, words: readonly string[]): boolean => {
    const tokens = foldText(text).split(' ');
    return words.every((word) => tokens.some((token) => token.startsWith(word)));
  };

  return {
    cursor: () => cursor,
    apply(page) {
      if (page.restart) for (const map of [accounts, credits, subscribers, lists]) map.clear();
      for (const account of page.accounts)
        accounts.set(accountKey(account.billerId, account.account), account);
      for (const credit of page.credits) credits.set(credit.lineId, credit);
      for (const subscriber of page.subscribers) subscribers.set(subscriber.code, subscriber);
      for (const list of page.lists) lists.set(list.billerId, list);
      cursor = page.cursor;
      if (!page.more) trueAt = page.trueAt;
    },
    trueAt: () => trueAt,
    accountCount: () => accounts.size,
    account(billerId, account) {
      const found = accounts.get(accountKey(billerId, account));
      return found && full(found);
    },
    subscriber: (code) => subscribers.get(code),
    putSubscriber: (subscriber) => void subscribers.set(subscriber.code, subscriber),
    subscribersOf: (billerId, account) =>
      [...subscribers.values()].filter((s) =>
        s.accounts.some((bound) => bound.billerId === billerId && bound.account === account),
      ),
    findByAccount: (text, limit) =>
      [...accounts.values()]
        .filter((one) => one.account.startsWith(text))
        .sort((a, b) => Number(b.account === text) - Number(a.account === text))
        .slice(0, limit)
        .map(full),
    findByPhone(digits, limit) {
      const has = (phone: string | null): boolean =>
        phone !== null && foldPhone(phone).endsWith(foldPhone(digits));
      return {
        accounts: [...accounts.values()]
          .filter((one) => has(one.phone))
          .slice(0, limit)
          .map(full),
        subscribers: [...subscribers.values()].filter((one) => has(one.phone)).slice(0, limit),
      };
    },
    findByWords: (words, limit) => ({
      accounts: [...accounts.values()]
        .filter((one) => wordsIn(`${one.holder} ${one.address}`, words))
        .slice(0, limit)
        .map(full),
      subscribers: [...subscribers.values()]
        .filter((one) => wordsIn(`${one.name} ${one.address}`, words))
        .slice(0, limit),
    }),
    billers: () => billers,
    putBillers: (all) => {
      billers = all;
    },
    counter: () => counter,
    putCounter: (value) => {
      counter = value;
    },
    codeBlocks: () => blocks,
    beginLease: (mint) => (lease ??= mint()),
    putCodeBlock(block) {
      if (!blocks.some((known) => known.leaseId === block.leaseId)) blocks.push(block);
      if (lease === block.leaseId) lease = null;
    },
  };
}
