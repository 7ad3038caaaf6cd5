import type { AccountView, Biller, Subscriber } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { CounterState } from '../../contracts/ipw.ts';
import { MAX_QEPIK, qepik, ZERO } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { sameAccount } from '../fold.ts';
import type { ShiftFacts } from '../facts.ts';
import type { PaymentState } from '../machines/payment.ts';
import { basketTotal, cardOf, cashOf } from '../machines/records.ts';
import { within } from '../sync/within.ts';
import type { Area } from './area.ts';
import { draftLine, priced } from './basket-line.ts';
import { again, loggedIn, openDrawer, stepPayment, type CounterContext } from './context.ts';
import { billerOf, figures, replicaView, unknownView, type FiguresCode } from './figures.ts';
import { meaningOf, subscriberByCode } from './find.ts';
import { nextCustomer } from './next-customer.ts';
import { shownPieces } from './session.ts';

export const LINES_MAX = 100;
const SUBSCRIBER_TIMEOUT_MS = 1_500;
/** Accounts of one subscriber asked about at the centre when shown; the rest is shown from the replica. */
const FRESH_MAX = 20;

type EditCode = 'notLoggedIn' | 'shiftNotOpen' | 'shiftCounting' | 'basketChanged';
type AddCode = EditCode | FiguresCode | 'accountInBasket' | 'basketFull';

type BasketMethods =
  | 'basket.scan'
  | 'basket.open'
  | 'basket.add'
  | 'basket.amount'
  | 'basket.remove'
  | 'basket.clear'
  | 'basket.language';

/** The basket of the customer at the counter. It lives here and not in the window; `tendering` freezes it. */
export function basketHandlers(context: CounterContext): Area<BasketMethods> {
  const { desk, ports } = context;

  return {
    'basket.scan': async ({ text }) => {
      const meant = meaningOf(context, text);
      if (meant.kind === 'damaged') return fail('codeDamaged');
      if (meant.kind === 'bill') {
        const biller = ports.replica.billers().find(({ number }) => number === meant.bill.billerNo);
        if (!biller) return fail('billerUnknown');
        const added = await addLine(context, biller, meant.bill.account, meant.bill.billNo);
        return added.ok ? ok({ found: 'bill' }) : again(added.error);
      }
      const ready = editable(context);
      if (!ready.ok) return ready;
      if (meant.code !== undefined) {
        const opened = await openSubscriber(context, meant.code);
        if (opened.ok) return ok({ found: 'subscriber' });
        if (meant.account === undefined || opened.error.code === 'basketChanged') return again(opened.error);
      }
      const exact = meant.account === undefined ? [] : accountsNamed(context, meant.account, meant.company);
      if (exact.length > 0) {
        const shown = await showAccounts(context, exact);
        return shown.ok ? ok({ found: 'account' }) : again(shown.error);
      }
      if (meant.code !== undefined) return fail('subscriberUnknown');
      return meant.nearlyCode ? fail('codeDamaged') : ok({ found: 'nothing' });
    },

    'basket.open': async (what) => {
      const ready = editable(context);
      if (!ready.ok) return ready;
      if ('code' in what) {
        const opened = await openSubscriber(context, what.code);
        return opened.ok ? ok({}) : again(opened.error);
      }
      const biller = billerOf(context, what.billerId);
      if (!biller) return fail('billerUnknown');
      const view = await figures(context, biller, what.account);
      if (!view.ok) return again(view.error);
      const shown = offer(context, desk.payment.paymentId, null, [view.value]);
      return shown.ok ? ok({}) : again(shown.error);
    },

    'basket.add': async ({ billerId, account }) => {
      const biller = billerOf(context, billerId);
      const ready = editable(context);
      if (!ready.ok) return ready;
      if (!biller) return fail('billerUnknown');
      const added = await addLine(context, biller, account);
      return added.ok ? ok(added.value) : again(added.error);
    },

    'basket.amount': async ({ lineId, amount }) => {
      const ready = changeable(context);
      if (!ready.ok) return ready;
      const line = desk.payment.lines.find((one) => one.lineId === lineId);
      const biller = line && billerOf(context, line.billerId);
      if (!line || !biller) return fail('lineUnknown');
      // Another amount is another order: `meterCard.order`.
      if (line.load) return fail('basketChanged');
      stepPayment(context, {
        kind: 'amountSet',
        line: priced(biller, ready.value.businessDate, line, amount),
      });
      return ok({});
    },

    'basket.remove': async ({ lineId }) => {
      const ready = changeable(context);
      if (!ready.ok) return ready;
      return stepPayment(context, { kind: 'lineRemoved', lineId }).fitted ? ok({}) : fail('lineUnknown');
    },

    'basket.clear': async () => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      nextCustomer(context);
      return ok({});
    },

    'basket.language': async ({ language }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      stepPayment(context, { kind: 'languageSet', language });
      return ok({});
    },
  };
}

