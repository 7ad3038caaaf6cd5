import type { EcrCommand, PtMessage, Reply } from '../zvt/message.ts';
import { cardOf } from './cards.ts';
import type { CustomerAct } from './customer.ts';
import {
  detach,
  dropStatuses,
  fallSilent,
  isYes,
  mention,
  pump,
  put,
  tell,
  withProcedure,
  yes,
} from './dialog.ts';
import { asMessages, papersOf, tillPrints } from './papers.ts';
import { statementOf } from './statements.ts';
import {
  changed,
  doing,
  inTurn,
  onProcedure,
  stay,
  type Move,
  type Notice,
  type Phase,
  type Procedure,
  type Terminal,
  type TimerName,
  type Transaction,
} from './terminal-state.ts';
import { decided, settled, takenBack } from './transactions.ts';

/**
 * Sale, refund and reversal from the till's command to the last word. The money rules (facts, 1.8): a transaction is final on
 * the till's yes to 04 0F and to every paper; until then silence or a no takes it back.
 */

const NO_CARD = 0x6c; // time-out or abort key
const PULLED = 0x66; // processing error at the card reader
const PIN_TRIES_OVER = 0x4b; // host code 75
const WRONG_PIN = 0x37; // host code 55

const timer = (name: TimerName, ms: number): Move => doing({ kind: 'timer', timer: name, ms });
const stop = (...names: readonly TimerName[]): Move =>
  doing(...names.map((name) => ({ kind: 'stop', timer: name }) as const));
export const notice = (text: Notice): Move => changed({ notice: text });
const phase = (name: Phase): Move => onProcedure({ phase: name });

export const opened = (command: EcrCommand | null, change: Partial<Procedure>): Procedure => ({
  command,
  phase: 'working',
  amount: 0,
  currency: 944,
  currencyAsked: false,
  card: null,
  contactless: false,
  pinUsed: false,
  wrongPins: 0,
  hostCode: null,
  hostMs: null,
  transaction: null,
  statusInfos: 0,
  detached: false,
  doomed: null,
  last: null,
  ...change,
});

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
        return inTurn2(stop('removal'), timer('reversal', state.terms.times.reversal));
      default:
        return state.procedure === null ? notice('idle') : stay;
    }
  })();
  const after = next(out.state);
  return { state: after.state, effects: [...out.effects, ...after.effects] };
};

const inTurn2 =
  (...moves: readonly Move[]): Move =>
  (state) =>
    inTurn(state, ...moves);

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

const approved: Move = withProcedure((procedure) =>
  procedure.doomed !== null || procedure.detached
    ? takeBack(procedure.doomed)
    : inTurn2(
        phase('confirm'),
        notice('cashier'),
        (state) => timer('hold', holdMs(procedure, state))(state),
        sayApproval,
      ),
);

const holdMs = ({ command }: Procedure, { terms }: Terminal): number =>
  command?.name === 'authorisation' && command.timeout !== undefined
    ? command.timeout * 1000
    : terms.times.hold;

const sayApproval: Move = withProcedure(({ transaction, currencyAsked, statusInfos }) => (state) => {
  if (transaction === null) return stay(state);
  return inTurn(
    state,
    onProcedure({ statusInfos: statusInfos + 1 }),
    tell(statementOf(state, transaction, currencyAsked), 'approval'),
  );
});

/** A wrong PIN that the host found may be typed again; everything else ends here. */
const refusedByHost = (code: number): Move =>
  withProcedure(({ transaction, currencyAsked, wrongPins }) => (state) => {
    if (transaction === null) return stay(state);
    const said = tell(statementOf(state, transaction, currencyAsked), 'outcome');
    return code === WRONG_PIN && wrongPins > 0 && wrongPins < state.terms.pinTries
      ? inTurn(state, said, onProcedure({ hostCode: null, transaction: null }), askForPin)
      : inTurn(state, said, failed(code, 'declined'));
  });

/** The till answered the approval. */
export const approvalAnswered = (reply: Reply): Move =>
  withProcedure((procedure) => (state) => {
    if (isYes(reply)) return inTurn(state, stop('hold', 'again'), deliverPapers);
    const most = maxStatusInfos(procedure, state);
    return reply.name === 'negative' && reply.error === 0x9c && procedure.statusInfos < most
      ? timer('again', state.terms.times.again)(state)
      : takeBack(null)(state);
  });

const maxStatusInfos = ({ command }: Procedure, { terms }: Terminal): number =>
  command?.name === 'authorisation' && command.maxStatusInfos !== undefined
    ? Math.max(1, command.maxStatusInfos)
    : terms.maxStatusInfos;

/** Two seconds after an 84 9C. */
export const sayAgain: Move = withProcedure((procedure) =>
  procedure.phase === 'confirm' ? sayApproval : stay,
);

/** The till has had its time. */
export const holdOver: Move = withProcedure((procedure) =>
  procedure.phase === 'confirm' ? takeBack(null) : stay,
);

