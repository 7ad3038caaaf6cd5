import type { AccountView, Biller } from '../../contracts/domain.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Id } from '../../contracts/ids.ts';
import { shownAmount, ZERO } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { owedOn, type Credit } from '../../contracts/rules/owed.ts';
import { accountKey, type OwnLine } from '../facts.ts';
import { within } from '../sync/within.ts';
import { again, factsOf, type CounterContext } from './context.ts';

/**
 * What is owed on an account, as this counter knows it: the replica's figures, or the centre's when it answers and the
 * company wants it asked, with this counter's own payments counted once whichever way they are known (rules/owed.ts).
 */

/** How long a teller waits for fresh figures before the replica's are shown. */
const FETCH_TIMEOUT_MS = 1_500;

export type FiguresCode =
  | 'accountUnknown'
  | 'accountNotInMask'
  | 'centreAway'
  | 'offlineNotAllowed'
  | 'billerUnknown'
  | 'billerNotLive';

export const billerOf = (context: CounterContext, billerId: Id): Biller | undefined =>
  context.ports.replica.billers().find((biller) => biller.id === billerId);

/** Does the text look like an account of this company. A mask that is no expression fits nothing. */
export function fitsMask(context: CounterContext, biller: Biller, account: string): boolean {
  try {
    return new RegExp(`^(?:${biller.accountMask})$`).test(account);
  } catch (error) {
    context.ports.machine.log('error', 'biller.maskBroken', { biller: biller.code, error: String(error) });
    return false;
  }
}

/** Own lines on an account that the centre's figures may not know yet. */
const ownLines = (context: CounterContext, billerId: Id, account: string): readonly OwnLine[] =>
  factsOf(context).ownLines.get(accountKey(billerId, account)) ?? [];

/**
 * As credits: what the centre posted counts until a list knows it; what it has not acknowledged counts always; what it
 * acknowledged but did not post (a case for people) counts no more, and its own figures say what is owed.
 */
const ownCredits = (lines: readonly OwnLine[]): Credit[] =>
  lines.flatMap(({ lineId, amount, outcome, postedAt }): Credit[] => {
    if (outcome === null) return [{ lineId, amount }];
    const placed = outcome === 'posted' || outcome === 'unallocated';
    return placed && postedAt !== null ? [{ lineId, amount, postedAt }] : [];
  });

const waiting = (lines: readonly OwnLine[]): readonly OwnLine[] =>
  lines.filter((line) => line.outcome === null);

/** The replica's figures with this counter's own lines; undefined where the account is on no list of the district. */
export function replicaView(context: CounterContext, billerId: Id, account: string): AccountView | undefined {
  const found = context.ports.replica.account(billerId, account);
  if (!found?.account.active) return undefined;
  const row = found.account;
  const credits = [...found.credits, ...ownCredits(ownLines(context, billerId, account))];
  const { owed, paidSince, bills } = owedOn(row.bills, credits, row.paymentsThrough);
  const { holder, address, phone, asOf } = row;
  return {
    billerId,
    account,
    holder,
    address,
    phone,
    known: true,
    owed,
    paidSince,
    bills: [...bills],
    asOf,
    source: 'replica',
  };
}

/** An account that only its mask is known to fit: nobody here knows what is owed on it. */
export function unknownView(context: CounterContext, billerId: Id, account: string): AccountView {
  const { paidSince } = owedOn([], ownCredits(ownLines(context, billerId, account)), undefined);
  return {
    billerId,
    account,
    holder: '',
    address: '',
    phone: null,
    known: false,
    owed: ZERO,
    paidSince,
    bills: [],
    asOf: null,
    source: 'replica',
  };
}

