import { backOff } from './back-off.ts';
import type { CardProcess, StartCardProcess } from './card-process.ts';
import type { CardAnswer, CardCommand } from './messages.ts';
import type { CardFailure, CardProtocol, CardResult, CardSight } from './port.ts';
import { nothingSeen, seenAfter, serviceAway, type Seen } from './sight.ts';

/** One card process, from its start to its end. What was opened in it is gone with it. */
export type Life = {
  readonly number: number;
  isOver(): boolean;
};

export type Done = { readonly bytes: Uint8Array; readonly protocol: CardProtocol };

export type Supervised = {
  sight(): CardSight;
  /** A card process that works; waited for so long. Undefined when none came, or after `stop`. */
  up(waitMs: number): Promise<Life | undefined>;
  /** Asks; when the deadline passes first, the process is killed and all that was asked of it has failed. */
  ask(life: Life, connection: number, command: CardCommand, deadlineMs: number): Promise<CardResult<Done>>;
  /** Kills the process and waits for its end. */
  stop(): Promise<void>;
};

export type Supervision = {
  readonly start: StartCardProcess;
  /** Epoch milliseconds, for saying since when. */
  readonly nowMs: () => number;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  readonly changed: (sight: CardSight) => void;
};

/** A process that lived so long was sound: the next one need not wait long. */
const SOUND_MS = 10_000;

type Waiting = { readonly command: CardCommand; settle(result: CardResult<Done>): void };
type Living = Life & {
  readonly process: CardProcess;
  readonly startedAt: number;
  readonly waiting: Map<number, Waiting>;
  speaks: boolean;
  over: boolean;
};

/** Keeps a card process alive: begun at once, begun again after its end with growing pauses, killed at a deadline. */
export function supervise({ start, nowMs, log, changed }: Supervision): Supervised {
  const pauses = backOff();
  const waitingForLife = new Set<(life: Living | undefined) => void>();
  let seen = nothingSeen(nowMs());
  let living: Living | undefined;
  let lives = 0;
  let asked = 0;
  let restart: NodeJS.Timeout | undefined;
  let stopped = false;
  /** The process that `stop` killed, and who waits for its end. */
  let last: Living | undefined;
  let lastEnded: (() => void) | undefined;

  function show(next: Seen): void {
    const before = seen;
    seen = next;
    if (next.sight !== before.sight) changed(next.sight);
  }

  function begin(): void {
    lives += 1;
    const number = lives;
    const process = start(
      (message) => {
        if (message.kind === 'answer') return answered(life, message.answer);
        if (life.over) return;
        life.speaks = true;
        show(seenAfter(seen, message.sight, number, nowMs()));
        for (const wake of waitingForLife) wake(life);
      },
      (how) => {
        log('cardProcess.ended', { how });
        end(life, `the card process ended: ${how}`);
        if (life === last) lastEnded?.();
      },
    );
    const life: Living = {
      number,
      process,
      startedAt: performance.now(),
      waiting: new Map(),
      speaks: false,
      over: false,
      isOver: () => life.over,
    };
    living = life;
  }

  /** Everything asked of it has failed; another one is begun. `late` is the question whose time ran out. */
  function end(life: Living, detail: string, late?: number): void {
    if (life.over) return;
    life.over = true;
    living = undefined;
    if (performance.now() - life.startedAt > SOUND_MS) pauses.good();
    if (!stopped) restart = setTimeout(begin, pauses.next());
    for (const [no, { command, settle }] of life.waiting) {
      const error = lost(command, no === late ? 'timeout' : 'processEnded', detail);
      settle({ ok: false, error });
    }
    life.waiting.clear();
    if (!stopped) show(serviceAway(seen, { reason: 'processEnded', detail }, nowMs()));
  }

  function answered(life: Living, answer: CardAnswer): void {
    const waiting = life.waiting.get(answer.no);
    life.waiting.delete(answer.no);
    waiting?.settle(answer.ok ? { ok: true, value: answer } : answer);
  }

  begin();
  return {
    sight: () => seen.sight,
    up(waitMs) {
      if (living?.speaks === true) return Promise.resolve(living);
      if (stopped) return Promise.resolve(undefined);
      return new Promise((done) => {
        const wake = (life: Living | undefined): void => {
          clearTimeout(late);
          waitingForLife.delete(wake);
          done(life);
        };
        const late = setTimeout(() => wake(undefined), waitMs);
        waitingForLife.add(wake);
      });
    },
    ask(life, connection, command, deadlineMs) {
      if (living === undefined || living.number !== life.number) {
        const error: CardFailure = { code: 'processEnded', cardStateUnknown: false, detail: 'not asked' };
        return Promise.resolve({ ok: false, error });
      }
      const asking = living;
      asked += 1;
      const no = asked;
      return new Promise((done) => {
        const late = setTimeout(() => {
          // An answer that lies in the channel already is read before this runs: we may have been the slow ones.
          setImmediate(() => {
            if (!asking.waiting.has(no)) return;
            log('cardProcess.killed', { command: command.kind, deadlineMs });
            asking.process.kill();
            end(asking, `${command.kind} was not answered in ${deadlineMs} ms`, no);
          });
        }, deadlineMs);
        asking.waiting.set(no, {
          command,
          settle(result) {
            clearTimeout(late);
            done(result);
          },
        });
        asking.process.send({ no, connection, command });
      });
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      clearTimeout(restart);
      for (const wake of waitingForLife) wake(undefined);
      const life = living;
      if (life === undefined) return;
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      lastEnded = resolve;
      last = life;
      life.process.kill();
      end(life, 'the transport was closed');
      await ended;
    },
  };
}

/** Why a command has no answer. Those that carry bytes to the card may have done so. */
function lost(command: CardCommand, code: 'timeout' | 'processEnded', detail: string): CardFailure {
  const cardStateUnknown = command.kind === 'transmit' || command.kind === 'control';
  return { code, cardStateUnknown, detail };
}
