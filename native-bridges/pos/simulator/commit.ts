import type { PtMessage, Reply } from '../zvt/message.ts';
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
} from './dialog.ts';
import { changed, inTurn, notice, onProcedure, phase, sequence, stay, stop, timer } from './moves.ts';
import { asMessages, papersOf, tillPrints } from './papers.ts';
import { statementOf } from './statements.ts';
import type { Move, Notice, Procedure, Terminal } from './terminal-state.ts';
import { settled, takenBack } from './transactions.ts';

/**
 * From the host's approval to the last word. The money rules (facts, 1.8): a transaction is final on the till's yes to 04 0F
 * and to every paper; until then silence or a no takes it back.
 */

export const NO_CARD = 0x6c; // time-out or abort key

/** The host has said yes: the till is told, and its answer decides. */
export const approved: Move = withProcedure((procedure) =>
  procedure.doomed !== null || procedure.detached
    ? takeBack(procedure.doomed)
    : sequence(
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
  sequence(
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

/** 06 0F or 06 1E, unless nobody is there to hear it. */
export const lastWord: Move = withProcedure(({ last, detached }) =>
  last === null || detached
    ? closed
    : sequence(stop('removal'), phase('ending'), put({ message: last, role: 'end' })),
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

/** The till is gone or does not answer: before the approval it is stopped, an approval is taken back. */
export const abandoned = (lineGone: boolean): Move =>
  withProcedure((procedure) => {
    const leave: Move = lineGone ? detach : fallSilent;
    switch (procedure.phase) {
      case 'card':
      case 'pin':
        return sequence(leave, failed(NO_CARD, 'cancelled'));
      case 'host':
        return sequence(leave, onProcedure({ doomed: NO_CARD }));
      case 'confirm':
      case 'papers':
        return sequence(leave, takeBack(null));
      case 'ending':
        return sequence(leave, closed);
      case 'removal':
      case 'reversing':
      case 'working':
        return leave;
    }
  });