/** The figures to pay by. Asks the centre where that is called for, and not longer than a teller can wait. */
export async function figures(
  context: CounterContext,
  biller: Biller,
  account: string,
): Promise<Result<AccountView, FiguresCode>> {
  const local = replicaView(context, biller.id, account);
  if (!local && !fitsMask(context, biller, account)) {
    return fail('accountNotInMask', { example: biller.accountExample });
  }
  const online = context.sync.link().line === 'online';
  if (!online) return offlineFigures(context, biller, account, local);

  // Own payments that are still on their way are in the replica's figures exactly; in the centre's they may or may not be.
  const exactHere = local !== undefined && waiting(ownLines(context, biller.id, account)).length > 0;
  if (local && (biller.fetch === 'none' || exactHere)) return ok(local);

  const fetched = await fetchView(context, biller.id, account);
  if (fetched.ok) return fetched;
  if (fetched.error.code !== 'centreAway') return again(fetched.error);
  if (biller.fetch === 'mandatory') return fail('centreAway');
  return offlineFigures(context, biller, account, replicaView(context, biller.id, account));
}

/** By the company's offline policy: nothing, known accounts, or whatever fits the mask (DESIGN §7). */
function offlineFigures(
  context: CounterContext,
  biller: Biller,
  account: string,
  local: AccountView | undefined,
): Result<AccountView, FiguresCode> {
  const offline = context.sync.link().line !== 'online';
  if (offline && (biller.offline === 'none' || biller.fetch === 'mandatory'))
    return fail('offlineNotAllowed');
  if (local) return ok(local);
  return biller.offline === 'mask'
    ? ok(unknownView(context, biller.id, account))
    : fail(offline ? 'accountUnknown' : 'centreAway');
}

/**
 * The centre's figures, less own lines that it cannot have in them. Of a line that waits for its acknowledgement nobody
 * here knows: the centre may have posted it, and only the answer was lost. So it is asked how far it has the journal. What
 * it had before the figures is in them, what it does not have after them is not; what came in between makes us ask again.
 */
async function fetchView(
  context: CounterContext,
  billerId: Id,
  account: string,
): Promise<Result<AccountView, 'accountUnknown' | 'billerUnknown' | 'billerNotLive' | 'centreAway'>> {
  const { machine, centre } = context.ports;
  const endMs = machine.monotonicMs() + FETCH_TIMEOUT_MS;
  const inTime = <T, C extends ErrorCode>(asked: Promise<Result<T, C>>) =>
    within(machine, Math.max(0, endMs - machine.monotonicMs()), asked);
  const away = () => {
    context.sync.suspect();
    return fail('centreAway');
  };
  let heldBefore = 0;
  for (let tries = 0; tries < 3; tries += 1) {
    const before = standing(context, billerId, account);
    const answer = await inTime(centre['account.fetch']({ billerId, account }));
    if (!answer.ok) {
      const { code } = answer.error;
      const said = code === 'accountUnknown' || code === 'billerUnknown' || code === 'billerNotLive';
      return said ? fail(code) : away();
    }
    // A line written or acknowledged meanwhile may or may not be in the answer.
    if (standing(context, billerId, account) !== before) continue;
    const lines = waiting(ownLines(context, billerId, account));
    if (lines.length === 0) return answer;
    const state = await inTime(centre['device.state']({}));
    if (!state.ok) return away();
    const heldAfter = state.value.acknowledgedThrough;
    if (!lines.some(({ seq }) => seq > heldBefore && seq <= heldAfter))
      return ok(
        lessWaiting(
          answer.value,
          lines.filter(({ seq }) => seq > heldAfter),
        ),
      );
    heldBefore = heldAfter;
  }
  return fail('centreAway');
}

/** The own lines on an account and what is known of each, to be compared. */
const standing = (context: CounterContext, billerId: Id, account: string): string =>
  ownLines(context, billerId, account)
    .map(({ lineId, outcome }) => `${lineId} ${outcome ?? 'waiting'}`)
    .join();

function lessWaiting(view: AccountView, lines: readonly OwnLine[]): AccountView {
  const own = lines.reduce((all, line) => all + line.amount, 0);
  const { bills } = owedOn(view.bills, ownCredits(lines), undefined);
  return {
    ...view,
    owed: shownAmount(view.owed - own),
    paidSince: shownAmount(view.paidSince + own),
    bills: [...bills],
  };
}
