import type { PtMessage, Reply } from '../zvt/message.ts';
import { changed, doing, inTurn, onProcedure, stay } from './moves.ts';
import type { Move, Outgoing, Role, Terminal } from './terminal-state.ts';

/** What the terminal says while it is master: one message at a time, each waiting for the till's answer. */

/** Answers a command; nothing is waited for. */
export const answer = (message: Reply): Move => doing({ kind: 'send', message, replyWithinMs: null });
export const yes: Move = answer({ name: 'positive' });
export const no = (error: number): Move => answer({ name: 'negative', error });

/** Says something to the till that gave the command; silently nothing once that till is gone. */
export const tell =
  (message: PtMessage, role: Role): Move =>
  (state) =>
    state.procedure?.detached === true ? stay(state) : put({ message, role })(state);

/** Says something to whoever is on the line now. */
export const put =
  (outgoing: Outgoing): Move =>
  (state) =>
    inTurn(state, changed({ outbox: [...state.outbox, outgoing] }), pump);

/** Sends the next message unless an answer is still owed. */
export const pump: Move = (state) => {
  const [head, ...rest] = state.outbox;
  if (state.awaiting !== null || head === undefined) return stay(state);
  return inTurn(
    state,
    changed({ awaiting: head, outbox: rest }),
    doing({ kind: 'send', message: head.message, replyWithinMs: state.terms.times.t3 }),
  );
};

/** 04 FF, only where the till wants it (config 08). */
export const mention =
  (status: number): Move =>
  (state) =>
    (state.session.config & 0x08) === 0
      ? stay(state)
      : tell(
          {
            name: 'intermediateStatus',
            status,
            ...(state.session.tlv ? { text: textOf(status) } : {}),
          },
          'status',
        )(state);

const TEXTS: Readonly<Record<number, string>> = {
  0x02: 'PİN daxil edin',
  0x04: 'Bankdan cavab gözlənilir',
  0x05: 'Əməliyyat geri qaytarılır',
  0x45: 'Əməliyyat geri qaytarılır, kartı götürün',
  0x0a: 'Kartı daxil edin',
  0x0b: 'Kartı götürün',
  0x0e: 'Gözləyin',
  0x15: 'PİN səhvdir',
  0x17: 'Gözləyin',
  0x1d: 'İmtina edildi',
  0x41: 'Kartı götürün',
};
const textOf = (status: number): string => TEXTS[status] ?? '';

/** Nothing that was about to be said is said any more. */
export const fallSilent: Move = (state) =>
  inTurn(
    state,
    changed({ outbox: [], awaiting: null }),
    doing({ kind: 'stop', timer: 'reply' }, { kind: 'stop', timer: 'again' }),
  );

/** Status messages that wait for their turn are not said any more; the answer that is owed is still waited for. */
export const dropStatuses: Move = (state) =>
  changed({ outbox: state.outbox.filter(({ role }) => role !== 'status') })(state);

/** From here on nothing of this procedure reaches the line. */
export const detach: Move = (state) => inTurn(state, fallSilent, onProcedure({ detached: true }));

/** 80 00, and 84 00 too. */
export const isYes = (reply: Reply): boolean => reply.name === 'positive' || reply.error === 0;

/** Reads the open procedure; nothing happens without one. */
export const withProcedure =
  (move: (procedure: NonNullable<Terminal['procedure']>) => Move): Move =>
  (state) =>
    state.procedure === null ? stay(state) : move(state.procedure)(state);
