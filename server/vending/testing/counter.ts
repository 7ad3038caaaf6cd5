import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PaymentAccepted } from '../../../contracts/journal.ts';
import type { Database } from '../../db/database.ts';
import { withTestDatabase } from '../../db/testing.ts';
import { pushJournal } from '../../intake/journal-push.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { softwareStore } from '../../keys/software-store.ts';
import { mintId } from '../../registry/identity.ts';
import { addUser } from '../../registry/users.ts';
import type { Device } from '../../registry/workstations.ts';
import { testJournal, testPayment, testShift, testStorno, type TestJournal } from '../../testing/device.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../../testing/fixture.ts';
import { authoriseLoad } from '../authorise.ts';
import { fromHex, toBase64url } from '../bytes.ts';
import { importCards, setLoadRules } from '../import-cards.ts';
import { issueNonce } from '../nonces.ts';
import { quoteLoad } from '../quote.ts';
import { readCard, type Vending } from '../read-card.ts';
import type { LoadRules } from '../rules.ts';
import { modelMemory, modelPurse, type CardSpec, type ModelMemory, type ModelPurse } from './model-cards.ts';

/** A centre with two companies that load cards, and counters to do it at. */

export const MASTER = fromHex('2b7e151628aed2a6abf7158809cf4f3c');
export const SUPERVISOR = { username: 'rauf', password: 'çox gizli söz' };

export const MONEY_RULES: LoadRules = {
  unit: 'money',
  min: 100,
  max: 100_000,
  classBMax: 20_000,
  perLoadMax: null,
  tiers: [],
  previousMustBeTaken: false,
  firstLoad: 'anyTime',
  cardLoadsPerDay: 1_000,
  deviceAmountPerDay: 100_000_000,
};
export const GAS_RULES: LoadRules = {
  ...MONEY_RULES,
  unit: 'litres',
  tiers: [
    { through: 1_200_000, price: 12_500 },
    { through: 2_500_000, price: 22_000 },
    { through: null, price: 30_000 },
  ],
  previousMustBeTaken: true,
  firstLoad: 'meterKnowsCard',
};

export type TestVending = Vending & {
  readonly fixture: Fixture;
  /** A purse card of the electricity company (money) or the water company (litres), registered. */
  purse(which?: 'money' | 'litres', account?: string): Promise<ModelPurse>;
  memory(): Promise<ModelMemory>;
  till(code: string): Promise<TestTill>;
  close(): Promise<void>;
};

export type TestTill = {
  readonly device: Device;
  readonly journal: TestJournal;
  nonce(): Promise<string>;
  read(card: ModelPurse | ModelMemory, nonce?: string): ReturnType<typeof readCard>;
  quote(card: ModelPurse | ModelMemory, amount: number, loadId?: string): ReturnType<typeof quoteLoad>;
  /** Takes the money and sends the journal. */
  pay(
    card: ModelPurse | ModelMemory,
    loadId: string,
    amount: number,
    other?: { account?: string; billerId?: string },
  ): Promise<PaymentAccepted>;
  /** Takes the money; the journal waits. */
  record(
    card: ModelPurse | ModelMemory,
    loadId: string,
    amount: number,
    other?: { account?: string; billerId?: string },
  ): PaymentAccepted;
  storno(payment: PaymentAccepted): Promise<void>;
  send(): Promise<void>;
  authorise(card: ModelPurse, loadId: string, units: number): ReturnType<typeof authoriseLoad>;
  authoriseMemory(card: ModelMemory, loadId: string): ReturnType<typeof authoriseLoad>;
};

let made = 0;

