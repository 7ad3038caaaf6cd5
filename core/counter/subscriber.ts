import { SUBSCRIBER_ACCOUNTS_MAX, type BoundAccount, type Subscriber } from '../../contracts/domain.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { sameAccount } from '../fold.ts';
import { subscriberCard } from '../receipts/subscriber-card.ts';
import { within } from '../sync/within.ts';
import type { Area } from './area.ts';
import { toBase64 } from './base64.ts';
import { nextCode } from './codes.ts';
import {
  again,
  factsOf,
  loggedIn,
  personOf,
  record,
  stepPayment,
  workstationCode,
  workstationOf,
  type CounterContext,
} from './context.ts';
import { billerOf, fitsMask, replicaView, unknownView } from './figures.ts';
import { subscriberByCode } from './find.ts';

const FETCH_TIMEOUT_MS = 3_000;

/** First registration and the accounts on a code (seed S9, S16, S17). The same with the centre and without it. */
export function subscriberHandlers(
  context: CounterContext,
): Area<'subscriber.register' | 'subscriber.bind' | 'subscriber.unbind' | 'subscriber.card'> {
  const { ports } = context;
  return {
    'subscriber.register': async ({ subscriberId, ...person }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const known = factsOf(context).registrations.get(subscriberId);
      if (known) {
        // Asked again after a lost answer.
        const { payload } = context.ledger.read(known.seq, 'subscriber.registered').body;
        const { by: _by, workstation: _workstation, ...subscriber } = payload;
        return subscriber.name === person.name ? ok({ subscriber }) : fail('idempotencyConflict');
      }
      for (const [i, account] of person.accounts.entries()) {
        const fits = bindable(context, account);
        if (!fits.ok) return fits;
        if (person.accounts.slice(0, i).some((other) => sameAccount(other, account))) {
          return fail('accountAlreadyBound');
        }
      }
      const code = nextCode(context);
      if (code === undefined) {
        context.sync.suspect();
        return fail('codesExhausted');
      }
      const subscriber: Subscriber = { subscriberId, code, ...person };
      const by = { by: personOf(user.value), workstation: workstationCode(context) };
      const written = record(context, subscriberId, 'subscriber.registered', { ...subscriber, ...by });
      if (!written.ok) return again(written.error);
      ports.replica.putSubscriber(subscriber);
      return ok({ subscriber });
    },

    'subscriber.bind': async ({ code, account }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const fits = bindable(context, account);
      if (!fits.ok) return fits;
      const found = await find(context, code);
      if (!found.ok) return found;
      if (found.value.accounts.some((bound) => sameAccount(bound, account)))
        return fail('accountAlreadyBound');
      if (found.value.accounts.length >= SUBSCRIBER_ACCOUNTS_MAX)
        return fail('tooManyAccounts', { accounts: SUBSCRIBER_ACCOUNTS_MAX });
      return change(context, 'subscriber.accountBound', found.value, account);
    },

    'subscriber.unbind': async ({ code, billerId, account }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const found = await find(context, code);
      if (!found.ok) return found;
      const bound = found.value.accounts.find((one) => sameAccount(one, { billerId, account }));
      return bound
        ? change(context, 'subscriber.accountUnbound', found.value, bound)
        : fail('accountNotBound');
    },

    'subscriber.card': async ({ code }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const found = await find(context, code);
      if (!found.ok) return found;
      const workstation = workstationOf(context);
      if (workstation === null) return fail('subscriberUnknown');
      const billerName = (billerId: string): string => billerOf(context, billerId)?.name ?? '';
      const document = subscriberCard({ subscriber: found.value, billerName, workstation });
      const [pdf, print] = await Promise.all([ports.printer.pdf(document), context.paper.print(document)]);
      return ok({ document, pdfBase64: toBase64(pdf), print });
    },
  };
}

/** May this account hang on a code: its company exists, and it is known or looks like one of theirs. */
function bindable(
  context: CounterContext,
  { billerId, account }: BoundAccount,
): Result<null, 'billerUnknown' | 'accountNotInMask'> {
  const biller = billerOf(context, billerId);
  if (!biller) return fail('billerUnknown');
  return replicaView(context, billerId, account) || fitsMask(context, biller, account)
    ? ok(null)
    : fail('accountNotInMask', { example: biller.accountExample });
}

/** The subscriber as known here, else as the centre knows it. */
async function find(
  context: CounterContext,
  code: string,
): Promise<Result<Subscriber, 'subscriberUnknown' | 'centreAway'>> {
  const here = subscriberByCode(context, code);
  if (here) return ok(here);
  if (context.sync.link().line !== 'online') return fail('centreAway');
  const asked = context.ports.centre['subscriber.fetch']({ code });
  const answer = await within(context.ports.machine, FETCH_TIMEOUT_MS, asked);
  if (answer.ok) return ok(answer.value.subscriber);
  if (answer.error.code === 'subscriberUnknown') return fail('subscriberUnknown');
  context.sync.suspect();
  return fail('centreAway');
}

function change(
  context: CounterContext,
  type: 'subscriber.accountBound' | 'subscriber.accountUnbound',
  subscriber: Subscriber,
  account: BoundAccount,
): Result<{ subscriber: Subscriber }, 'notLoggedIn' | 'journalUnwritable' | 'journalDamaged'> {
  const user = loggedIn(context);
  if (!user.ok) return user;
  const { subscriberId, code } = subscriber;
  const entryId = context.ports.machine.mintId();
  const written = record(context, entryId, type, {
    ...account,
    subscriberId,
    code,
    by: personOf(user.value),
  });
  if (!written.ok) return again(written.error);
  const others = subscriber.accounts.filter((bound) => !sameAccount(bound, account));
  const changed = {
    ...subscriber,
    accounts: type === 'subscriber.accountBound' ? [...others, account] : others,
  };
  context.ports.replica.putSubscriber(changed);
  showChanged(context, changed);
  return ok({ subscriber: changed });
}

/** The subscriber on the counter's screen, with the accounts as they are now. */
function showChanged(context: CounterContext, subscriber: Subscriber): void {
  const { payment } = context.desk;
  if (payment.subscriber?.code !== subscriber.code) return;
  const offered = subscriber.accounts.map(
    ({ billerId, account }) =>
      payment.offered.find((view) => sameAccount(view, { billerId, account })) ??
      replicaView(context, billerId, account) ??
      unknownView(context, billerId, account),
  );
  stepPayment(context, { kind: 'offered', subscriber, offered });
}
