import type { CardInReader, LoadAtTill, MeterCardState } from '../../../contracts/ipw.ts';
import { qepik } from '../../../contracts/money.ts';
import { ELECTRICITY, GAS, sampleId } from './sample-data.ts';

/** Meter cards and loads in every state a teller can meet, for looking at the screens and testing them. */

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export const GAS_CARD_ID = '7730014108022617';
const RULES = {
  min: qepik(100),
  max: qepik(20_000),
  perLoadMax: null,
  tiers: [
    { through: 1_200_000, price: 12_500 },
    { through: 2_500_000, price: 20_000 },
    { through: null, price: 25_000 },
  ],
  usedThisYear: 986_000,
  creditOwed: 5000,
};
export type SampleRules = typeof RULES;

const AREA = {
  known: true,
  tamper: false,
  batteryLow: false,
  shutOff: false,
  takenThrough: 26,
  remaining: 3200,
  consumption: 4_118_400,
  lastTaken: 45_000,
  writtenAt: ago(11 * 24 * 60),
  meter: '4418207',
};

const HOLDER = 'Məmmədov Elşən İlqar oğlu';

const GAS_CARD: CardInReader = {
  insertion: 1,
  reader: 'Virtual PCD 00 00',
  virtual: true,
  stage: 'known',
  reason: null,
  detail: null,
  identity: {
    cardId: GAS_CARD_ID,
    cardClass: 'A',
    billerId: GAS.id,
    billerName: GAS.name,
    meter: '4418207',
    unit: 'litres',
  },
  counter: 26,
  balance: 0,
  meterArea: AREA,
  centre: {
    card: {
      cardId: GAS_CARD_ID,
      billerId: GAS.id,
      account: '0801417730',
      holder: HOLDER,
      meter: '4418207',
      unit: 'litres',
      class: 'A',
      state: 'active',
      blockedBecause: null,
      balance: 0,
      counter: 26,
      last: { loadId: sampleId(), units: 45_000, amount: qepik(600) },
    },
    warnings: ['creditOwed'],
    rules: RULES,
    open: null,
    waiting: 0,
  },
  refused: null,
};
const GAS_CENTRE = centreOf(GAS_CARD);

function centreOf(card: CardInReader): NonNullable<CardInReader['centre']> {
  if (!card.centre) throw new Error('a sample that the centre knows');
  return card.centre;
}

const unread = { identity: null, counter: null, balance: null, meterArea: null, centre: null };
const OPEN = {
  loadId: sampleId(),
  amount: qepik(1000),
  units: 75_000,
  state: 'paid' as const,
  businessDate: '2026-11-23',
  atWorkstation: 'WS03',
  sayable: 'notLoaded' as const,
  stornoed: false,
};

/** Cards by the name of their trouble. */
export const SAMPLE_CARDS_IN = {
  ready: GAS_CARD,
  real: { ...GAS_CARD, reader: 'ACS ACR39U ICC Reader 00 00', virtual: false },
  warned: {
    ...GAS_CARD,
    balance: 45_000,
    meterArea: { ...AREA, takenThrough: 25, tamper: true, batteryLow: true, shutOff: true },
    centre: {
      ...GAS_CENTRE,
      warnings: [
        'tamper',
        'shutOff',
        'meterDiffers',
        'previousLoadNotTaken',
        'meterDoesNotKnowCard',
        'batteryLow',
        'creditOwed',
      ],
    },
  },
  energy: {
    ...GAS_CARD,
    identity: {
      cardId: '4071188236500019',
      cardClass: 'B',
      billerId: ELECTRICITY.id,
      billerName: ELECTRICITY.name,
      meter: '77120045',
      unit: 'wattHours',
    },
    centre: {
      ...GAS_CENTRE,
      card: {
        ...GAS_CENTRE.card,
        cardId: '4071188236500019',
        billerId: ELECTRICITY.id,
        account: '1104552018',
        class: 'B',
        unit: 'wattHours',
        last: null,
      },
      warnings: [],
      rules: { ...RULES, creditOwed: 0, max: qepik(3000), tiers: [{ through: null, price: 7000 }] },
    },
  },
  money: {
    ...GAS_CARD,
    identity: {
      cardId: '5500120034005600',
      cardClass: 'A',
      billerId: ELECTRICITY.id,
      billerName: ELECTRICITY.name,
      meter: '0045',
      unit: 'money',
    },
    balance: 150,
    meterArea: { ...AREA, remaining: 1250, consumption: 98_340, lastTaken: 2000, meter: '0045' },
    centre: {
      ...GAS_CENTRE,
      card: { ...GAS_CENTRE.card, cardId: '5500120034005600', billerId: ELECTRICITY.id, unit: 'money' },
      warnings: [],
      rules: { ...RULES, creditOwed: 0, tiers: [] },
    },
  },
  reading: { ...GAS_CARD, ...unread, stage: 'reading' },
  foreign: { ...GAS_CARD, ...unread, stage: 'failed', reason: 'foreign', detail: '3B 6F 00 00' },
  mute: { ...GAS_CARD, ...unread, stage: 'failed', reason: 'mute' },
  worn: { ...GAS_CARD, ...unread, stage: 'failed', reason: 'worn', detail: '6581' },
  unreadable: { ...GAS_CARD, centre: null, stage: 'failed', reason: 'unreadable', detail: '6F00' },
  codeTries: { ...GAS_CARD, ...unread, stage: 'failed', reason: 'codeTries' },
  here: { ...GAS_CARD, stage: 'here', centre: null },
  unknown: { ...GAS_CARD, stage: 'here', centre: null, refused: { code: 'meterCardUnknown' } },
  incident: { ...GAS_CARD, stage: 'here', centre: null, refused: { code: 'meterCardIncident' } },
  keyStore: { ...GAS_CARD, stage: 'here', centre: null, refused: { code: 'keyStoreAway' } },
  strange: {
    ...GAS_CARD,
    stage: 'here',
    identity: {
      cardId: '9990014108022617',
      cardClass: 'A',
      billerId: null,
      billerName: '777',
      meter: '99',
      unit: 'litres',
    },
    centre: null,
    refused: { code: 'meterCardUnknown' },
  },
  blocked: {
    ...GAS_CARD,
    centre: {
      ...GAS_CENTRE,
      card: { ...GAS_CENTRE.card, state: 'blocked', blockedBecause: 'incident' },
      rules: null,
    },
  },
  noLoads: { ...GAS_CARD, centre: { ...GAS_CENTRE, rules: null } },
  found: { ...GAS_CARD, centre: { ...GAS_CENTRE, open: OPEN, waiting: 1 } },
  stornoed: {
    ...GAS_CARD,
    centre: { ...GAS_CENTRE, warnings: ['loadStornoed'], open: { ...OPEN, stornoed: true } },
  },
} as const satisfies Record<string, unknown> as unknown as Readonly<Record<SampleCard, CardInReader>>;

