import type { PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosHealth } from '../../../core/ports/pos.ts';
import type { DriverMachine } from '../driver.ts';
import { enquire, register, type Registration } from './registration.ts';
import { openSession, type Session, type SessionEvents, STOPPED } from './session.ts';
import type { OpenTransport } from './transport/transport.ts';
import { reasonOfStatus } from './reasons.ts';

/** First and longest pause before a line that broke is tried again. */
export const FIRST_PAUSE_MS = 1000;
export const LONGEST_PAUSE_MS = 30_000;
/** How often a terminal that nobody uses is asked whether it is still there. */
export const IDLE_ASK_MS = 30_000;

export type Ready = {
  readonly session: Session;
  readonly registration: Extract<Registration, { kind: 'registered' }>;
};

/** A terminal that is kept connected and registered, and used by one piece of work at a time. */
export type Connection = {
  start(): void;
  stop(): Promise<void>;
  health(): PosHealth;
  /** The session in use, for what goes beside the line of work (abort). */
  current(): Session | null;
  /**
   * Runs work when all work before it is done. It gets the terminal, or why there is none.
   *
   * @param reconnect tries to connect at once where there is no connection
   */
  inLine<T>(reconnect: boolean, work: (ready: Ready | PosReason) => Promise<T>): Promise<T>;
  /** Gives the line up after it was lost; it is connected anew. */
  drop(session: Session, reason: PosReason): Promise<void>;
  /** Shown while an operation runs. */
  setBusy(busy: boolean): void;
};

export type ConnectionEvents = Omit<SessionEvents, 'ended'> & {
  readonly health: (health: PosHealth) => void;
};

/** How often, and how often at most, a terminal is asked that is still at what it was doing before. */
const BUSY_PAUSE_MS = 1000;
const BUSY_TRIES = 10;

async function registerWhenFree(
  session: Session,
  password: string,
  machine: Pick<DriverMachine, 'after'>,
): Promise<Registration> {
  for (let tries = 1; ; tries += 1) {
    const registration = await register(session, password);
    const isBusy = registration.kind === 'refused' && registration.reason.code === 'busy';
    // Still busy is no refusal of us: the line is left and tried again.
    if (isBusy && tries >= BUSY_TRIES) return { kind: 'lost', reason: registration.reason };
    if (!isBusy || !session.open) return registration;
    // It may still wait for a card for a till that is gone: that must not become a payment that nobody asked for.
    if (tries === 1) await session.run({ name: 'abort' });
    await new Promise<void>((done) => {
      machine.after(BUSY_PAUSE_MS, done);
    });
  }
}

export const isReady = (ready: Ready | PosReason): ready is Ready => 'session' in ready;

export function keepConnected(
  how: { readonly open: OpenTransport; readonly framed: boolean; readonly password: string },
  machine: DriverMachine,
  events: ConnectionEvents,
): Connection {
  let wanted = false;
  let ready: Ready | null = null;
  /** Open, but not registered yet. */
  let opening: Session | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  let callOff = (): void => undefined;
  /** We gave the last line up ourselves, and the terminal may not have seen its end yet. */
  let dropped = false;
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let busy = false;
  let health: PosHealth = { state: 'away', reason: null, terminalId: null, simulator: false };

  function tell(next: Partial<PosHealth>): void {
    const changed = { ...health, ...next };
    if (JSON.stringify(changed) === JSON.stringify(health)) return;
    health = changed;
    events.health(health);
  }

  const later = (ms: number, run: () => void): void => {
    callOff();
    callOff = machine.after(ms, run);
  };

  /** Every end of a line comes through here, so the next try is planned in one place. */
  function away(reason: PosReason, state: 'away' | 'refused' = 'away'): void {
    ready = null;
    opening = null;
    tell({ state: wanted ? state : 'away', reason });
    if (!wanted) return;
    later(pauseMs, () => void enter(connect));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  function enter<T>(work: () => Promise<T>): Promise<T> {
    waiting += 1;
    const run = tail.then(work);
    tail = run.then(
      () => void (waiting -= 1),
      () => void (waiting -= 1),
    );
    return run;
  }

  async function connect(): Promise<void> {
    if (!wanted || ready !== null) return;
    callOff();
    tell({ state: 'connecting' });
    events.live('connecting', null);
    const mine: { session: Session | null } = { session: null };
    const opened = await openSession(how.open, how.framed, machine, {
      ...events,
      ended: (reason) => {
        if (mine.session !== null && (mine.session === opening || mine.session === ready?.session))
          away(reason);
      },
    });
    if (opened.kind === 'failed') return away(opened.reason);
    const { session } = opened;
    mine.session = session;
    opening = session;
    if (!wanted) return session.close(STOPPED);
    events.live('registering', null);
    const registration = await registerWhenFree(session, how.password, machine);
    if (opening !== session) return;
    if (registration.kind === 'registered') return registered(session, registration);
    opening = null;
    await session.close(registration.reason);
    away(registration.reason, registration.kind === 'refused' ? 'refused' : 'away');
  }

  function registered(session: Session, registration: Ready['registration']): void {
    opening = null;
    ready = { session, registration };
    dropped = false;
    pauseMs = FIRST_PAUSE_MS;
    tell({
      state: 'ready',
      reason: registration.wants,
      terminalId: registration.terminalId,
      simulator: /simulator/i.test(registration.softwareVersion ?? ''),
    });
    later(IDLE_ASK_MS, () => void enter(askIdle));
  }

  /** A cable that is pulled makes no sound: only a question finds it out. */
  async function askIdle(): Promise<void> {
    if (ready === null || !wanted) return;
    const { session } = ready;
    // Somebody waits for the line; what he does will tell.
    if (waiting === 1) {
      const state = await enquire(session, how.password);
      if (state.kind === 'lost') return drop(session, state.reason);
      if (state.status !== null) tell({ reason: reasonOfStatus(state.status) });
    }
    if (ready !== null) later(IDLE_ASK_MS, () => void enter(askIdle));
  }

  async function drop(session: Session, reason: PosReason): Promise<void> {
    dropped = true;
    await session.close(reason);
  }

  /** Connects for somebody who waits for it. A terminal talks to one till: while it has the old line it refuses a new one. */
  async function connectNow(): Promise<void> {
    await connect();
    if (ready !== null || !dropped || !wanted) return;
    dropped = false;
    await new Promise<void>((done) => {
      machine.after(FIRST_PAUSE_MS, done);
    });
    await connect();
  }

  return {
    start() {
      if (wanted) return;
      wanted = true;
      pauseMs = FIRST_PAUSE_MS;
      void enter(connect);
    },
    async stop() {
      wanted = false;
      callOff();
      const session = ready?.session ?? opening;
      ready = null;
      opening = null;
      await session?.close(STOPPED);
      await tail;
      tell({ state: 'away', reason: STOPPED });
    },
    health: () => (busy && health.state === 'ready' ? { ...health, state: 'busy' } : health),
    current: () => ready?.session ?? null,
    inLine: (reconnect, work) =>
      enter(async () => {
        if (ready === null && reconnect) await connectNow();
        return work(ready ?? health.reason ?? posReason('lineLost'));
      }),
    drop,
    setBusy(to) {
      if (busy === to) return;
      busy = to;
      if (health.state === 'ready') events.health({ ...health, state: to ? 'busy' : 'ready' });
    },
  };
}
