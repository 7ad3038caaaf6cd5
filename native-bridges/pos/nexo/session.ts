import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosReason } from '../../../contracts/pos.ts';
import type { PosEvent, PosHealth } from '../../../core/ports/pos.ts';
import type { DriverMachine } from '../driver.ts';
import { openLine, type Line, type NexoSettings } from './line.ts';
import { liveWordsOf, noticeOf, type LiveWord } from './live.ts';
import { maskedFrame } from './mask.ts';
import {
  answerSchema,
  diagnosisResponseSchema,
  displayRequestSchema,
  loginResponseSchema,
  readMessage,
  type Header,
  type LoginResponse,
  type Parts,
} from './messages.ts';
import { reasonOf } from './reasons.ts';
import { displayAnswerText, loginBody, requestText, type Category, type Request } from './requests.ts';
import { freshServiceId } from './service-id.ts';
import type { NexoTimings } from './timings.ts';

/** How one request ended. `lost`: a byte may have left, and there is no answer. */
export type Exchange =
  | { readonly kind: 'answer'; readonly parts: Parts }
  | { readonly kind: 'notSent'; readonly reason: PosReason }
  | { readonly kind: 'lost'; readonly reason: PosReason };

/** What the terminal said of itself at login. */
export type Identity = {
  readonly terminalId: string;
  readonly label: string;
  readonly simulator: boolean;
  readonly printsItself: boolean;
  /** Its clock less ours, ms; null when it told no time. */
  readonly clockSkewMs: number | null;
};

export type Session = {
  open(): void;
  close(): Promise<void>;
  health(): Omit<PosHealth, 'state'> & { readonly state: Exclude<PosHealth['state'], 'busy'> };
  identity(): Identity | null;
  /** Waits for a session that is ready, reconnecting at once; false when there is none in time. */
  ready(withinMs: number): Promise<boolean>;
  /** Sends a request and waits for its answer; `patience` counts anew with every word of the terminal. */
  ask(request: Request, patience: { readonly ms: number; readonly longestMs?: number }): Promise<Exchange>;
  /** Sends what is not answered. False when the line is down. */
  tell(request: Request): boolean;
};

export type SessionListener = {
  readonly health: () => void;
  readonly live: (word: LiveWord) => void;
  /** The terminal does not take a message of ours, given as text. */
  readonly rejected: (message: string, details: string) => void;
  readonly frame: (frame: Extract<PosEvent, { kind: 'frame' }>) => void;
};

type Pending = {
  readonly category: Category;
  readonly settle: (exchange: Exchange) => void;
  readonly heardFrom: () => void;
};

