import type { z } from 'zod';
import type { meterCardCentreContract, MeterWarning } from '../../contracts/centre-meter-card.ts';
import { qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CalendarDate } from '../../contracts/time.ts';
import { inTransaction, type Database } from '../db/database.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { Device } from '../registry/workstations.ts';
import { fromBase64url } from './bytes.ts';
import { cardIdIn, readEvidence, type Reading } from './card-reading.ts';
import { spendNonce } from './nonces.ts';
import { findCard, rulesOf, usedThisYear, type CardRow, type Queries } from './rows.ts';
import { maximumOf } from './rules.ts';
import { settleReading, type Settled } from './settle.ts';

type ReadContract = (typeof meterCardCentreContract)['meterCard.read'];
type Answer = z.input<ReadContract['output']>;
export type EvidenceCode =
  'meterCardUnknown' | 'evidenceWrong' | 'nonceStale' | 'keyStoreAway' | 'meterCardIncident';

/** What every method of loads works with. */
export type Vending = { readonly database: Database; readonly keys: KeyStore };

/** The card whose evidence this is, and what it proves; nothing is changed yet. */
export async function checkEvidence(
  { database, keys }: Vending,
  nonce: string,
  evidence: string,
): Promise<
  Result<
    { readonly card: CardRow; readonly reading: Reading; readonly nonce: Uint8Array },
    'meterCardUnknown' | 'evidenceWrong' | 'keyStoreAway'
  >
> {
  const bytes = fromBase64url(evidence);
  const cardId = cardIdIn(bytes);
  if (cardId === undefined) return fail('evidenceWrong');
  const card = await findCard(database.pool, cardId);
  if (!card) return fail('meterCardUnknown');
  const given = fromBase64url(nonce);
  const reading = await readEvidence(keys, card, given, bytes);
  return reading.ok ? ok({ card, reading: reading.value, nonce: given }) : reading;
}

/** `meterCard.read`: checks the evidence, settles what it proves, and says what the teller needs to know. */
export async function readCard(
  vending: Vending,
  device: Device,
  input: z.output<ReadContract['input']>,
): Promise<Result<Answer, EvidenceCode>> {
  const checked = await checkEvidence(vending, input.nonce, input.evidence);
  if (!checked.ok) return checked;
  const { card, reading, nonce } = checked.value;
  if (card.class !== input.cardClass) return fail('evidenceWrong');
  return inTransaction(vending.database, async (transaction) => {
    const turn = await spendNonce(transaction.client, device.deviceId, nonce);
    if (turn === undefined) return fail('nonceStale');
    const settled = await settleReading(transaction, card.card_id, reading, {
      deviceId: device.deviceId,
      turn,
    });
    if (settled.kind === 'incident') return fail('meterCardIncident');
    if (settled.kind === 'overtaken') return fail('nonceStale');
    return ok(await describe(transaction.client, settled, reading));
  });
}

async function describe(
  queries: Queries,
  settled: Exclude<Settled, { kind: 'incident' | 'overtaken' }>,
  reading: Reading,
): Promise<Answer> {
  const { card, ordered } = settled;
  const { meter } = reading;
  const facts = await factsOf(queries, card, reading);
  const authorised = ordered?.state === 'authorised' ? ordered : undefined;
  const resolved =
    authorised && settled.kind === 'applied'
      ? { loadId: authorised.load_id, outcome: 'applied' as const }
      : authorised && settled.sinceOrder
        ? { loadId: authorised.load_id, outcome: 'notApplied' as const }
        : null;
  const [first, ...behind] = facts.open;
  return {
    card: {
      cardId: card.card_id,
      billerId: card.biller_id,
      account: card.account,
      holder: facts.holder,
      meter: card.meter,
      unit: card.unit,
      class: card.class,
      state: card.state,
      blockedBecause: card.blocked_because,
      balance: reading.balance ?? facts.notTaken,
      counter: reading.counter,
      last: reading.last && {
        loadId: facts.lastAmount === null ? null : reading.last.loadId,
        units: reading.last.units,
        amount: facts.lastAmount === null ? null : qepik(facts.lastAmount),
      },
    },
    meterArea: {
      ...meter,
      writtenAt: meter.writtenAt === null ? null : new Date(meter.writtenAt).toISOString(),
    },
    warnings: warningsOf(card, reading, facts.stornoed),
    rules: card.state === 'blocked' ? null : await rulesFor(queries, card),
    open: first
      ? {
          loadId: first.load_id,
          amount: qepik(first.amount),
          units: first.units,
          state: first.state,
          businessDate: first.business_date,
          atWorkstation: first.workstation ?? '',
          // A load that no order went out for is not on the card whatever the card says.
          sayable: first.state === 'paid' || settled.sinceOrder ? 'notLoaded' : 'unknown',
          stornoed: first.stornoed,
        }
      : null,
    waiting: behind.length,
    resolved,
  };
}

