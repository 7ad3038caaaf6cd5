import type { CentrePort } from '../ports/centre.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { ReplicaPage, ReplicaPort } from '../ports/replica.ts';
import { paceBetween, type Pace } from './back-off.ts';
import { within } from './within.ts';

export type PullPorts = {
  readonly machine: MachinePort;
  readonly replica: ReplicaPort;
  readonly centre: CentrePort;
};

export type PullHooks = {
  pageApplied(page: ReplicaPage): void;
  running(): boolean;
};

export type PullEnd = 'done' | 'lost' | 'deviceQuarantined';

const PAGE_TIMEOUT_MS = 15_000;
/** Rows of a kind in a page: small enough that applying one does not hold up a teller who searches meanwhile. */
const PAGE_ROWS = 2_000;
const PAGE_ROWS_LEAST = 50;

export const pullPace = (): Pace => paceBetween(PAGE_ROWS_LEAST, PAGE_ROWS);

/** Brings the district's changes since the cursor, page by page, until there are no more. */
export async function pullReplica(
  ports: PullPorts,
  hooks: PullHooks,
  pace: Pace = pullPace(),
): Promise<PullEnd> {
  const { machine, replica, centre } = ports;
  while (hooks.running()) {
    const cursor = replica.cursor();
    const limit = pace.size();
    const askedAtMs = machine.monotonicMs();
    const asked = centre['replica.changes']({ cursor, limit });
    const answer = await within(machine, PAGE_TIMEOUT_MS, asked);
    if (!hooks.running()) break;
    if (!answer.ok) {
      if (answer.error.code === 'deviceQuarantined') return 'deviceQuarantined';
      pace.lost(limit);
      return 'lost';
    }
    pace.answered(machine.monotonicMs() - askedAtMs, PAGE_TIMEOUT_MS);
    const page = answer.value;
    replica.apply(page);
    hooks.pageApplied(page);
    if (!page.more) return 'done';
    if (page.cursor === cursor) {
      machine.log('error', 'sync.cursorStands', { cursor });
      return 'lost';
    }
  }
  return 'lost';
}

/** All companies with their rules and fees. */
export async function pullBillers(
  { machine, replica, centre }: PullPorts,
  hooks: PullHooks,
): Promise<PullEnd> {
  const answer = await within(machine, PAGE_TIMEOUT_MS, centre['replica.billers']({}));
  if (!hooks.running()) return 'lost';
  if (!answer.ok) return answer.error.code === 'deviceQuarantined' ? 'deviceQuarantined' : 'lost';
  replica.putBillers(answer.value.billers);
  return 'done';
}

/** A block of registration codes. Its id is on disk before it is asked for, so that a lost answer costs no block. */
export async function leaseCodes(
  { machine, replica, centre }: PullPorts,
  hooks: PullHooks,
): Promise<PullEnd> {
  const leaseId = replica.beginLease(() => machine.mintId());
  const answer = await within(machine, PAGE_TIMEOUT_MS, centre['codes.lease']({ leaseId }));
  if (!hooks.running()) return 'lost';
  if (!answer.ok) return answer.error.code === 'deviceQuarantined' ? 'deviceQuarantined' : 'lost';
  replica.putCodeBlock(answer.value);
  return 'done';
}
