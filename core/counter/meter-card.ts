import type { ErrorCode } from '../../contracts/errors.ts';
import type { Id } from '../../contracts/ids.ts';
import { QUOTE_CODES } from '../../contracts/ipw-meter-card.ts';
import { ZERO, type Qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CardUnit } from '../../contracts/rules/meter-card/purse.ts';
import { sameAccount } from '../fold.ts';
import type { LoadEvidence } from '../machines/load.ts';
import type { KnownUser } from '../ports/machine.ts';
import { within } from '../sync/within.ts';
import type { Area } from './area.ts';
import { editable, LINES_MAX } from './basket.ts';
import { priced } from './basket-line.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import {
  again,
  factsOf,
  loggedIn,
  personOf,
  stepPayment,
  type CounterContext,
  type JournalCode,
} from './context.ts';
import { billerOf } from './figures.ts';
import { healthBoard } from './health-board.ts';
import { loadView, openOnCard } from './meter-card-view.ts';
import { CENTRE_TIMEOUT_MS, nonceOf, type CardHere } from './meter-desk.ts';
import { trust, type PeopleCode } from './people.ts';

type MeterCardMethods =
  | 'meterCard.again'
  | 'meterCard.order'
  | 'load.finish'
  | 'load.cancel'
  | 'load.writeOff'
  | 'load.seen'
  | 'health.board';

