import type { CardRow, CardStory, PosAttemptView } from '../../../contracts/ipw.ts';
import { qepik } from '../../../contracts/money.ts';
import { NO_RECEIPTS, type PosCapabilities } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { sampleId } from './sample-data.ts';

export const CAPABILITIES: PosCapabilities = {
  queriesLast: true,
  queriesById: false,
  reversesOnlyLast: false,
  refunds: true,
  holdsCommit: true,
  printsItself: false,
  readsTotals: true,
  reprints: true,
  aborts: true,
};

/** A paper as terminals set it, for a title. */
const paper = (title: string, amount: string): string[] => [
  '        BİRBANK POS',
  `      ${title}`,
  '',
  'Terminal        52001234',
  'Trace             000042',
  'Kart  416973******0018',
  `MƏBLƏĞ       ${amount} AZN`,
  '       TƏSDİQ OLUNDU',
];

const since = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

const BASE = {
  payerName: 'Ağayeva Ülviyyə',
  teller: 'Aygün Məmmədova',
  cashHeld: qepik(0),
  decided: false,
} as const;

const SALE: CardRow = {
  ...BASE,
  attemptId: sampleId(),
  kind: 'sale',
  stage: 'concluded',
  outcome: 'done',
  amount: qepik(3840),
  paymentId: sampleId(),
  since: since(40),
  receiptNo: 'WS07-20261123-0101',
  result: {
    amount: qepik(3840),
    currency: 'AZN',
    terminalId: '52001234',
    receiptNo: '0042',
    trace: '000042',
    reference: null,
    authCode: '123456',
    cardName: 'VISA',
    maskedPan: '416973******0018',
    terminalTime: null,
  },
  reason: null,
  receipts: { customer: paper('MÜŞTƏRİ NÜSXƏSİ', '38.40'), merchant: paper('MAĞAZA NÜSXƏSİ', '38.40') },
};

/** A sale, its reversal, and a card that was declined: newest first. */
export const SAMPLE_CARDS: readonly CardRow[] = [
  {
    ...SALE,
    attemptId: sampleId(),
    outcome: 'declined',
    amount: qepik(1250),
    since: since(12),
    receiptNo: null,
    result: null,
    reason: posReason('insufficientFunds'),
    receipts: NO_RECEIPTS,
  },
  { ...SALE, attemptId: sampleId(), kind: 'reversal', since: since(30), receiptNo: 'WS07-20261123-0104' },
  SALE,
];

/** The story of one of them. */
export function sampleStory(row: CardRow, copies: CardStory['copies']): CardStory {
  const paid = row.outcome === 'done';
  return {
    row,
    steps: [
      { at: row.since, what: 'written', live: null, reason: null },
      { at: row.since, what: 'sent', live: null, reason: null },
      { at: row.since, what: paid ? 'confirmed' : 'declined', live: null, reason: row.reason },
    ],
    decision: null,
    payment: paid
      ? { paymentId: row.paymentId, receiptNo: 'WS07-20261123-0101', stornoReceiptNo: 'WS07-20261123-0104' }
      : null,
    related: SAMPLE_CARDS.filter((one) => paid && one.outcome === 'done' && one !== row),
    copies,
  };
}

const OPEN = { ...BASE, receiptNo: null, stopAsked: false } as const;

/** Two cards without an outcome, and without a counter that could have let it come to that. */
export const twoOpen = (at: string): PosAttemptView[] => {
  const first: PosAttemptView = {
    ...OPEN,
    attemptId: sampleId(),
    kind: 'sale',
    stage: 'unknown',
    outcome: null,
    amount: qepik(3840),
    paymentId: sampleId(),
    since: at,
    steps: [
      { at, what: 'written', live: null, reason: null },
      { at, what: 'lost', live: null, reason: posReason('lineLost') },
    ],
    nextAskAt: null,
    asks: 4,
  };
  return [
    first,
    {
      ...first,
      attemptId: sampleId(),
      stage: 'concluded',
      outcome: 'done',
      decided: true,
      amount: qepik(1775),
      payerName: null,
    },
  ];
};
