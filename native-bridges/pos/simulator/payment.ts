import type { EcrCommand } from '../zvt/message.ts';
import { cardOf } from './cards.ts';
import type { CustomerAct } from './customer.ts';
import { NO_CARD, approved, failed, lastWord } from './commit.ts';
import { mention, tell, withProcedure, yes } from './dialog.ts';
import {
  changed,
  doing,
  inTurn,
  notice,
  onProcedure,
  opened,
  phase,
  sequence,
  stay,
  stop,
  timer,
} from './moves.ts';
import { statementOf } from './statements.ts';
import type { Move, Terminal, Transaction } from './terminal-state.ts';
import { decided } from './transactions.ts';

/** Sale, refund and reversal from the till's command to the host's answer: card, PIN, host. */

const PULLED = 0x66; // processing error at the card reader
const PIN_TRIES_OVER = 0x4b; // host code 75
const WRONG_PIN = 0x37; // host code 55

type Paying = Extract<EcrCommand, { name: 'authorisation' | 'refund' }>;

/** 06 01 or 06 31 accepted: the customer is asked for his card. */
export const askForCard =
  (command: Paying, currency: number): Move =>
  (state) =>
    inTurn(
      state,
      yes,
      changed({
        procedure: opened(command, {
          phase: 'card',
          amount: command.amount,
          currency,
          currencyAsked: command.currency !== undefined,
        }),
      }),
      notice('card'),
      timer('card', state.terms.times.card),
      mention(0x0a),
    );

/** 06 30 accepted: the host is asked at once, no card is needed. */
export const askHostToReverse =
  (command: Extract<EcrCommand, { name: 'reversal' }>, original: Transaction): Move =>
  (state) =>
    inTurn(
      state,
      yes,
      changed({
        procedure: opened(command, {
          amount: original.amount,
          currency: original.currency,
          currencyAsked: command.currency !== undefined,
          card: original.card,
          contactless: original.contactless,
        }),
      }),
      goOnline,
    );

/** What the customer does; what makes no sense now is not noticed. */
export const heard =
  (act: CustomerAct): Move =>
  (state) => {
    const { procedure } = state;
    switch (act.act) {
      case 'present':
        return procedure?.phase === 'card' ? presented(act)(state) : stay(state);
      case 'pin':
        return procedure?.phase === 'pin' ? typedPin(act.right)(state) : stay(state);
      case 'cancel':
        return procedure?.phase === 'card' || procedure?.phase === 'pin'
          ? failed(NO_CARD, 'cancelled')(state)
          : stay(state);
      case 'pull':
        return state.cardInside === null ? stay(state) : pulled(state);
    }
  };

const presented =
  (act: Extract<CustomerAct, { act: 'present' }>): Move =>
  (state) => {
    const card = cardOf(act.card);
    const contactless = act.how === 'tap';
    const amount = state.procedure?.amount ?? 0;
    const needsPin = !contactless || amount >= card.noPinBelow;
    return inTurn(
      state,
      stop('card'),
      onProcedure({ card: act.card, contactless, hostCode: act.hostCode, hostMs: act.hostMs }),
      changed({ cardInside: contactless ? null : act.card }),
      card.terminalError !== null ? failed(card.terminalError, 'declined') : needsPin ? askForPin : goOnline,
    );
  };

const askForPin: Move = (state) =>
  inTurn(
    state,
    phase('pin'),
    notice(state.procedure?.wrongPins === 0 ? 'pin' : 'wrongPin'),
    timer('pin', state.terms.times.pin),
    mention(0x02),
  );

const typedPin = (right: boolean): Move =>
  withProcedure((procedure) => (state) => {
    const wrongPins = procedure.wrongPins + (right ? 0 : 1);
    const accept = inTurn(state, stop('pin'), onProcedure({ pinUsed: true, wrongPins }));
    if (right || state.terms.pinAt === 'host') {
      // The host checks it: a wrong one goes online like a right one.
      const goes = inTurn(
        accept.state,
        onProcedure({ hostCode: right ? procedure.hostCode : WRONG_PIN }),
        goOnline,
      );
      return { state: goes.state, effects: [...accept.effects, ...goes.effects] };
    }
    const again =
      wrongPins < state.terms.pinTries
        ? inTurn(accept.state, mention(0x15), askForPin)
        : failed(PIN_TRIES_OVER, 'declined')(accept.state);
    return { state: again.state, effects: [...accept.effects, ...again.effects] };
  });

const goOnline: Move = (state) =>
  inTurn(
    state,
    phase('host'),
    notice('host'),
    timer('host', state.procedure?.hostMs ?? state.terms.times.host),
    mention(0x04),
  );

/** The card left the slot. */
const pulled: Move = (state) => {
  const out = inTurn(state, changed({ cardInside: null }));
  const next = ((): Move => {
    switch (state.procedure?.phase) {
      case 'pin':
        return failed(PULLED, 'cancelled');
      case 'host':
        return onProcedure({ doomed: PULLED });
      case 'removal':
        return lastWord;
      case 'reversing':
        return sequence(stop('removal'), timer('reversal', state.terms.times.reversal));
      default:
        return state.procedure === null ? notice('idle') : stay;
    }
  })();
  const after = next(out.state);
  return { state: after.state, effects: [...out.effects, ...after.effects] };
};

/** The host has answered, or cannot be reached. */
export const hostAnswered = (nowMs: number): Move =>
  withProcedure((procedure) => (state) => {
    const { card, command } = procedure;
    if (card === null) return stay(state);
    if (state.conditions.hostAway) return failed(0xa3, 'declined')(state);
    const code = procedure.hostCode ?? (command?.name === 'reversal' ? 0 : cardOf(card).hostCode);
    if (code >= 0x64) return failed(code, 'declined')(state);
    const [durable, transaction] = decided(
      state,
      {
        kind: command?.name === 'refund' ? 'refund' : command?.name === 'reversal' ? 'reversal' : 'sale',
        amount: procedure.amount,
        currency: procedure.currency,
        card,
        contactless: procedure.contactless,
        pinUsed: procedure.pinUsed,
        result: code,
        original: originalOf(state, command),
        why: 'till',
      },
      nowMs,
    );
    const held = inTurn(state, changed({ durable }), onProcedure({ transaction }));
    const next = code === 0 ? approved : refusedByHost(code);
    const after = next(held.state);
    return { state: after.state, effects: [...held.effects, ...after.effects] };
  });

function originalOf(state: Terminal, command: EcrCommand | null): Transaction | null {
  if (command?.name !== 'reversal') return null;
  return state.durable.memory.batch.findLast((one) => one.receiptNo === command.receiptNo) ?? null;
}

/** A wrong PIN that the host found may be typed again; everything else ends here. */
const refusedByHost = (code: number): Move =>
  withProcedure(({ transaction, currencyAsked, wrongPins }) => (state) => {
    if (transaction === null) return stay(state);
    const said = tell(statementOf(state, transaction, currencyAsked), 'outcome');
    return code === WRONG_PIN && wrongPins > 0 && wrongPins < state.terms.pinTries
      ? inTurn(state, said, onProcedure({ hostCode: null, transaction: null }), askForPin)
      : inTurn(state, said, failed(code, 'declined'));
  });

/** 06 B0: before the host is asked it stops; afterwards it is too late. */
export const abortAsked: Move = withProcedure(({ phase: now }) =>
  now === 'card' || now === 'pin'
    ? sequence(yes, failed(NO_CARD, 'cancelled'))
    : doing({ kind: 'send', message: { name: 'negative', error: 0x83 }, replyWithinMs: null }),
);