/** Meter cards at the counter: what an amount buys, finishing what is owed, and ending what cannot be finished. */
export function meterCardHandlers(context: CounterContext): Area<MeterCardMethods> {
  return {
    'meterCard.again': async () => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const card = context.meters.card();
      if (!card) return fail('meterCardAbsent');
      await context.meters.read(card.insertion);
      return ok({});
    },

    'meterCard.order': ({ amount }) => order(context, amount),

    'load.finish': async ({ loadId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const load = factsOf(context).loads.get(loadId) ?? openOnCard(context, loadId);
      if (!load) return fail('loadUnknown');
      const card = cardOf(context, load.cardId);
      if (!card.ok) return card;
      await context.loads.finish(load);
      const view = loadView(context, loadId);
      return view ? ok({ load: view }) : fail('loadUnknown');
    },

    'load.cancel': async ({ loadId, note, supervisor, password }) => {
      const begun = await endable(context, loadId, supervisor, password);
      if (!begun.ok) return begun;
      const evidence = await evidenceFor(context, loadId);
      if (!evidence.ok) return evidence;
      const { centre, machine } = context.ports;
      const asked = centre['load.cancel']({
        loadId,
        evidence: evidence.value,
        supervisor: { username: supervisor, password },
      });
      const answer = await within(machine, CENTRE_TIMEOUT_MS, asked);
      if (!answer.ok)
        return isCancelCode(answer.error.code)
          ? fail(answer.error.code, answer.error.detail)
          : fail('loadNeedsCentre');
      return ended(context, loadId, evidence.value, begun.value, note);
    },

    'load.writeOff': async ({ loadId, reason, note, supervisor, password }) => {
      const begun = await endable(context, loadId, supervisor, password);
      if (!begun.ok) return begun;
      const { centre, machine } = context.ports;
      const asked = centre['load.writeOff']({
        loadId,
        reason,
        note,
        supervisor: { username: supervisor, password },
      });
      const answer = await within(machine, CENTRE_TIMEOUT_MS, asked);
      if (!answer.ok)
        return isWriteOffCode(answer.error.code)
          ? fail(answer.error.code, answer.error.detail)
          : fail('loadNeedsCentre');
      return ended(context, loadId, 'writtenOff', begun.value, note);
    },

    'load.seen': async ({ loadId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      return context.loads.seen(loadId) ? ok({}) : fail('loadUnknown');
    },

    'health.board': async () => {
      const user = loggedIn(context);
      return user.ok ? ok({ parts: await healthBoard(context) }) : user;
    },
  };
}

type OrderCode =
  | 'notLoggedIn'
  | 'shiftNotOpen'
  | 'shiftCounting'
  | 'basketChanged'
  | 'basketFull'
  | 'accountInBasket'
  | 'meterCardAbsent'
  | 'loadNeedsCentre'
  | QuoteCode;
type QuoteCode = (typeof QUOTE_CODES)[number];

/** Into the basket goes what the centre priced, and nothing is owed by it: a load begins with the payment. */
async function order(context: CounterContext, amount: Qepik): Promise<Result<Ordered, OrderCode>> {
  const { desk, meters, ports } = context;
  const card = meters.card();
  const identity = card?.identity;
  const ready = editable(context);
  if (!ready.ok) return ready;
  if (!card || !identity) return fail('meterCardAbsent');
  if (card.refused && isQuoteCode(card.refused.code)) return fail(card.refused.code, card.refused.detail);
  if (!card.centre) return fail('loadNeedsCentre');
  const { billerId, account, holder } = card.centre.card;
  const { paymentId } = desk.payment;
  const loadId = ports.machine.mintId();
  const asked = ports.centre['load.quote']({ loadId, cardId: identity.cardId, amount });
  const quoted = await within(ports.machine, CENTRE_TIMEOUT_MS, asked);
  if (!quoted.ok) {
    const { code, detail } = quoted.error;
    return isQuoteCode(code) ? fail(code, detail) : fail('loadNeedsCentre');
  }
  // The centre took its time: card and customer may be others by now.
  const still = editable(context);
  if (!still.ok) return still;
  if (desk.payment.paymentId !== paymentId) return fail('basketChanged');
  if (meters.card()?.insertion !== card.insertion) return fail('meterCardAbsent');
  const biller = billerOf(context, billerId);
  if (!biller) return fail('billerNotLive');
  // The same card again: another amount takes the place of the first.
  const earlier = desk.payment.lines.find((line) => line.load?.cardId === identity.cardId);
  if (earlier) stepPayment(context, { kind: 'lineRemoved', lineId: earlier.lineId });
  if (desk.payment.lines.some((line) => sameAccount(line, { billerId, account })))
    return fail('accountInBasket');
  if (desk.payment.lines.length >= LINES_MAX) return fail('basketFull', { lines: LINES_MAX });
  const { units, unit, tiers, creditDeducted } = quoted.value;
  const lineId = ports.machine.mintId();
  const owed = { known: true, owed: ZERO };
  stepPayment(context, {
    kind: 'lineAdded',
    line: {
      ...owed,
      billerId,
      billerName: biller.name,
      service: biller.service,
      account,
      holder,
      period: null,
      billNo: null,
      asOf: null,
      ...priced(biller, still.value.businessDate, { lineId, ...owed }, amount),
      problem: null,
      load: {
        loadId,
        cardId: identity.cardId,
        cardClass: identity.cardClass,
        meter: identity.meter,
        units,
        unit,
      },
    },
  });
  return ok({ lineId, units, unit, tiers, creditDeducted });
}

type Ordered = {
  readonly lineId: Id;
  readonly units: number;
  readonly unit: CardUnit;
  readonly tiers: { units: number; price: number; amount: Qepik }[];
  readonly creditDeducted: number;
};

const isQuoteCode = (code: ErrorCode): code is QuoteCode => (QUOTE_CODES as readonly string[]).includes(code);

function cardOf(
  context: CounterContext,
  cardId: string,
): Result<CardHere, 'meterCardAbsent' | 'meterCardOther'> {
  const card = context.meters.card();
  if (!card?.identity) return fail('meterCardAbsent');
  return card.identity.cardId === cardId ? ok(card) : fail('meterCardOther');
}

const WRITE_OFF_CODES = [
  'loadUnknown',
  'loadWritten',
  'notAllowed',
  'loginWrong',
  'loginLocked',
  'userBlocked',
] as const;
const CANCEL_CODES = [
  ...WRITE_OFF_CODES,
  'meterCardUnknown',
  'meterCardIncident',
  'evidenceWrong',
  'evidenceTooOld',
  'evidenceNeeded',
  'nonceStale',
  'classBNeedsWriteOff',
  'keyStoreAway',
] as const;
const isWriteOffCode = (code: ErrorCode): code is (typeof WRITE_OFF_CODES)[number] =>
  (WRITE_OFF_CODES as readonly string[]).includes(code);
const isCancelCode = (code: ErrorCode): code is (typeof CANCEL_CODES)[number] =>
  (CANCEL_CODES as readonly string[]).includes(code);

type EndCode =
  | 'notLoggedIn'
  | 'loadUnknown'
  | 'loadWritten'
  | 'loadBusy'
  | 'loadNeedsCentre'
  | PeopleCode
  | 'ownApproval'
  | JournalCode;

/** Whether a load may be ended now, and by whom: somebody else than the teller, whom the centre itself has checked. */
async function endable(
  context: CounterContext,
  loadId: Id,
  supervisor: string,
  password: string,
): Promise<Result<KnownUser, Exclude<EndCode, JournalCode>>> {
  const user = loggedIn(context);
  if (!user.ok) return user;
  const free = stillOwed(context, loadId);
  if (!free.ok) return free;
  if (supervisor === user.value.username) return fail('ownApproval');
  const trusted = await trust(context, supervisor, password, 'approval');
  if (!trusted.ok) return again(trusted.error);
  if (trusted.value.user.userId === user.value.userId) return fail('ownApproval');
  if (trusted.value.offline) return fail('loadNeedsCentre');
  const still = stillOwed(context, loadId);
  return still.ok ? ok(trusted.value.user) : still;
}

function stillOwed(
  context: CounterContext,
  loadId: Id,
): Result<null, 'loadUnknown' | 'loadWritten' | 'loadBusy'> {
  const load = factsOf(context).loads.get(loadId);
  if (!load) return fail('loadUnknown');
  const stage = context.loads.live(loadId)?.state.stage ?? load.stage;
  if (stage === 'written' || stage === 'confirmed') return fail('loadWritten');
  if (stage === 'cancelled') return fail('loadUnknown');
  return stage === 'owed' || stage === 'unknown' ? ok(null) : fail('loadBusy');
}

/** The card's word of now, where it is in the reader; the centre says when it needs it. */
async function evidenceFor(
  context: CounterContext,
  loadId: Id,
): Promise<Result<Extract<LoadEvidence, { kind: 'status' }> | null, 'loadNeedsCentre' | 'meterCardAbsent'>> {
  const load = factsOf(context).loads.get(loadId);
  const card = context.meters.card();
  if (!load || card?.identity?.cardId !== load.cardId) return ok(null);
  return context.meters.alone(async () => {
    const fresh = await nonceOf(context);
    if (!fresh.ok) return fail('loadNeedsCentre');
    const { nonce } = fresh.value;
    const read = await context.ports.meterCards.read(card.insertion, fromBase64Url(nonce));
    if (!read.ok) return fail('meterCardAbsent');
    return ok({ kind: 'status' as const, nonce, bytes: toBase64Url(read.value.evidence) });
  });
}

/** The centre has ended it: that goes into the journal, and the payment can be taken back. */
function ended(
  context: CounterContext,
  loadId: Id,
  how: LoadEvidence | 'writtenOff' | null,
  supervisor: KnownUser,
  note: string,
): Result<Record<string, never>, 'loadBusy' | JournalCode> {
  const writable = context.ledger.probe();
  if (!writable.ok) return again(writable.error);
  const writtenOff = how === 'writtenOff';
  const evidence = writtenOff ? null : how;
  const terms = { evidence, approvedBy: personOf(supervisor), note, writtenOff };
  const done = context.loads.cancelled(loadId, terms);
  return done ? ok({}) : fail('loadBusy');
}