/** A draft that may be changed. After a payment the next customer's basket is begun by what is put into it. */
export function editable(context: CounterContext): Result<ShiftFacts, EditCode> {
  const { stage } = context.desk.payment;
  const shift = openDrawer(context);
  if (!shift.ok) return shift;
  if (stage === 'accepted' || stage === 'receipted') {
    stepPayment(context, { kind: 'begun', paymentId: context.ports.machine.mintId(), language: 'az' });
  }
  return stage === 'draft' || stage === 'accepted' || stage === 'receipted' ? shift : fail('basketChanged');
}

/** As {@link editable}, for lines that are there already: a paid basket is not changed any more. */
function changeable(context: CounterContext): Result<ShiftFacts, EditCode> {
  const shift = openDrawer(context);
  if (!shift.ok) return shift;
  return context.desk.payment.stage === 'draft' ? shift : fail('basketChanged');
}

async function addLine(
  context: CounterContext,
  biller: Biller,
  account: string,
  billNo?: string,
): Promise<Result<{ lineId: Id }, AddCode>> {
  const { desk, ports } = context;
  const before = editable(context);
  if (!before.ok) return before;
  const { paymentId } = desk.payment;
  const refused = (): Result<never, AddCode> | undefined => {
    if (biller.status !== 'live') return fail('billerNotLive');
    if (desk.payment.lines.some((line) => sameAccount(line, { billerId: biller.id, account }))) {
      return fail('accountInBasket');
    }
    return desk.payment.lines.length >= LINES_MAX ? fail('basketFull', { lines: LINES_MAX }) : undefined;
  };
  const early = refused();
  if (early) return early;

  const view = await figures(context, biller, account);
  if (!view.ok) return again(view.error);
  // The centre took its time: the teller may have gone on meanwhile.
  const after = editable(context);
  if (!after.ok) return after;
  if (desk.payment.paymentId !== paymentId) return fail('basketChanged');
  const late = refused();
  if (late) return late;
  const lineId = ports.machine.mintId();
  stepPayment(context, {
    kind: 'lineAdded',
    line: draftLine(lineId, biller, view.value, after.value.businessDate, billNo),
  });
  return ok({ lineId });
}

/** Shows a subscriber's accounts: at once from the replica, then with the centre's figures as they come. */
async function openSubscriber(
  context: CounterContext,
  code: string,
): Promise<Result<null, EditCode | 'subscriberUnknown' | 'centreAway'>> {
  const { desk, ports, sync } = context;
  const { paymentId } = desk.payment;
  const here = subscriberByCode(context, code);
  if (here) {
    const local = here.accounts.map((bound) => viewOf(context, bound.billerId, bound.account));
    const shown = offer(context, paymentId, here, local);
    if (!shown.ok || sync.link().line !== 'online') return shown;
    const fresh = await Promise.all(
      local.map(async (view, i) => {
        const biller = billerOf(context, view.billerId);
        const asks = biller && i < FRESH_MAX && (biller.fetch !== 'none' || !view.known);
        const answer = asks ? await figures(context, biller, view.account) : undefined;
        return answer?.ok ? answer.value : view;
      }),
    );
    // Left for another subscriber or customer meanwhile: these figures are of no use any more.
    return desk.payment.subscriber?.code === code ? offer(context, paymentId, here, fresh) : ok(null);
  }
  if (sync.link().line !== 'online') return fail('subscriberUnknown');
  const asked = ports.centre['subscriber.fetch']({ code });
  const answer = await within(ports.machine, SUBSCRIBER_TIMEOUT_MS, asked);
  if (answer.ok) return offer(context, paymentId, answer.value.subscriber, answer.value.accounts);
  if (answer.error.code === 'subscriberUnknown') return fail('subscriberUnknown');
  sync.suspect();
  return fail('centreAway');
}

