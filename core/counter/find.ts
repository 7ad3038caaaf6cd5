import type { AccountView, Biller, Subscriber } from '../../contracts/domain.ts';
import type { FindHit } from '../../contracts/ipw.ts';
import { accountSchema } from '../../contracts/domain.ts';
import { shownAmount } from '../../contracts/money.ts';
import { fail, ok } from '../../contracts/result.ts';
import { parseBillCode, parseRegistrationCode, type BillCode } from '../../contracts/rules/bill-code.ts';
import { foldPhone, foldText } from '../../contracts/rules/fold-text.ts';
import { withWaitingChanges } from '../fold.ts';
import type { Area } from './area.ts';
import { factsOf, loggedIn, type CounterContext } from './context.ts';
import { billerOf, fitsMask, replicaView } from './figures.ts';

/**
 * What the one field of the counter was given (DESIGN §9). A bare number of ten digits may be a registration code, an
 * account or a phone number: only where it is none of the others is a wrong check digit the likely story.
 */
export type Meant =
  | { readonly kind: 'bill'; readonly bill: BillCode }
  | { readonly kind: 'damaged' }
  | {
      readonly kind: 'text';
      /** A registration code with the right check digit. */
      readonly code: string | undefined;
      /** Ten digits whose check digit is wrong. */
      readonly nearlyCode: boolean;
      readonly company: Biller | undefined;
      readonly account: string | undefined;
      readonly phone: string | undefined;
      readonly words: readonly string[];
    };