const deliverPapers: Move = withProcedure(({ transaction }) => (state) => {
  const messages =
    transaction !== null && tillPrints(state.session, 'payment')
      ? papersOf(transaction, state.terms, state.session).flatMap((paper) => asMessages(paper, state.session))
      : [];
  if (messages.length === 0) return settle(state);
  return inTurn(
    state,
    phase('papers'),
    ...messages.map((message, at) => tell(message, at === messages.length - 1 ? 'lastPaper' : 'paper')),
  );
});

/** A paper was answered: a no to one of them takes the transaction back. */
export const paperAnswered = (reply: Reply, isLast: boolean): Move =>
  withProcedure(({ phase: now }) => {
    if (now !== 'papers') return pump;
    if (!isYes(reply)) return takeBack(null);
    return isLast ? settle : pump;
  });

/** Final: the till has said yes to everything. */
const settle: Move = (state) =>
  inTurn(state, changed({ durable: settled(state) }), notice('approved'), endWith({ name: 'completion' }));

/** Nothing was charged (or it is already taken back): 06 1E is the last word. */
export const failed = (result: number, text: Notice): Move =>
  inTurn2(
    stop('card', 'pin', 'host', 'hold', 'again'),
    dropStatuses,
    notice(text),
    endWith({ name: 'aborted', result }),
  );

/** The last word comes when the card is out, or when that has taken too long. */
export const endWith =
  (last: PtMessage): Move =>
  (state) =>
    state.cardInside === null || !tookCard(state)
      ? inTurn(state, onProcedure({ last }), lastWord)
      : inTurn(
          state,
          onProcedure({ last }),
          phase('removal'),
          timer('removal', state.terms.times.removal),
          mention(last.name === 'completion' ? 0x0b : 0x41),
        );

/** A card that sticks in the slot from before is no reason to keep a till waiting that wanted no card. */
const tookCard = ({ procedure }: Terminal): boolean =>
  procedure?.command?.name === 'authorisation' || procedure?.command?.name === 'refund';

const lastWord: Move = withProcedure(({ last, detached }) =>
  last === null || detached
    ? closed
    : inTurn2(stop('removal'), phase('ending'), put({ message: last, role: 'end' })),
);

/** The terminal gives the master right back. */
export const closed: Move = (state) =>
  inTurn(
    state,
    stop('card', 'pin', 'host', 'hold', 'again', 'removal', 'reversal', 'work'),
    changed({ procedure: null, notice: restNotice(state) }),
  );

const restNotice = ({ cardInside, notice: now }: Terminal): Notice =>
  cardInside !== null
    ? 'removeCard'
    : now === 'approved' || now === 'declined' || now === 'cancelled' || now === 'reversed'
      ? now
      : 'idle';

/** Auto-reversal. It begins when the card is out, takes its time at the host, and ends with 06 1E. */
export const takeBack = (result: number | null): Move =>
  withProcedure((procedure) => (state) => {
    if (procedure.transaction?.kind === 'reversal' && state.terms.reversalUnanswered === 'stands') {
      return inTurn(state, stop('hold', 'again'), fallSilent, settle);
    }
    return inTurn(
      state,
      stop('hold', 'again', 'card', 'pin', 'host'),
      fallSilent,
      onProcedure({ phase: 'reversing', doomed: result ?? procedure.doomed }),
      notice('reversing'),
      mention(state.cardInside === null ? 0x05 : 0x45),
      state.cardInside === null
        ? timer('reversal', state.terms.times.reversal)
        : timer('removal', state.terms.times.removal),
    );
  });

/** The card was not taken out in time: it goes on with the card inside. */
export const removalOver: Move = withProcedure(({ phase: now }) => (state) => {
  if (now === 'removal') return lastWord(state);
  return now === 'reversing' ? timer('reversal', state.terms.times.reversal)(state) : stay(state);
});

/** The bank has taken it back. */
export const reversalMade = (nowMs: number): Move =>
  withProcedure(({ phase: now, doomed }) => (state) => {
    if (now !== 'reversing') return stay(state);
    return inTurn(
      state,
      changed({ durable: takenBack(state, nowMs) }),
      notice('reversed'),
      onProcedure({ last: { name: 'aborted', result: doomed ?? state.terms.codes.autoReversed } }),
      lastWord,
    );
  });

/** 06 B0: before the host is asked it stops; afterwards it is too late. */
export const abortAsked: Move = withProcedure(({ phase: now }) =>
  now === 'card' || now === 'pin'
    ? inTurn2(yes, failed(NO_CARD, 'cancelled'))
    : doing({ kind: 'send', message: { name: 'negative', error: 0x83 }, replyWithinMs: null }),
);

/** The till is gone or does not answer: before the approval it is stopped, an approval is taken back. */
export const abandoned = (lineGone: boolean): Move =>
  withProcedure((procedure) => {
    const leave: Move = lineGone ? detach : fallSilent;
    switch (procedure.phase) {
      case 'card':
      case 'pin':
        return inTurn2(leave, failed(NO_CARD, 'cancelled'));
      case 'host':
        return inTurn2(leave, onProcedure({ doomed: NO_CARD }));
      case 'confirm':
      case 'papers':
        return inTurn2(leave, takeBack(null));
      case 'ending':
        return inTurn2(leave, closed);
      case 'removal':
      case 'reversing':
      case 'working':
        return leave;
    }
  });