/** Puts accounts on the screen, unless the basket was changed for another customer's while they were looked up. */
function offer(
  context: CounterContext,
  paymentId: Id,
  subscriber: Subscriber | null,
  offered: readonly AccountView[],
): Result<null, EditCode> {
  const ready = editable(context);
  if (!ready.ok) return ready;
  const { payment } = context.desk;
  if (payment.paymentId !== paymentId) return fail('basketChanged');
  // A single account may be added to the basket of the subscriber who is being served.
  const whose = subscriber ?? (payment.lines.length > 0 ? payment.subscriber : null);
  stepPayment(context, { kind: 'offered', subscriber: whose, offered });
  if (subscriber && payment.subscriber?.code !== subscriber.code) {
    stepPayment(context, { kind: 'languageSet', language: subscriber.language });
  }
  return ok(null);
}

const viewOf = (context: CounterContext, billerId: Id, account: string): AccountView =>
  replicaView(context, billerId, account) ?? unknownView(context, billerId, account);

function accountsNamed(context: CounterContext, account: string, company: Biller | undefined): AccountView[] {
  return context.ports.replica
    .findByAccount(account, 20)
    .filter((row) => row.account.account === account && (!company || row.account.billerId === company.id))
    .flatMap((row) => replicaView(context, row.account.billerId, account) ?? []);
}

async function showAccounts(
  context: CounterContext,
  views: readonly AccountView[],
): Promise<Result<null, EditCode>> {
  const { paymentId } = context.desk.payment;
  const fresh = await Promise.all(
    views.map(async (view) => {
      const biller = billerOf(context, view.billerId);
      const answer = biller && (await figures(context, biller, view.account));
      return answer?.ok ? answer.value : view;
    }),
  );
  return offer(context, paymentId, null, fresh);
}

/** The basket and the payment in hand as the window sees them. */
export function counterView({ desk, ports }: CounterContext): CounterState {
  const { payment } = desk;
  const language = ports.settings.language();
  const done = payment.stage === 'accepted' || payment.stage === 'receipted' ? payment.record : null;
  const cash = done ? cashOf(done)[0] : undefined;
  const card = done ? cardOf(done) : undefined;
  const within = (amount: number) => qepik(Math.min(amount, MAX_QEPIK));
  return {
    paymentId: payment.paymentId,
    revision: payment.revision,
    stage: done ? 'accepted' : shownStage(payment.stage),
    subscriber: payment.subscriber,
    offered: [...payment.offered],
    language: payment.language,
    lines: payment.lines.map(({ feeRuleId: _rule, service, problem, ...line }) => ({
      ...line,
      service: service[language],
      problem: problem && {
        code: problem.code,
        ...(problem.detail ? { detail: { ...problem.detail } } : {}),
      },
    })),
    fees: within(payment.lines.reduce((total, line) => total + line.fee, 0)),
    total: within(basketTotal(payment.lines)),
    accepted: done
      ? {
          receiptNo: done.receiptNo,
          change: cash?.change ?? ZERO,
          changePieces: cash?.changePieces ? shownPieces(cash.changePieces) : null,
          total: done.total,
          byCard: card?.amount ?? ZERO,
          cardName: card?.cardName ?? null,
        }
      : null,
    cardRefused: payment.cardRefused && { ...payment.cardRefused },
  };
}

/** Writing down takes no time that a window could see: it is still at the money. */
const shownStage = (stage: PaymentState['stage']): 'draft' | 'tendering' | 'charging' =>
  stage === 'draft' || stage === 'charging' ? stage : 'tendering';