type OpenRow = {
  readonly load_id: string;
  readonly amount: number;
  readonly units: number;
  readonly state: 'paid' | 'authorised';
  readonly business_date: CalendarDate;
  readonly workstation: string | null;
  readonly stornoed: boolean;
};

type Facts = {
  readonly holder: string;
  readonly open: readonly OpenRow[];
  readonly notTaken: number;
  readonly lastAmount: number | null;
  readonly stornoed: boolean;
};

async function factsOf(queries: Queries, card: CardRow, reading: Reading): Promise<Facts> {
  const { rows: open } = await queries.query<OpenRow>(
    `select l.load_id, l.amount, l.units, l.state, l.business_date, w.code as workstation, l.stornoed_at is not null as stornoed
     from meter_load l left join device d on d.device_id = l.paid_device left join org_unit w on w.unit_id = d.unit_id
     where l.card_id = $1 and l.state in ('paid', 'authorised') order by l.state = 'paid', l.paid_at, l.load_id`,
    [card.card_id],
  );
  const { rows } = await queries.query<Omit<Facts, 'open'>>(
    `select coalesce((select holder from biller_account where biller_id = $2 and account = $3), '') as holder,
       (select coalesce(sum(units), 0)::bigint from meter_load where card_id = $1 and state = 'confirmed' and counter >= $4) as "notTaken",
       (select amount from meter_load where card_id = $1 and load_id = $5) as "lastAmount",
       exists (select from meter_load where card_id = $1 and state = 'confirmed' and stornoed_at is not null) as stornoed`,
    [card.card_id, card.biller_id, card.account, reading.meter.takenThrough, reading.last?.loadId ?? null],
  );
  const [row] = rows;
  if (!row) throw new Error('a row of constants');
  return { ...row, open };
}

function warningsOf(card: CardRow, { meter, counter }: Reading, stornoed: boolean): MeterWarning[] {
  const found: Readonly<Record<MeterWarning, boolean>> = {
    tamper: meter.tamper,
    shutOff: meter.shutOff,
    meterDiffers: meter.known && meter.meter !== card.meter,
    loadStornoed: stornoed,
    previousLoadNotTaken: meter.takenThrough < counter,
    meterDoesNotKnowCard: !meter.known,
    batteryLow: meter.batteryLow,
    creditOwed: card.credit_owed > 0,
  };
  return (Object.keys(found) as MeterWarning[]).filter((warning) => found[warning]); // the record's own keys
}

async function rulesFor(queries: Queries, card: CardRow): Promise<Answer['rules']> {
  const found = await rulesOf(queries, card.biller_id);
  if (!found?.live) return null;
  const { rules } = found;
  return {
    min: qepik(rules.min),
    max: qepik(maximumOf(rules, card.class)),
    perLoadMax: rules.perLoadMax,
    tiers: rules.tiers,
    usedThisYear: await usedThisYear(queries, card),
    creditOwed: card.credit_owed,
  };
}
