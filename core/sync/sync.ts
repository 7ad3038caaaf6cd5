import type { CounterPolicy } from '../../contracts/domain.ts';
import type { CentrePort } from '../ports/centre.ts';
import type { JournalPort } from '../ports/journal.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { ReplicaPort } from '../ports/replica.ts';
import { backOffMs, RECONNECT, randomOf } from './back-off.ts';
import { acknowledgedThrough, drain, drainPace, resumeAt, type DrainEnd, type DrainHooks } from './drain.ts';
import { linkBefore, linkStep, type LinkEvent, type LinkState, type StopCode } from './link.ts';
import { leaseCodes, pullBillers, pullPace, pullReplica, type PullEnd, type PullHooks } from './pull.ts';
import { within } from './within.ts';

export type SyncPorts = {
  readonly machine: MachinePort;
  readonly journal: JournalPort;
  readonly replica: ReplicaPort;
  readonly centre: CentrePort;
};

export type SyncHooks = Pick<DrainHooks, 'acknowledged' | 'resumed'> &
  Pick<PullHooks, 'pageApplied'> & {
    /** Nothing is asked of the centre before the workstation belongs to it. */
    enrolled(): boolean;
    freeCodes(): number;
    /** Something that people see has changed. */
    changed(): void;
  };

/** Brings the journal to the centre and the district's replica back, by itself, whether or not anyone is logged in. */
export type Sync = {
  start(): void;
  stop(): void;
  /** Something was appended. */
  wake(): void;
  /** Somebody waits: try at once, also where people had to look first. Resolves when the try is over. */
  now(): Promise<void>;
  /** An answer of the centre did not come in time elsewhere: find out whether the line still stands. */
  suspect(): void;
  link(): LinkState;
  /** Is the replica being loaded for the first time (or anew). */
  loading(): boolean;
};

/** How often the centre is asked for changes while it answers; this is also how a cut line is noticed. */
const BEAT_MS = 3_000;
/** How often policy, workstation and companies are asked for anew. */
const REFRESH_MS = 60_000;
const STOPPED_MS = 60_000;
const STATE_TIMEOUT_MS = 5_000;

