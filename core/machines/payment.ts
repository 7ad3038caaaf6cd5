import type { AccountView, Language, Localized, Subscriber } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted } from '../../contracts/journal.ts';
import type { LineLoad } from '../../contracts/meter-card.ts';
import type { Qepik } from '../../contracts/money.ts';
import type { Failure } from '../../contracts/result.ts';
import type { PosReason } from '../../contracts/pos.ts';
import type { Instant } from '../../contracts/time.ts';
import { go, stay, type Step } from './step.ts';

/**
 * The payment of one customer: draft → tendering → (charging →) recording → accepted → receipted (DESIGN §6). A draft may be
 * lost with the process; from `charging` or `recording` on the journal knows it or it did not happen. While a card is
 * charged nothing but the terminal's word ends it here; a basket whose card is being asked after may be left to that. A
 * storno is a record of its own.
 */

export type DraftLine = {
  readonly lineId: Id;
  readonly billerId: Id;
  readonly billerName: string;
  readonly service: Localized;
  readonly account: string;
  readonly holder: string;
  readonly period: string | null;
  readonly billNo: string | null;
  readonly owed: Qepik;
  readonly asOf: Instant | null;
  readonly known: boolean;
  readonly amount: Qepik;
  readonly fee: Qepik;
  readonly feeRuleId: Id | null;
  readonly problem: Failure | null;
  /** Set on a line that pays for a load of a meter card: its amount was priced by the centre and stays. */
  readonly load?: LineLoad;
};

export type Basket = {
  readonly paymentId: Id;
  /** Grows with every change, so that what is accepted is what was shown. */
  readonly revision: number;
  readonly subscriber: Subscriber | null;
  readonly offered: readonly AccountView[];
  readonly language: Language;
  readonly lines: readonly DraftLine[];
  /** Why the card just tried was not charged; until something else is tried. */
  readonly cardRefused: CardRefused | null;
};

export type CardRefused = { readonly reason: PosReason; readonly amount: Qepik; readonly cashHeld: Qepik };

export type PaymentState = Basket &
  (
    | { readonly stage: 'draft' | 'tendering' }
    | { readonly stage: 'charging'; readonly attemptId: Id }
    | { readonly stage: 'recording' | 'accepted' | 'receipted'; readonly record: PaymentAccepted }
  );

export type PaymentEvent =
  | { readonly kind: 'begun'; readonly paymentId: Id; readonly language: Language }
  | {
      readonly kind: 'offered';
      readonly subscriber: Subscriber | null;
      readonly offered: readonly AccountView[];
    }
  | { readonly kind: 'lineAdded'; readonly line: DraftLine }
  | {
      readonly kind: 'amountSet';
      readonly line: Pick<DraftLine, 'lineId' | 'amount' | 'fee' | 'feeRuleId' | 'problem'>;
    }
  | { readonly kind: 'lineRemoved'; readonly lineId: Id }
  | { readonly kind: 'languageSet'; readonly language: Language }
  | { readonly kind: 'tenderBegun' }
  | { readonly kind: 'tenderLeft' }
  | { readonly kind: 'chargeBegun'; readonly attemptId: Id }
  /** The card was not charged. `refused` is null where nothing was tried at all. */
  | { readonly kind: 'chargeEnded'; readonly attemptId: Id; readonly refused: CardRefused | null }
  /** The card was charged and the payment written down. */
  | { readonly kind: 'charged'; readonly attemptId: Id; readonly record: PaymentAccepted }
  /** The card's outcome is found out without this basket on the desk; the next customer is served. */
  | { readonly kind: 'parked'; readonly attemptId: Id; readonly paymentId: Id; readonly language: Language }
  | { readonly kind: 'moneyTaken'; readonly record: PaymentAccepted }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRecorded' }
  | { readonly kind: 'printed' };

export type PaymentEffect =
  | { readonly kind: 'append'; readonly record: PaymentAccepted }
  | { readonly kind: 'print'; readonly paymentId: Id };

export const emptyBasket = (paymentId: Id, language: Language, revision = 1): PaymentState => ({
  stage: 'draft',
  paymentId,
  revision,
  subscriber: null,
  offered: [],
  language,
  lines: [],
  cardRefused: null,
});