export function meaningOf(context: CounterContext, typed: string): Meant {
  const text = typed.trim();
  const bill = parseBillCode(text);
  if (bill === 'damaged') return { kind: 'damaged' };
  if (bill) return { kind: 'bill', bill };
  const code = parseRegistrationCode(text);
  if (code === 'damaged' && text.startsWith('KR1')) return { kind: 'damaged' };
  const { company, rest } = companyFirst(context, text);
  const account = accountIn(rest);
  const phone = /^[+(\d][\d\s()/.-]{3,30}$/.test(text) ? foldPhone(text) : '';
  return {
    kind: 'text',
    code: code === 'damaged' ? undefined : code,
    nearlyCode: code === 'damaged',
    company: account === undefined ? undefined : company,
    account,
    phone: phone.length >= 4 ? phone : undefined,
    words: /\p{L}/u.test(text)
      ? foldText(text)
          .split(' ')
          .filter((word) => word !== '')
      : [],
  };
}

/** `001 1104552018`, `elektrik 1104552018`: a company's number, code or the beginning of its name, then the account. */
function companyFirst(context: CounterContext, text: string): { company: Biller | undefined; rest: string } {
  const match = /^(\S.*?)[\s:]+(\S+)$/.exec(text);
  if (!match?.[1] || !match[2]) return { company: undefined, rest: text };
  const [named, rest] = [match[1], match[2]];
  const folded = foldText(named);
  const company = context.ports.replica
    .billers()
    .find(
      (biller) =>
        biller.number === named ||
        foldText(biller.code) === folded ||
        (folded.length >= 2 && /\p{L}/u.test(named) && foldText(biller.name).startsWith(folded)),
    );
  return company ? { company, rest } : { company: undefined, rest: text };
}

/** Something that can be an account: no blanks within but those of grouped digits, at least one digit. */
function accountIn(text: string): string | undefined {
  const compact = /^[\d\s]+$/.test(text) ? text.replace(/\s/g, '') : text;
  return /\d/.test(compact) && accountSchema.safeParse(compact).success ? compact : undefined;
}

/** A subscriber by code, with what was changed here and is not at the centre yet. */
export const subscriberByCode = (context: CounterContext, code: string): Subscriber | undefined =>
  withWaitingChanges(factsOf(context), code, context.ports.replica.subscriber(code));

export function findHandlers(context: CounterContext): Area<'find.search' | 'find.billers'> {
  const { replica } = context.ports;
  return {
    'find.search': async ({ text, limit }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const meant = meaningOf(context, text);
      if (meant.kind === 'damaged') return fail('codeDamaged');
      const hits =
        meant.kind === 'bill' ? billHits(context, meant.bill) : textHits(context, meant, limit + 1);
      if (hits.length === 0 && meant.kind === 'text' && meant.nearlyCode) return fail('codeDamaged');
      return ok({ hits: hits.slice(0, limit), more: hits.length > limit });
    },
    'find.billers': async () => {
      const user = loggedIn(context);
      return user.ok ? ok({ billers: [...replica.billers()] }) : user;
    },
  };
}

function billHits(context: CounterContext, bill: BillCode): FindHit[] {
  const biller = context.ports.replica.billers().find(({ number }) => number === bill.billerNo);
  if (!biller) return [];
  const view = replicaView(context, biller.id, bill.account);
  if (view) return [accountHit(context, view)];
  return fitsMask(context, biller, bill.account) ? [unknownHit(biller, bill.account)] : [];
}

function textHits(
  context: CounterContext,
  meant: Extract<Meant, { kind: 'text' }>,
  limit: number,
): FindHit[] {
  const { replica } = context.ports;
  const found = new Map<string, FindHit>();
  const put = (hit: FindHit): void => {
    const key = hit.kind === 'subscriber' ? `s ${hit.code}` : `a ${hit.billerId} ${hit.account}`;
    if (found.size < limit && !found.has(key)) found.set(key, hit);
  };
  const accounts = (rows: readonly { account: { billerId: string; account: string } }[]): void => {
    for (const { account } of rows) {
      if (found.size >= limit) return;
      const view = replicaView(context, account.billerId, account.account);
      if (view) put(accountHit(context, view));
    }
  };
  const subscribers = (rows: readonly Subscriber[]): void => {
    for (const row of rows) if (found.size < limit) put(subscriberHit(context, row));
  };

  const subscriber = meant.code === undefined ? undefined : subscriberByCode(context, meant.code);
  if (subscriber) put(subscriberHit(context, subscriber));
  if (meant.account !== undefined) {
    const { company, account } = meant;
    const rows = replica.findByAccount(account, company ? limit * 8 : limit);
    accounts(company ? rows.filter((row) => row.account.billerId === company.id) : rows);
    if (company && found.size === 0 && fitsMask(context, company, account)) put(unknownHit(company, account));
  }
  if (meant.phone !== undefined) {
    const byPhone = replica.findByPhone(meant.phone, limit);
    subscribers(byPhone.subscribers);
    accounts(byPhone.accounts);
  }
  if (meant.words.length > 0 && !meant.company) {
    const byWords = replica.findByWords(meant.words, limit);
    subscribers(byWords.subscribers);
    accounts(byWords.accounts);
  }
  return [...found.values()];
}

const accountHit = (context: CounterContext, view: AccountView): FindHit => ({
  kind: 'account',
  billerId: view.billerId,
  billerName: billerOf(context, view.billerId)?.name ?? null,
  account: view.account,
  code: null,
  name: view.holder,
  address: view.address,
  phone: view.phone,
  owed: view.owed,
});

/** Not in the district's replica, but it could be an account of this company: nobody here knows what it owes. */
const unknownHit = (biller: Biller, account: string): FindHit => ({
  kind: 'account',
  billerId: biller.id,
  billerName: biller.name,
  account,
  code: null,
  name: '',
  address: '',
  phone: null,
  owed: null,
});

/** A subscriber owes what the accounts owe; an advance on one does not pay the debt of another. */
function subscriberHit(context: CounterContext, subscriber: Subscriber): FindHit {
  const owed = subscriber.accounts.reduce(
    (total, bound) => total + Math.max(replicaView(context, bound.billerId, bound.account)?.owed ?? 0, 0),
    0,
  );
  return {
    kind: 'subscriber',
    billerId: null,
    billerName: null,
    account: null,
    code: subscriber.code,
    name: subscriber.name,
    address: subscriber.address,
    phone: subscriber.phone,
    owed: shownAmount(owed),
  };
}