export type SampleCard =
  | 'ready'
  | 'real'
  | 'warned'
  | 'energy'
  | 'money'
  | 'reading'
  | 'foreign'
  | 'mute'
  | 'worn'
  | 'unreadable'
  | 'codeTries'
  | 'here'
  | 'unknown'
  | 'incident'
  | 'keyStore'
  | 'strange'
  | 'blocked'
  | 'noLoads'
  | 'found'
  | 'stornoed';
export const isSampleCard = (name: string): name is SampleCard => Object.hasOwn(SAMPLE_CARDS_IN, name);

const LOAD: LoadAtTill = {
  loadId: sampleId(),
  cardId: GAS_CARD_ID,
  meter: '4418207',
  account: '0801417730',
  billerId: GAS.id,
  billerName: GAS.name,
  units: 75_000,
  unit: 'litres',
  amount: qepik(1000),
  paymentId: sampleId(),
  receiptNo: 'WS07-20261127-0128',
  stage: 'working',
  doing: 'writing',
  reason: null,
  since: ago(1),
};

/** Loads in front of the teller, `?load=NAME`. */
export const SAMPLE_LOADS: Readonly<Record<string, LoadAtTill>> = {
  payment: { ...LOAD, doing: 'payment' },
  centre: { ...LOAD, doing: 'centre' },
  writing: LOAD,
  torn: { ...LOAD, stage: 'unknown', doing: null, reason: 'removed' },
  reading: { ...LOAD, stage: 'unknown', doing: 'reading', reason: 'removed' },
  owed: { ...LOAD, stage: 'owed', doing: null, reason: 'keyStoreAway' },
  written: { ...LOAD, stage: 'written', doing: null },
  confirmed: { ...LOAD, stage: 'confirmed', doing: null },
  cancelled: { ...LOAD, stage: 'cancelled', doing: null },
};

/** What is open behind the teller's back, `?open-loads`. */
export const OPEN_LOADS: readonly LoadAtTill[] = [
  { ...LOAD, loadId: sampleId(), stage: 'owed', doing: null, reason: 'centreAway', since: ago(95) },
  {
    ...LOAD,
    loadId: sampleId(),
    cardId: '4071188236500019',
    meter: '77120045',
    account: '1104552018',
    billerId: ELECTRICITY.id,
    billerName: ELECTRICITY.name,
    units: 285_714,
    unit: 'wattHours',
    amount: qepik(2000),
    receiptNo: 'WS07-20261126-0044',
    stage: 'unknown',
    doing: null,
    reason: 'removed',
    since: ago(26 * 60),
  },
  {
    ...LOAD,
    loadId: sampleId(),
    cardId: '5500120034005600',
    amount: null,
    paymentId: null,
    receiptNo: null,
    units: 2000,
    unit: 'money',
    stage: 'owed',
    doing: null,
    reason: 'cardRefused',
    since: ago(9),
  },
  { ...LOAD, loadId: sampleId(), cardId: '7730014108029999', stage: 'written', doing: null, since: ago(2) },
];

export const READER: MeterCardState['readers'][number] = {
  name: 'Virtual PCD 00 00',
  state: 'empty',
  virtual: true,
  since: ago(40),
};

/** Readers without a card that can be read, `?meter=NAME`. */
export const SAMPLE_READERS: Readonly<Record<string, Partial<MeterCardState>>> = {
  noService: { service: 'noService', since: ago(6), readers: [] },
  noReader: { service: 'noReader', since: ago(130), readers: [] },
  readerMute: { readers: [{ ...READER, state: 'mute', virtual: false, since: ago(3) }] },
  readerTaken: { readers: [{ ...READER, state: 'taken', virtual: false, since: ago(12) }] },
};