/** One step of the payment machine. */
export function paymentStep(state: PaymentState, event: PaymentEvent): Step<PaymentState, PaymentEffect> {
  switch (event.kind) {
    case 'begun':
      // While money is being recorded the basket stays; otherwise the next customer is served.
      return state.stage === 'recording' || state.stage === 'charging'
        ? stay(state)
        : go(emptyBasket(event.paymentId, event.language, state.revision + 1));
    case 'offered':
      return inDraft(state, { subscriber: event.subscriber, offered: event.offered });
    case 'lineAdded':
      return state.lines.some((line) => sameLine(line, event.line))
        ? stay(state)
        : inDraft(state, { lines: [...state.lines, event.line] });
    case 'amountSet':
      return withLine(state, event.line.lineId, (line) => [{ ...line, ...event.line }]);
    case 'lineRemoved':
      return withLine(state, event.lineId, () => []);
    case 'languageSet':
      // The paper's language may change until it is written down; it is not part of what is frozen at tendering.
      return state.stage === 'draft' || state.stage === 'tendering'
        ? go(changed(state, { language: event.language }))
        : stay(state);
    case 'tenderBegun':
      return state.stage === 'draft' && state.lines.length > 0
        ? go({ ...changed(state, {}), stage: 'tendering' })
        : stay(state);
    case 'tenderLeft':
      return state.stage === 'tendering'
        ? go({ ...changed(state, { cardRefused: null }), stage: 'draft' })
        : stay(state);
    case 'chargeBegun':
      return state.stage === 'tendering'
        ? go({ ...changed(state, { cardRefused: null }), stage: 'charging', attemptId: event.attemptId })
        : stay(state);
    case 'chargeEnded': {
      if (!isCharging(state, event.attemptId)) return stay(state);
      const { attemptId: _ended, ...basket } = state;
      return go({ ...changed(basket, { cardRefused: event.refused }), stage: 'tendering' });
    }
    case 'charged': {
      if (!isCharging(state, event.attemptId) || event.record.paymentId !== state.paymentId)
        return stay(state);
      const { attemptId: _done, ...basket } = state;
      return go(
        { ...changed(basket, {}), stage: 'accepted', record: event.record },
        { kind: 'print', paymentId: state.paymentId },
      );
    }
    case 'parked':
      return isCharging(state, event.attemptId)
        ? go(emptyBasket(event.paymentId, event.language, state.revision + 1))
        : stay(state);
    case 'moneyTaken':
      return state.stage === 'tendering' && event.record.paymentId === state.paymentId
        ? go(
            { ...changed(state, { cardRefused: null }), stage: 'recording', record: event.record },
            { kind: 'append', record: event.record },
          )
        : stay(state);
    case 'recorded':
      return state.stage === 'recording'
        ? go({ ...changed(state, {}), stage: 'accepted' }, { kind: 'print', paymentId: state.paymentId })
        : stay(state);
    case 'notRecorded': {
      if (state.stage !== 'recording') return stay(state);
      const { record: _notTaken, ...basket } = state;
      return go({ ...changed(basket, {}), stage: 'tendering' });
    }
    case 'printed':
      return state.stage === 'accepted' ? go({ ...state, stage: 'receipted' }) : stay(state);
  }
}

/** A payment that the journal holds, as the state it had when the process ended. */
export const resumed = (record: PaymentAccepted, revision: number): PaymentState => ({
  ...emptyBasket(record.paymentId, record.language, revision),
  stage: 'accepted',
  record,
});

const isCharging = (
  state: PaymentState,
  attemptId: Id,
): state is Extract<PaymentState, { readonly stage: 'charging' }> =>
  state.stage === 'charging' && state.attemptId === attemptId;

const sameLine = (a: DraftLine, b: DraftLine): boolean =>
  a.lineId === b.lineId || (a.billerId === b.billerId && a.account === b.account);

const changed = <S extends Basket>(state: S, change: Partial<Basket>): S => ({
  ...state,
  ...change,
  revision: state.revision + 1,
});

const inDraft = (state: PaymentState, change: Partial<Basket>): Step<PaymentState, never> =>
  state.stage === 'draft' ? go(changed(state, change)) : stay(state);

function withLine(
  state: PaymentState,
  lineId: Id,
  change: (line: DraftLine) => readonly DraftLine[],
): Step<PaymentState, never> {
  return state.lines.some((line) => line.lineId === lineId)
    ? inDraft(state, {
        lines: state.lines.flatMap((line) => (line.lineId === lineId ? change(line) : [line])),
      })
    : stay(state);
}
