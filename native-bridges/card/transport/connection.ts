import { isFatal } from './codes.ts';
import type { CardCommand } from './messages.ts';
import type { CardConnection, CardFailure, CardResult } from './port.ts';
import type { Done } from './supervision.ts';

export type OpenConnection = CardConnection;

export type ConnectionOptions = {
  readonly reader: string;
  /** What connecting answered. */
  readonly first: Done;
  /** Whether the process in which the card is open has ended. */
  readonly isOver: () => boolean;
  readonly ask: (command: CardCommand, deadlineMs: number) => Promise<CardResult<Done>>;
  readonly closed: () => void;
};

const BEGIN_MS = 30_000;
const END_MS = 10_000;
const RESET_MS = 30_000;
const CONTROL_MS = 30_000;
const CLOSE_MS = 10_000;

/** The parent's side of an open card: commands in their order, and nothing more once it is gone. */
export function openConnection({ reader, first, isOver, ask, closed }: ConnectionOptions): OpenConnection {
  let { bytes: atr, protocol } = first;
  let gone: CardFailure | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = turn.then(act);
    turn = mine.catch(() => undefined); // whoever asked hears of it
    return mine;
  }

  async function asked(command: CardCommand, deadlineMs: number): Promise<CardResult<Done>> {
    if (gone !== undefined) return { ok: false, error: gone };
    const done = await ask(command, deadlineMs);
    if (!done.ok && isFatal(done.error.code)) {
      // What comes after it does not reach the card.
      gone = { ...done.error, cardStateUnknown: false };
    }
    return done;
  }

  const nothing = (command: CardCommand, deadlineMs: number): Promise<CardResult<void>> =>
    inTurn(async () => {
      const done = await asked(command, deadlineMs);
      return done.ok ? { ok: true, value: undefined } : done;
    });

  const bytes = (command: CardCommand, deadlineMs: number): Promise<CardResult<Uint8Array>> =>
    inTurn(async () => {
      const done = await asked(command, deadlineMs);
      return done.ok ? { ok: true, value: done.value.bytes } : done;
    });

  return {
    reader,
    atr: () => atr,
    protocol: () => protocol,
    transmit(apdu, { deadlineMs }) {
      if (apdu.length === 0) throw new RangeError('a command has at least one byte');
      // A copy: what the caller does with its bytes while they wait for their turn is not sent.
      return bytes({ kind: 'transmit', bytes: Uint8Array.from(apdu) }, deadlineMs);
    },
    begin: (deadline) => nothing({ kind: 'begin' }, deadline?.deadlineMs ?? BEGIN_MS),
    end: () => nothing({ kind: 'end' }, END_MS),
    reset: (how) =>
      inTurn(async () => {
        const done = await asked({ kind: 'reset', how }, RESET_MS);
        if (!done.ok) return done;
        ({ bytes: atr, protocol } = done.value);
        return { ok: true, value: { atr } };
      }),
    control: (code, command, deadline) =>
      bytes({ kind: 'control', code, bytes: Uint8Array.from(command) }, deadline?.deadlineMs ?? CONTROL_MS),
    close: (how) =>
      inTurn(async () => {
        const before = gone;
        gone ??= { code: 'closed', cardStateUnknown: false, detail: 'closed' };
        closed();
        // A card that is gone still has a handle in the process, if that lives.
        if (before?.code !== 'closed' && !isOver()) await ask({ kind: 'close', how }, CLOSE_MS);
      }),
  };
}
