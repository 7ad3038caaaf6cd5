import type { CustomerWish } from '../../../native-bridges/pos/simulator/customer.ts';
import type { FaultWish } from '../../../native-bridges/pos/simulator/faults.ts';
import type { Moment } from './day-terminal.ts';
import { bagOf, type Random } from './random.ts';

/** Customers with cards as data: who they are, and what goes wrong while they stand at the terminal. Drawn by the seed. */

/** What happens at the terminal between the key and the last word. */
export type Trouble =
  | { readonly kind: 'fault'; readonly at: Moment; readonly fault: FaultWish }
  | { readonly kind: 'terminalOff'; readonly at: Moment }
  /** Kill −9 of the counter's core host. */
  | { readonly kind: 'killedAt'; readonly at: Moment }
  /** The same right after the n-th entry of the operation is in the journal. */
  | { readonly kind: 'killedAfter'; readonly appends: number };

/** Entries of an operation behind which the terminal's last word has not been written down. */
const BEFORE_LAST_WORD = 2;

/** Whether the counter never hears the terminal's own last word, so that it must ask what became of it. */
export const losesAnswer = (trouble: Trouble | null): boolean =>
  trouble !== null && (trouble.kind !== 'killedAfter' || trouble.appends <= BEFORE_LAST_WORD);

export type CardCustomer = {
  /** A part of the total is paid in cash. */
  readonly mixed: boolean;
  readonly person: CustomerWish;
  readonly trouble: Trouble | null;
  readonly declined: boolean;
};

const [told, heard] = ['fromTerminal', 'toTerminal'] as const;
/** Longer than any process needs to be dead. */
const SLOW_MS = 3000;
/** How long a plug that was pulled is out. */
export const OFF_MS = 500;

const CUT = { kind: 'cut', ms: 300 } as const;
const DROP = { kind: 'drop' } as const;
const OFF = { kind: 'powerCycle', offMs: OFF_MS } as const;

/** The approval and the last word are lost on the way to the counter. */
const LOST_WORDS: readonly Trouble[] = (['completion', 'statusInformation'] as const).flatMap((message) =>
  [CUT, DROP, OFF].map((what): Trouble => ({
    kind: 'fault',
    at: 'host',
    fault: { direction: told, message, what },
  })),
);

/** Ways to lose an answer. Behind some of them the card was charged, behind others not; the counter must find out which. */
const LOST: readonly Trouble[] = [
  ...LOST_WORDS,
  {
    kind: 'fault',
    at: 'host',
    fault: { direction: told, message: 'completion', at: { byte: 2 }, what: CUT },
  },
  { kind: 'fault', at: 'approval', fault: { direction: heard, message: 'positive', what: DROP } },
  { kind: 'fault', at: 'approval', fault: { direction: heard, message: 'positive', what: CUT } },
  { kind: 'terminalOff', at: 'card' },
];

const KILLED: readonly Trouble[] = [
  { kind: 'killedAt', at: 'card' },
  { kind: 'killedAt', at: 'host' },
  ...[1, 2, 3, 4].map((appends): Trouble => ({ kind: 'killedAfter', appends })),
];

/** What may go wrong with a reversal, which asks nobody for a card. */
const REVERSAL: readonly Trouble[] = [
  ...LOST.filter(({ kind }) => kind === 'fault'),
  ...KILLED.filter(({ kind }) => kind === 'killedAfter'),
];

/** What may go wrong with the terminal's end of day. */
const END_OF_DAY: readonly Trouble[] = [
  { kind: 'fault', at: 'endOfDay', fault: { direction: told, message: 'completion', what: CUT } },
  { kind: 'fault', at: 'endOfDay', fault: { direction: told, message: 'statusInformation', what: CUT } },
  { kind: 'terminalOff', at: 'endOfDay' },
  { kind: 'killedAt', at: 'endOfDay' },
  { kind: 'killedAfter', appends: 1 },
];

/** One of each scheme in turn: a terminal's totals count no more than 255 of one. */
const CARDS = ['visa', 'mastercard', 'maestro'] as const;

const REFUSED: readonly CustomerWish[] = [
  { card: 'poor' },
  { card: 'refused', how: 'tap' },
  { card: 'stolen' },
  { card: 'expired' },
  { card: 'unreadable' },
  { pins: ['wrong'] },
  { breaksOff: { at: 'pin', by: 'cancel' } },
  { breaksOff: { at: 'pin', by: 'pull' } },
];

export type CardCustomers = {
  /** Mostly nothing goes wrong; some pay a part in cash, some cards are refused. */
  next(): CardCustomer;
  /** An answer will be lost. */
  unlucky(): CardCustomer;
  /** The core host will be killed. */
  powerless(): CardCustomer;
  /** What goes wrong with a storno. */
  reversal(): Trouble;
  /** And with the terminal's end of day. */
  endOfDay(): Trouble;
};

/** Draws customers: each way of paying and each trouble comes up before any comes up again. */
export function cardCustomers(random: Random): CardCustomers {
  const card = bagOf(random, CARDS);
  const how = bagOf(random, ['insert', 'tap', 'insert'] as const);
  const mixed = bagOf(random, [true, false, false]);
  const refused = bagOf(random, REFUSED);
  const lost = bagOf(random, LOST);
  const killed = bagOf(random, KILLED);
  const reversal = bagOf(random, REVERSAL);
  const endOfDay = bagOf(random, END_OF_DAY);
  const kind = bagOf(random, ['paid', 'paid', 'mixed', 'declined'] as const);
  const paying = (): CustomerWish => ({ card: card(), how: how() });
  const troubled = (trouble: Trouble): CardCustomer => ({
    mixed: mixed(),
    person: { ...paying(), ...patience(trouble) },
    trouble,
    declined: false,
  });
  return {
    next() {
      const drawn = kind();
      const isMixed = drawn === 'mixed' || (drawn === 'declined' && mixed());
      return drawn === 'declined'
        ? {
            mixed: isMixed,
            person: { ...paying(), how: 'insert', ...refused() },
            trouble: null,
            declined: true,
          }
        : { mixed: isMixed, person: paying(), trouble: null, declined: false };
    },
    unlucky: () => troubled(lost()),
    powerless: () => troubled(killed()),
    reversal,
    endOfDay,
  };
}

/** Whoever stands there while the counter is killed does not go on before the terminal has noticed. */
function patience(trouble: Trouble): CustomerWish {
  if (trouble.kind === 'killedAt' && trouble.at === 'card')
    return { breaksOff: { at: 'card', by: 'walkAway' } };
  return trouble.kind === 'killedAt' ? { hostMs: SLOW_MS } : {};
}
