import type { CardInReader, LoadAtTill, MeterCardState } from '../../contracts/ipw-meter-card.ts';
import type { Id } from '../../contracts/ids.ts';
import type { MeterArea } from '../../contracts/rules/meter-card/meter-area.ts';
import type { Instant } from '../../contracts/time.ts';
import type { LoadFacts } from '../fold-load.ts';
import { factsOf, type CounterContext } from './context.ts';
import { billerOf } from './figures.ts';
import type { CardHere } from './meter-desk.ts';

/** Readers, cards and loads as the window sees them. */

export function meterCardView(context: CounterContext): MeterCardState {
  const { meters, loads } = context;
  const service = meters.service();
  const facts = factsOf(context);
  const shown = loads.shown();
  const card = meters.card();
  return {
    service: service.state,
    since: meters.since(),
    readers: meters.readers().map((reader) => ({ ...reader })),
    card: card && cardView(context, card),
    load: shown === null ? null : loadView(context, shown),
    open: [...facts.openLoads].flatMap((loadId) =>
      loadId === shown ? [] : (loadView(context, loadId) ?? []),
    ),
  };
}

function cardView(context: CounterContext, card: CardHere): CardInReader {
  const { insertion, reader, stage, reason, detail, identity, reading, centre, refused } = card;
  const biller = context.ports.replica.billers().find(({ number }) => number === identity?.company);
  return {
    insertion,
    reader,
    virtual: context.meters.service().readers.some((one) => one.name === reader && one.virtual),
    stage,
    reason,
    detail,
    identity: identity && {
      cardId: identity.cardId,
      cardClass: identity.cardClass,
      billerId: biller?.id ?? null,
      billerName: biller?.name ?? identity.company,
      meter: identity.meter,
      unit: identity.unit,
    },
    counter: reading?.counter ?? null,
    balance: centre?.card.balance ?? reading?.balance ?? null,
    meterArea: centre?.meterArea ?? (reading ? areaView(reading.meter) : null),
    centre: centre && {
      card: centre.card,
      warnings: centre.warnings,
      rules: centre.rules,
      open: centre.open,
      waiting: centre.waiting,
    },
    refused: refused && { code: refused.code, ...(refused.detail ? { detail: { ...refused.detail } } : {}) },
  };
}

const areaView = ({ writtenAt, ...area }: MeterArea) => ({
  ...area,
  writtenAt: writtenAt === null ? null : (new Date(writtenAt).toISOString() satisfies Instant),
});

/** A load as it stands here; null for one nothing is known of. */
export function loadView(context: CounterContext, loadId: Id): LoadAtTill | null {
  const facts = factsOf(context);
  const load = facts.loads.get(loadId) ?? elsewhere(context, loadId);
  if (!load) return null;
  const live = context.loads.live(loadId);
  const payment = facts.payments.get(load.paymentId ?? '');
  return {
    loadId,
    cardId: load.cardId,
    meter: load.meter,
    account: load.account,
    billerId: load.billerId,
    billerName: billerOf(context, load.billerId)?.name ?? '',
    units: load.units,
    unit: load.unit,
    amount: load.amount,
    paymentId: load.paymentId,
    receiptNo: payment?.receiptNo ?? null,
    stage: live ? stageOf(live.state.stage) : load.stage,
    doing: live?.doing ?? null,
    reason: live?.state.reason ?? load.reason,
    since: live?.since ?? load.since,
  };
}

/** A load that another till took the money for, before its first intent here. */
function elsewhere(context: CounterContext, loadId: Id): LoadFacts | null {
  const centre = context.meters.card()?.centre;
  const identity = context.meters.card()?.identity;
  if (!centre?.open || !identity || centre.open.loadId !== loadId) return null;
  const { billerId, account } = centre.card;
  return {
    loadId,
    cardId: identity.cardId,
    cardClass: identity.cardClass,
    meter: identity.meter,
    unit: identity.unit,
    units: centre.open.units,
    billerId,
    account,
    paymentId: null,
    amount: centre.open.amount,
    stage: 'owed',
    counter: null,
    reason: null,
    evidence: null,
    since: context.meters.since(),
  };
}

const stageOf = (
  stage: NonNullable<ReturnType<CounterContext['loads']['live']>>['state']['stage'],
): LoadAtTill['stage'] =>
  stage === 'asking' || stage === 'intending' || stage === 'writing' || stage === 'concluding'
    ? 'working'
    : stage;

/** The load the centre holds open for the card in the reader, for whoever finishes it here. */
export const openOnCard = elsewhere;
