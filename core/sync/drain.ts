import { JOURNAL_BATCH_MAX } from '../../contracts/centre.ts';
import type { SignedEntry } from '../../contracts/journal.ts';
import type { CentrePort } from '../ports/centre.ts';
import type { EntryReceipt, JournalPort } from '../ports/journal.ts';
import type { MachinePort } from '../ports/machine.ts';
import { paceBetween, type Pace } from './back-off.ts';
import type { StopCode } from './link.ts';
import { within } from './within.ts';

export type DrainPorts = {
  readonly machine: MachinePort;
  readonly journal: JournalPort;
  readonly centre: CentrePort;
};

export const drainPace = (): Pace => paceBetween(1, JOURNAL_BATCH_MAX);

export type DrainHooks = {
  /** The centre has these entries; the journal notes it already. */
  acknowledged(receipts: readonly EntryReceipt[]): void;
  /** The journal was set to go on from elsewhere: what was folded from acknowledgements no longer holds. */
  resumed(): void;
  /** False once the workstation is being stopped: no more requests, no more notes. */
  running(): boolean;
};

/** `lost`: nobody knows how far the last batch came; it is asked again. `stopped`: people must look first. */
export type DrainEnd =
  | { readonly kind: 'drained' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'stopped'; readonly why: StopCode };

const PUSH_TIMEOUT_MS = 60_000;
/** Characters of bodies in one batch: keeps a request in the low megabytes whatever the entries hold. */
const BATCH_CHARS_MAX = 3_000_000;
/** Times the centre may send us back in one drain before we wait and begin anew. */
const GAPS_MAX = 3;

/**
 * Sends the waiting entries, in order, batch by batch, until none is left. A batch whose answer was lost is simply sent
 * again by the next drain: the centre gives known entries their first outcome.
 */
export async function drain(
  ports: DrainPorts,
  hooks: DrainHooks,
  pace: Pace = drainPace(),
): Promise<DrainEnd> {
  const { machine, journal, centre } = ports;
  let gaps = 0;
  while (hooks.running()) {
    const entries = bounded(journal.waiting(pace.size()));
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return { kind: 'drained' };
    journal.markSent(last.seq);
    const sentAtMs = machine.monotonicMs();
    const answer = await within(machine, PUSH_TIMEOUT_MS, centre['journal.push']({ entries }));
    if (!hooks.running()) break;
    if (answer.ok) {
      const receipts = inOrder(answer.value.outcomes, first.seq, last.seq);
      if (receipts.length === 0) {
        machine.log('error', 'sync.noOutcomes', { from: first.seq, through: last.seq });
        return { kind: 'lost' };
      }
      journal.acknowledge(receipts);
      hooks.acknowledged(receipts);
      pace.answered(machine.monotonicMs() - sentAtMs, PUSH_TIMEOUT_MS);
      continue;
    }
    const { code, detail } = answer.error;
    machine.log('warn', 'sync.notTaken', { code, from: first.seq, through: last.seq });
    if (code === 'journalFork' || code === 'journalForged' || code === 'deviceQuarantined') {
      return { kind: 'stopped', why: code };
    }
    const expected = detail?.['expectedSeq'];
    if (code !== 'journalGap' || typeof expected !== 'number') {
      pace.lost(entries.length);
      return { kind: 'lost' };
    }
    gaps += 1;
    const end = resumeAt(ports, hooks, expected);
    if (end || gaps > GAPS_MAX) return end ?? { kind: 'lost' };
  }
  return { kind: 'lost' };
}

/**
 * Goes on from the entry the centre expects. Expecting one beyond our last means that it has entries we no longer have: an
 * old copy of the journal was put back. Appending to it would give the same numbers to other facts.
 */
export function resumeAt(
  ports: Pick<DrainPorts, 'machine' | 'journal'>,
  hooks: Pick<DrainHooks, 'resumed'>,
  expectedSeq: number,
): DrainEnd | undefined {
  const { machine, journal } = ports;
  journal.resumeAfter(expectedSeq - 1);
  hooks.resumed();
  if (expectedSeq - 1 <= journal.headSeq()) return undefined;
  machine.log('error', 'sync.centreIsAhead', { ours: journal.headSeq(), expected: expectedSeq });
  return { kind: 'stopped', why: 'journalAhead' };
}

/** How far the centre has our journal, as we know it. */
export const acknowledgedThrough = (journal: JournalPort): number =>
  journal.headSeq() - journal.waitingCount().count;

function bounded(entries: readonly SignedEntry[]): SignedEntry[] {
  let chars = 0;
  const taken: SignedEntry[] = [];
  for (const entry of entries) {
    chars += entry.body.length;
    if (taken.length > 0 && chars > BATCH_CHARS_MAX) break;
    taken.push(entry);
  }
  return taken;
}

/** The outcomes that follow one another from the first entry asked about; what comes after a hole is heard again. */
function inOrder(outcomes: readonly EntryReceipt[], first: number, last: number): readonly EntryReceipt[] {
  const bySeq = new Map(outcomes.map((outcome) => [outcome.seq, outcome]));
  const receipts: EntryReceipt[] = [];
  for (let seq = first; seq <= last; seq += 1) {
    const outcome = bySeq.get(seq);
    if (!outcome) break;
    receipts.push(outcome);
  }
  return receipts;
}