export function createSync(ports: SyncPorts, hooks: SyncHooks): Sync {
  const { machine, journal, replica, centre } = ports;
  const at = (): string => new Date(machine.nowMs()).toISOString();
  const random = (): number => randomOf(machine.mintId());

  let running = false;
  let link = linkBefore(at());
  let loading = false;
  let refreshedAtMs = -Infinity;
  let suspected = false;
  /** The one beat and the one drain that may be under way. */
  let beating: Promise<void> | null = null;
  let draining: Promise<void> | null = null;
  const [sending, asking] = [drainPace(), pullPace()];
  let drainFailures = 0;
  let drainNotBeforeMs = -Infinity;
  let callOffBeat = (): void => undefined;
  let callOffDrain = (): void => undefined;

  const laneHooks = {
    ...hooks,
    running: () => running,
    acknowledged: (receipts: Parameters<SyncHooks['acknowledged']>[0]) => {
      // Heard from the centre: the line stands.
      tell({ kind: 'answered', at: at(), skewMs: null });
      hooks.acknowledged(receipts);
      hooks.changed();
    },
    pageApplied: (page: Parameters<SyncHooks['pageApplied']>[0]) => {
      loading = page.more && (page.restart || loading);
      hooks.pageApplied(page);
      hooks.changed();
    },
  };

  function tell(event: LinkEvent): void {
    const before = link;
    link = linkStep(link, event);
    if (before.line === link.line && before.skewMs === link.skewMs) return;
    if (before.line !== link.line) {
      machine.log('info', 'sync.line', {
        line: link.line,
        why: link.why,
        waiting: journal.waitingCount().count,
      });
    }
    hooks.changed();
  }
  const lost = (): void => tell({ kind: 'lost', at: at() });
  const stopped = (why: StopCode): void => tell({ kind: 'stopped', at: at(), why });

  function nextBeatIn(ms: number): void {
    callOffBeat();
    if (running) callOffBeat = machine.after(Math.round(ms), () => void beat());
  }

  function scheduleBeat(): void {
    if (link.line === 'online') nextBeatIn(BEAT_MS * (0.9 + 0.2 * random()));
    else if (link.line === 'stopped') nextBeatIn(STOPPED_MS);
    else nextBeatIn(backOffMs(RECONNECT, link.failures, random()));
  }

  /** One round of asking. Single-flight: who asks while one is under way gets that one. */
  function beat(): Promise<void> {
    if (!running || !hooks.enrolled() || !centre.configured()) return Promise.resolve();
    beating ??= round()
      .catch((error: unknown) => {
        // Our own fault (a page that cannot be applied, say). Payments go on; asking goes on, at a distance.
        machine.log('error', 'sync.beatFault', { error: String(error) });
        lost();
      })
      .finally(() => {
        beating = null;
        scheduleBeat();
      });
    return beating;
  }

  async function round(): Promise<void> {
    const due = machine.monotonicMs() - refreshedAtMs >= REFRESH_MS;
    if ((due || suspected || link.line !== 'online') && !(await askState())) return;
    if (link.line !== 'online') return;
    wake();
    if (due && !judge(await pullBillers(ports, laneHooks))) return;
    if (replica.cursor() === null) loading = true;
    if (!judge(await pullReplica(ports, laneHooks, asking))) return;
    if (due) refreshedAtMs = machine.monotonicMs();
    if (hooks.freeCodes() < (replica.counter()?.policy.codeBlockLow ?? 0)) {
      judge(await leaseCodes(ports, laneHooks));
      hooks.changed();
    }
  }

  function judge(end: PullEnd): boolean {
    if (!running) return false;
    if (end === 'done') tell({ kind: 'answered', at: at(), skewMs: null });
    else if (end === 'lost') lost();
    else stopped(end);
    return end === 'done';
  }

  /** Asks what the centre has of us and allows us. True when it answered and nothing is in the way. */
  async function askState(): Promise<boolean> {
    suspected = false;
    const acknowledged = acknowledgedThrough(journal);
    const sentAtMs = machine.nowMs();
    const answer = await within(machine, STATE_TIMEOUT_MS, centre['device.state']({}));
    if (!running) return false;
    if (!answer.ok) {
      if (answer.error.code === 'deviceQuarantined') stopped('deviceQuarantined');
      else lost();
      return false;
    }
    const { workstation, policy, receiptVerifyUrl, acknowledgedThrough: theirs, centreTime } = answer.value;
    if (link.why === 'deviceQuarantined') tell({ kind: 'released', at: at() });
    const skewMs = Math.round(Date.parse(centreTime) - (sentAtMs + machine.nowMs()) / 2);
    if (theirs > journal.headSeq() || theirs < acknowledged) {
      machine.log('warn', 'sync.resumed', { theirs, ours: acknowledged, head: journal.headSeq() });
      const end = resumeAt(ports, hooks, theirs + 1);
      if (end?.kind === 'stopped') stopped(end.why);
    }
    tell({ kind: 'answered', at: at(), skewMs });
    // Money first: a full disk that cannot keep what the centre says of us must not keep the journal from it.
    wake();
    replica.putCounter({ workstation, policy: policy satisfies CounterPolicy, receiptVerifyUrl });
    hooks.changed();
    return true;
  }

  function wake(): void {
    if (!running || draining || link.line !== 'online' || journal.waitingCount().count === 0) return;
    const waitMs = drainNotBeforeMs - machine.monotonicMs();
    callOffDrain();
    if (waitMs > 0) {
      callOffDrain = machine.after(waitMs, wake);
      return;
    }
    draining = drain(ports, laneHooks, sending).then(afterDrain, (error: unknown) => {
      machine.log('error', 'sync.drainFault', { error: String(error) });
      afterDrain({ kind: 'lost' });
    });
  }

  function afterDrain(end: DrainEnd): void {
    draining = null;
    if (!running) return;
    if (end.kind === 'drained') {
      drainFailures = 0;
      drainNotBeforeMs = -Infinity;
      wake(); // what was appended between the last look and now
      return;
    }
    if (end.kind === 'stopped') {
      stopped(end.why);
    } else {
      drainFailures += 1;
      drainNotBeforeMs = machine.monotonicMs() + backOffMs(RECONNECT, drainFailures, random());
      lost();
    }
    scheduleBeat();
  }

  return {
    start() {
      if (running) return;
      running = true;
      void beat();
    },
    stop() {
      running = false;
      callOffBeat();
      callOffDrain();
    },
    wake() {
      // The very first entry is the enrolment: before it nothing was asked.
      if (link.line !== 'online' && link.failures === 0 && !beating) void beat();
      wake();
    },
    async now() {
      // What is under way may be about to fail, and would put the next try off.
      await beating;
      await draining;
      drainFailures = 0;
      drainNotBeforeMs = -Infinity;
      refreshedAtMs = -Infinity;
      tell({ kind: 'released', at: at() });
      await beat();
      await draining;
    },
    suspect() {
      if (link.line !== 'online' || beating) return;
      suspected = true;
      void beat();
    },
    link: () => link,
    loading: () => loading,
  };
}