export async function testVending(): Promise<TestVending> {
  const database = await withTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'komis-vending-'));
  const keys: KeyStore = await softwareStore({ folder });
  const fixture = await fillRegistry(database);
  const companies = await database.pool.query<{ biller_id: string; number: string; code: string }>(
    'select biller_id, number, code from biller',
  );
  const companyOf = (billerId: string) => {
    const found = companies.rows.find((row) => row.biller_id === billerId);
    if (!found) throw new Error('a company of the fixture');
    return found;
  };
  await setLoadRules(database, companyOf(fixture.electricity).code, MONEY_RULES, 'test');
  await setLoadRules(database, companyOf(fixture.water).code, GAS_RULES, 'test');
  for (const { number } of companies.rows) await keys.take({ company: number, revision: 1 }, MASTER);
  await addUser(
    database.db,
    { ...SUPERVISOR, name: 'Rauf', role: 'supervisor', participantId: null },
    'test',
  );
  await addUser(
    database.db,
    { username: 'aygun', password: SUPERVISOR.password, name: 'Aygün', role: 'teller', participantId: null },
    'test',
  );
  const vending: Vending = { database, keys };

  async function register(
    billerId: string,
    unit: 'money' | 'litres',
    cardClass: 'A' | 'B',
    account?: string,
  ) {
    made += 1;
    const { code, number } = companyOf(billerId);
    const spec: CardSpec = {
      cardId: made.toString(16).toUpperCase().padStart(16, '0'),
      company: number,
      unit,
      meter: `M${made}`,
      master: MASTER,
    };
    const own = account ?? (unit === 'money' ? String(1_000_000_000 + made) : String(90_000_000 + made));
    await putAccount(database, { billerId, account: own, district: fixture.district });
    const { added, refused } = await importCards(
      database,
      [
        {
          cardId: spec.cardId,
          company: code,
          account: own,
          meter: spec.meter,
          unit,
          class: cardClass,
          keyRevision: 1,
          counter: 0,
          creditOwed: 0,
          usedThisYear: 0,
        },
      ],
      'test',
    );
    if (added !== 1) throw new Error(JSON.stringify(refused));
    return spec;
  }

  return {
    ...vending,
    fixture,
    purse: async (which = 'money', account?: string) =>
      modelPurse(
        await register(which === 'money' ? fixture.electricity : fixture.water, which, 'A', account),
      ),
    memory: async () => modelMemory(await register(fixture.electricity, 'money', 'B')),
    till: (code) => openTill(vending, fixture, code),
    async close() {
      await keys.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openTill(vending: Vending, fixture: Fixture, code: string): Promise<TestTill> {
  const { database } = vending;
  const { device, key } = await addDevice(database, fixture, code);
  const journal = testJournal(key);
  const shift = testShift(code);
  let sent = 0;
  const nonce = async (): Promise<string> => toBase64url(await issueNonce(database.pool, device.deviceId));
  // A device sends its journal one batch after the other.
  let sending: Promise<void> = Promise.resolve();
  const send = (): Promise<void> => (sending = sending.then(sendWaiting));
  const sendWaiting = async (): Promise<void> => {
    const waiting = journal.entries.slice(sent);
    if (waiting.length === 0) return;
    const pushed = await pushJournal(database, device, waiting);
    if (!pushed.ok) throw new Error(pushed.error.code);
    sent += waiting.length;
  };
  const cardOf = async (cardId: string) => {
    const { rows } = await database.pool.query<{ biller_id: string; account: string }>(
      'select biller_id, account from meter_card where card_id = $1',
      [cardId],
    );
    return rows[0];
  };
  const accounts = new Map<string, { biller_id: string; account: string }>();
  const record: TestTill['record'] = (card, loadId, amount, other = {}) => {
    const registered = accounts.get(card.spec.cardId);
    const payment = testPayment(shift, [
      {
        billerId: other.billerId ?? registered?.biller_id ?? '',
        account: other.account ?? registered?.account ?? '',
        amount,
      },
    ]);
    const load = {
      loadId,
      cardId: card.spec.cardId,
      cardClass: 'image' in card ? ('B' as const) : ('A' as const),
      meter: card.spec.meter,
      units: amount,
      unit: card.spec.unit,
    };
    const paid = { ...payment, lines: payment.lines.map((line) => ({ ...line, load })) };
    journal.append('payment.accepted', paid);
    return paid;
  };
  const know = async (card: ModelPurse | ModelMemory): Promise<void> => {
    const found = await cardOf(card.spec.cardId);
    if (found) accounts.set(card.spec.cardId, found);
  };
  return {
    device,
    journal,
    nonce,
    send,
    record,
    async read(card, given) {
      await know(card);
      const own = given ?? (await nonce());
      return readCard(
        vending,
        device,
        'image' in card
          ? { cardClass: 'B', nonce: own, evidence: card.evidence() }
          : { cardClass: 'A', nonce: own, evidence: card.status(own) },
      );
    },
    async quote(card, amount, loadId = mintId()) {
      await know(card);
      return quoteLoad(vending, device, { loadId, cardId: card.spec.cardId, amount: amount as never }); // a plain number of a test
    },
    async pay(card, loadId, amount, other) {
      await know(card);
      const payment = record(card, loadId, amount, other);
      await send();
      return payment;
    },
    async storno(payment) {
      journal.append('payment.stornoed', testStorno(shift, payment));
      await send();
    },
    async authorise(card, loadId, units) {
      const init = card.initLoad({ loadId, units, deviceId: device.deviceId, nonce: await nonce() });
      return authoriseLoad(vending, device, { cardClass: 'A', loadId, ...init });
    },
    async authoriseMemory(card, loadId) {
      return authoriseLoad(vending, device, {
        cardClass: 'B',
        loadId,
        nonce: await nonce(),
        image: card.evidence(),
      });
    },
  };
}

/** The value of a result, or a failed test. */
export function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: { code: string } }): T {
  if (result.ok) return result.value;
  throw new Error(`refused: ${result.error.code}`);
}
export const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.error?.code ?? 'ok';

/** The kinds of open cases that speak of a load or card. */
export async function casesOf(database: Database, key: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ kind: string }>(
    `select kind from case_file where state = 'open' and (detail->>'loadId' = $1 or detail->>'cardId' = $1) order by kind`,
    [key],
  );
  return rows.map(({ kind }) => kind);
}