/** Keeps one line with one login, and gives every answer to whoever asked. */
export function nexoSession(
  settings: NexoSettings,
  machine: DriverMachine,
  timings: NexoTimings,
  heard: SessionListener,
): Session {
  const parties = { saleId: settings.saleId, poiId: settings.poiId };
  const pending = new Map<string, Pending>();
  const waiting = new Set<(ready: boolean) => void>();
  let wanted = false;
  let line: Line | null = null;
  let identity: Identity | null = null;
  let state: Exclude<PosHealth['state'], 'busy' | 'notSet'> = 'away';
  let reason: PosReason | null = posReason('stopped');
  let failures = 0;
  /** Why we drop the line, kept until it is down. */
  let ending: { readonly state: 'away' | 'refused'; readonly reason: PosReason } | null = null;
  let callOff = (): void => undefined;

  function become(next: typeof state, why: PosReason | null): void {
    if (next === state && why?.code === reason?.code && why?.detail === reason?.detail) return;
    state = next;
    reason = why;
    machine.log('info', 'pos.nexo.health', { state: next, reason: why?.code ?? null });
    heard.health();
  }

  function frame(direction: 'toTerminal' | 'fromTerminal', text: string): void {
    heard.frame({ kind: 'frame', direction, atMs: machine.nowMs(), hex: maskedFrame(text) });
  }

  function write(text: string): void {
    frame('toTerminal', text);
    line?.send(text);
  }

  function connectNow(): void {
    callOff();
    if (!wanted || line !== null) return;
    if (state === 'away' && failures === 0) become('connecting', null);
    let why: PosReason | null = null;
    const stopWaiting = machine.after(timings.connectMs, () => {
      why = posReason('unreachable');
      mine.close();
    });
    const mine = openLine(settings, {
      opened() {
        stopWaiting();
        if (line === mine) void logIn(mine);
      },
      message(text) {
        if (line === mine) receive(text);
      },
      closed(cause) {
        stopWaiting();
        if (line !== mine) return;
        gone(why ?? cause);
      },
    });
    line = mine;
  }

  /** The line is down: whoever waits learns it, and the next try is set. */
  function gone(cause: PosReason): void {
    line = null;
    identity = null;
    callOff();
    for (const one of pending.values()) one.settle({ kind: 'lost', reason: cause });
    if (!wanted) return;
    become(ending?.state ?? 'away', ending?.reason ?? cause);
    ending = null;
    const pause = timings.pausesMs[Math.min(failures, timings.pausesMs.length - 1)] ?? 0;
    failures += 1;
    callOff = machine.after(waiting.size > 0 ? Math.min(pause, timings.pausesMs[0] ?? 0) : pause, connectNow);
  }
  async function logIn(mine: Line): Promise<void> {
    const body = loginBody(new Date(machine.nowMs()).toISOString());
    const login = await exchange(
      { category: 'Login', serviceId: freshServiceId(), body },
      { ms: timings.loginMs },
    );
    if (line !== mine) return;
    if (login.kind !== 'answer')
      return drop(login.reason.code === 'timedOut' ? posReason('silent') : login.reason);
    const read = loginResponseSchema.safeParse(login.parts.LoginResponse);
    if (!read.success) return drop(posReason('notThisProtocol', 'LoginResponse'));
    const poiId = poiIdOf(login.parts) ?? settings.poiId;
    if (read.data.Response.Result !== 'Success' && !(await worksWithoutLogin(read.data))) {
      if (line === mine) refuse(reasonOf(read.data.Response));
      return;
    }
    if (line !== mine) return;
    if (poiId !== settings.poiId) return refuse(posReason('otherTerminal', poiId));
    identity = identityOf(read.data, poiId, machine.nowMs());
    failures = 0;
    become('ready', null);
    for (const tellReady of waiting) tellReady(true);
    beat();
  }

  /** Some terminals offer no login; one that answers a diagnosis can be worked with. */
  async function worksWithoutLogin({ Response: response }: LoginResponse): Promise<boolean> {
    if (!['NotAllowed', 'UnavailableService'].includes(response.ErrorCondition ?? '')) return false;
    const diagnosis = await exchange(diagnose(), { ms: timings.shortMs });
    if (diagnosis.kind !== 'answer') return false;
    const read = diagnosisResponseSchema.safeParse(diagnosis.parts.DiagnosisResponse);
    return read.success && read.data.Response.Result === 'Success';
  }

  function drop(why: PosReason, next: 'away' | 'refused' = 'away'): void {
    ending = { state: next, reason: why };
    line?.close();
  }
  const refuse = (why: PosReason): void => drop(why, 'refused');

  const diagnose = (): Request => ({
    category: 'Diagnosis',
    serviceId: freshServiceId(),
    body: { HostDiagnosisFlag: false },
  });

  /** An idle line is tried now and then: a terminal that is gone must not look ready. */
  function beat(): void {
    callOff();
    callOff = machine.after(timings.heartbeatMs, () => {
      if (pending.size > 0) return beat();
      void exchange(diagnose(), { ms: timings.shortMs }).then((answer) => {
        if (state !== 'ready') return;
        if (answer.kind === 'lost') return drop(posReason('silent'));
        beat();
      });
    });
  }

  function exchange(request: Request, patience: { ms: number; longestMs?: number }): Promise<Exchange> {
    const sentTo = line;
    if (sentTo === null)
      return Promise.resolve({ kind: 'notSent', reason: reason ?? posReason('unreachable') });
    return new Promise((resolve) => {
      let stopShort = (): void => undefined;
      const late = (): void => one.settle({ kind: 'lost', reason: posReason('timedOut') });
      const stopLong = machine.after(patience.longestMs ?? patience.ms, late);
      const one: Pending = {
        category: request.category,
        settle(end) {
          if (pending.get(request.serviceId) !== one) return;
          pending.delete(request.serviceId);
          stopShort();
          stopLong();
          resolve(end);
        },
        heardFrom() {
          stopShort();
          stopShort = machine.after(patience.ms, late);
        },
      };
      pending.set(request.serviceId, one);
      one.heardFrom();
      write(requestText(parties, request));
    });
  }

  function receive(text: string): void {
    frame('fromTerminal', text);
    const incoming = readMessage(text);
    if (incoming.kind === 'malformed') {
      machine.log('warn', 'pos.nexo.malformed', { why: incoming.why });
      const ours =
        identity === null ? posReason('notThisProtocol', incoming.why) : posReason('noise', incoming.why);
      for (const one of pending.values()) one.settle({ kind: 'lost', reason: ours });
      return;
    }
    const { header, parts } = incoming;
    if (incoming.kind === 'request') return receiveRequest(header, parts);
    const one = pending.get(header.ServiceID ?? '');
    if (one === undefined) {
      machine.log('info', 'pos.nexo.answerNobodyWaitsFor', { category: header.MessageCategory.slice(0, 40) });
      return;
    }
    one.settle(
      header.MessageCategory === one.category
        ? { kind: 'answer', parts }
        : { kind: 'lost', reason: posReason('answerUnclear', header.MessageCategory) },
    );
    // A terminal that has forgotten our login (it was started anew behind a line that stood) must be told again.
    if (state === 'ready' && isLoggedOut(header, parts)) drop(posReason('notRegistered'));
  }

  function receiveRequest(header: Header, parts: Parts): void {
    for (const one of pending.values()) one.heardFrom();
    if (header.MessageCategory === 'Display') {
      for (const word of liveWordsOf(parts)) heard.live(word);
      answerDisplay(header, parts);
      return;
    }
    const notice = noticeOf(parts);
    if (notice.kind === 'live') heard.live(notice.word);
    if (notice.kind === 'outOfOrder') machine.log('warn', 'pos.nexo.outOfOrder');
    if (notice.kind !== 'rejected') return;
    const rejected = [...pending].find(([serviceId]) => notice.message.includes(`"${serviceId}"`));
    // An Abort names the ServiceID of what it would stop: its rejection leaves that running.
    if (rejected !== undefined && !notice.message.includes('AbortRequest')) {
      rejected[1].settle({ kind: 'lost', reason: posReason('protocolError', notice.details) });
    }
    heard.rejected(notice.message, notice.details);
  }

  function answerDisplay(header: Header, parts: Parts): void {
    const display = displayRequestSchema.safeParse(parts.DisplayRequest);
    const outputs = (display.data?.DisplayOutput ?? []).filter(
      ({ ResponseRequiredFlag }) => ResponseRequiredFlag,
    );
    if (outputs.length === 0) return;
    write(
      displayAnswerText(
        parties,
        { serviceId: header.ServiceID ?? null, deviceId: header.DeviceID ?? null },
        outputs.map(({ Device, InfoQualify }) => ({
          device: Device ?? 'CashierDisplay',
          infoQualify: InfoQualify ?? 'Status',
        })),
      ),
    );
  }

  return {
    open() {
      if (wanted) return;
      wanted = true;
      failures = 0;
      connectNow();
    },
    async close() {
      wanted = false;
      callOff();
      const mine = line;
      if (mine !== null && state === 'ready' && pending.size === 0) {
        await exchange(
          { category: 'Logout', serviceId: freshServiceId(), body: { MaintenanceAllowed: false } },
          { ms: timings.logoutMs },
        );
      }
      if (line === mine) {
        line = null;
        identity = null;
        mine?.close();
      }
      for (const one of pending.values()) one.settle({ kind: 'lost', reason: posReason('stopped') });
      for (const tell of waiting) tell(false);
      become('away', posReason('stopped'));
      if (wanted) connectNow();
    },
    health: () => ({
      state,
      reason,
      terminalId: identity?.terminalId ?? null,
      simulator: identity?.simulator ?? false,
    }),
    identity: () => identity,
    ready(withinMs) {
      if (state === 'ready') return Promise.resolve(true);
      if (!wanted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const done = (ready: boolean): void => {
          waiting.delete(done);
          stop();
          resolve(ready);
        };
        const stop = machine.after(withinMs, () => done(false));
        waiting.add(done);
        failures = Math.min(failures, 1);
        connectNow();
      });
    },
    ask(request, patience) {
      if (state !== 'ready') {
        return Promise.resolve({ kind: 'notSent', reason: reason ?? posReason('unreachable') });
      }
      return exchange(request, patience);
    },
    tell(request) {
      if (state !== 'ready') return false;
      write(requestText(parties, request));
      return true;
    },
  };
}

const isLoggedOut = ({ MessageCategory: category }: Header, parts: Parts): boolean =>
  answerSchema.safeParse(parts[`${category}Response`]).data?.Response.ErrorCondition === 'LoggedOut';

const poiIdOf = (parts: Parts): string | null => {
  const header: unknown = parts.MessageHeader;
  return typeof header === 'object' &&
    header !== null &&
    'POIID' in header &&
    typeof header.POIID === 'string'
    ? header.POIID
    : null;
};

function identityOf({ POISystemData: system }: LoginResponse, poiId: string, nowMs: number): Identity {
  const software = system?.POISoftware;
  const label = [software?.ManufacturerID, software?.ApplicationName, software?.SoftwareVersion]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(' ');
  const clock = Date.parse(system?.DateTime ?? '');
  return {
    terminalId: (system?.POITerminalData?.POISerialNumber ?? poiId).slice(0, 40),
    label: label === '' ? poiId : label.slice(0, 200),
    simulator: /simulator/i.test(label),
    printsItself: system?.POITerminalData?.POICapabilities?.includes('PrinterReceipt') ?? false,
    clockSkewMs: Number.isNaN(clock) ? null : clock - nowMs,
  };
}
