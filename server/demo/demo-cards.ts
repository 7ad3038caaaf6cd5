import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { cardMac, sameMac } from '../keys/card-mac.ts';
import { MASTER_LENGTH, type KeyStore } from '../keys/key-store.ts';
import { createOnce } from '../keys/sealing.ts';
import { importCards, setLoadRules, type ImportedCard } from '../vending/import-cards.ts';
import type { LoadRules } from '../vending/rules.ts';
import { demoCompany, type DemoCompanyCode } from './companies.ts';

/** Prepaid meters of the demo: the rules of three companies, and cards of both kinds for the household of the documentation. */

const COMMON = {
  min: 100,
  perLoadMax: null,
  cardLoadsPerDay: 50,
  deviceAmountPerDay: 10_000_000,
} as const;

const RULES: Readonly<Partial<Record<DemoCompanyCode, LoadRules>>> = {
  ELEKTRIK: {
    ...COMMON,
    unit: 'money',
    max: 30_000,
    classBMax: 10_000,
    tiers: [],
    previousMustBeTaken: false,
    firstLoad: 'anyTime',
  },
  QAZ: {
    ...COMMON,
    unit: 'litres',
    max: 10_000,
    classBMax: 10_000,
    // Up to 1200 and 2500 m³ a year.
    tiers: [
      { through: 1_200_000, price: 12_500 },
      { through: 2_500_000, price: 22_000 },
      { through: null, price: 30_000 },
    ],
    previousMustBeTaken: true,
    firstLoad: 'meterKnowsCard',
  },
  SU: {
    ...COMMON,
    unit: 'litres',
    max: 20_000,
    classBMax: 5_000,
    // 70 qəpik a cubic metre, dearer from 120 m³ a year on.
    tiers: [
      { through: 120_000, price: 70_000 },
      { through: null, price: 110_000 },
    ],
    previousMustBeTaken: false,
    firstLoad: 'anyTime',
  },
};

const REVISION = 1;
const [electricity, gas, water] = [demoCompany('ELEKTRIK'), demoCompany('QAZ'), demoCompany('SU')];

export const DEMO_CARDS: readonly ImportedCard[] = [
  {
    cardId: '4B4D000000000101',
    company: 'ELEKTRIK',
    account: electricity.fixed[0] ?? '',
    meter: '70010418',
    unit: 'money',
    class: 'A',
    keyRevision: REVISION,
    counter: 0,
    creditOwed: 0,
    usedThisYear: 0,
  },
  {
    cardId: '4B4D000000000202',
    company: 'QAZ',
    account: gas.fixed[0] ?? '',
    meter: '80177304',
    unit: 'litres',
    class: 'B',
    keyRevision: REVISION,
    counter: 0,
    creditOwed: 0,
    usedThisYear: 1_190_000,
  },
  {
    cardId: '4B4D000000000303',
    company: 'SU',
    account: water.fixed[0] ?? '',
    meter: '4418207',
    unit: 'litres',
    class: 'A',
    keyRevision: REVISION,
    counter: 0,
    creditOwed: 5_000,
    usedThisYear: 110_000,
  },
];

/** Master keys by "company:revision", 32 hex digits: what the virtual cards are started with. */
const mastersSchema = z.record(z.string().regex(/^\d{3}:\d{1,3}$/), z.string().regex(/^[0-9A-F]{32}$/));

/** The file that hands the demo's master keys to its virtual cards; its owner may read it. No real key is ever in such a file. */
export const demoKeysFile = (dataRoot: string): string => join(dataRoot, 'demo-card-keys.json');

/**
 * Sets the rules, puts the demo's own master keys into the store and registers the cards. Can be run again: the keys made at the
 * first start stay. Throws when the store has other masters for these companies: then they are no demo.
 */
export async function demoCards(
  database: Database,
  keys: KeyStore,
  dataRoot: string,
): Promise<{ readonly keysFile: string; readonly cards: readonly ImportedCard[] }> {
  for (const [code, rules] of Object.entries(RULES)) await ensureRules(database, code, rules);
  const keysFile = demoKeysFile(dataRoot);
  createOnce(keysFile, `${JSON.stringify(freshMasters())}\n`);
  const masters = mastersSchema.parse(JSON.parse(readFileSync(keysFile, 'utf8')));
  for (const [name, text] of Object.entries(masters)) {
    const [company = '', revision = ''] = name.split(':');
    const master = new Uint8Array(Buffer.from(text, 'hex'));
    const ref = { company, revision: Number(revision) };
    await keys.take(ref, master);
    const card = { ...ref, cardId: new Uint8Array(8) };
    if (!sameMac(await keys.mac('init', card, card.cardId), cardMac(master, 'init', card, card.cardId)))
      throw new Error(`the key store has another master for ${name} than ${keysFile}`);
  }
  const { refused } = await importCards(database, DEMO_CARDS, 'demo');
  if (refused.length > 0) throw new Error(`demo cards: ${JSON.stringify(refused)}`);
  return { keysFile, cards: DEMO_CARDS };
}

const freshMasters = (): z.infer<typeof mastersSchema> =>
  Object.fromEntries(
    [electricity, gas, water].map(({ number }) => [
      `${number}:${REVISION}`,
      randomBytes(MASTER_LENGTH).toString('hex').toUpperCase(),
    ]),
  );

async function ensureRules(database: Database, code: string, rules: LoadRules): Promise<void> {
  const { rows } = await database.pool.query(
    'select from meter_rules join biller using (biller_id) where code = $1',
    [code],
  );
  if (rows.length === 0) await setLoadRules(database, code, rules, 'demo');
}
