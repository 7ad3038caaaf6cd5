import { assert } from '../../contracts/assert.ts';
import {
  GENESIS_HASH,
  hashInput,
  parseEntryBody,
  type EntryBody,
  type EntryType,
  type SignedEntry,
} from '../../contracts/journal.ts';
import { fail, ok } from '../../contracts/result.ts';
import { syncEntryStep, type SyncEntry, type SyncEntryEvent } from '../machines/sync-entry.ts';
import type { DeviceKeyPort, MachinePort } from '../ports/machine.ts';
import type { JournalPort, StoredEntry } from '../ports/journal.ts';
import { fakeHash, fakeSignature } from './fake-hash.ts';

/** What survives a crash: the entries, and how far the centre has them. */
export type JournalDisk = {
  readonly entries: SignedEntry[];
  readonly sync: { state: SyncEntry; note: string | null }[];
};

export const emptyDisk = (): JournalDisk => ({ entries: [], sync: [] });

export type MemoryJournal = JournalPort & {
  readonly disk: JournalDisk;
  /** Set to make writing fail as a full disk does. */
  broken: boolean;
  /** Called after each durable append: a test kills the process here. */
  afterAppend: (seq: number) => void;
};

/** The journal in memory, over a disk that a test keeps across "restarts". Chained like the real one, not signed. */
export function memoryJournal(
  machine: MachinePort,
  deviceKey: DeviceKeyPort,
  disk: JournalDisk = emptyDisk(),
): MemoryJournal {
  const bootId = machine.mintId();
  const used = new Set(disk.entries.map((entry) => parseEntryBody(entry.body).entryId));
  let acknowledged = 0;

  const stored = (index: number): StoredEntry => {
    const entry = disk.entries[index];
    const sync = disk.sync[index];
    assert(entry !== undefined && sync !== undefined, `no entry ${index + 1}`);
    const heard = sync.state.stage === 'acknowledged' ? sync.state : { outcome: null, postedAt: null };
    return {
      seq: entry.seq,
      body: parseEntryBody(entry.body),
      sync: sync.state.stage,
      outcome: heard.outcome,
      postedAt: heard.postedAt,
      note: sync.note,
    };
  };
  const acknowledgedThrough = (): number => {
    while (disk.sync[acknowledged]?.state.stage === 'acknowledged') acknowledged += 1;
    return acknowledged;
  };
  const tell = (index: number, event: SyncEntryEvent): void => {
    const sync = disk.sync[index];
    if (sync) sync.state = syncEntryStep(sync.state, event).state;
  };

  const journal: MemoryJournal = {
    disk,
    broken: false,
    afterAppend: () => undefined,
    append(entryId, type, payload) {
      if (journal.broken) return fail('journalUnwritable', { reason: 'diskFull' });
      const device = deviceKey.identity();
      if (device === null) return fail('journalUnwritable', { reason: 'notEnrolled' });
      assert(!used.has(entryId), `entry id ${entryId} was used before`);
      used.add(entryId);
      const seq = disk.entries.length + 1;
      const prevHash = disk.entries.at(-1)?.hash ?? GENESIS_HASH;
      const body = JSON.stringify({
        entryId,
        type,
        payload,
        wallTime: new Date(machine.nowMs()).toISOString(),
        bootId,
        monotonicMs: Math.floor(machine.monotonicMs()),
      });
      parseEntryBody(body); // what cannot be read back must not be written
      const hash = fakeHash(hashInput(device.deviceId, seq, prevHash, body));
      disk.entries.push({ seq, prevHash, hash, signature: fakeSignature(hash), body });
      disk.sync.push({ state: { stage: 'recorded' }, note: null });
      journal.afterAppend(seq);
      const entry = stored(seq - 1);
      assert(isOf(entry, type), 'an entry is read back as what was appended');
      return ok(entry);
    },
    *read(fromSeq) {
      for (let index = Math.max(0, fromSeq - 1); index < disk.entries.length; index += 1) yield stored(index);
    },
    readBack(beforeSeq, limit, waitingOnly) {
      const rows: StoredEntry[] = [];
      const from = Math.min(disk.entries.length, (beforeSeq ?? Infinity) - 1);
      for (let index = from - 1; index >= 0 && rows.length < limit; index -= 1) {
        const entry = stored(index);
        if (!waitingOnly || entry.sync !== 'acknowledged') rows.push(entry);
      }
      return rows;
    },
    headSeq: () => disk.entries.length,
    waiting: (limit) => disk.entries.slice(acknowledgedThrough(), acknowledgedThrough() + limit),
    waitingCount() {
      const first = disk.entries[acknowledgedThrough()];
      return {
        count: disk.entries.length - acknowledgedThrough(),
        oldest: first ? parseEntryBody(first.body).wallTime : null,
      };
    },
    markSent(throughSeq) {
      for (let index = acknowledgedThrough(); index < throughSeq; index += 1) tell(index, { kind: 'sent' });
    },
    acknowledge(receipts) {
      for (const { seq, outcome, postedAt, note } of [...receipts].sort((a, b) => a.seq - b.seq)) {
        assert(seq <= acknowledgedThrough() + 1, 'the centre acknowledges in order, without gaps');
        tell(seq - 1, { kind: 'acknowledged', outcome, postedAt });
        const sync = disk.sync[seq - 1];
        if (sync) sync.note = note;
      }
    },
    resumeAfter(through) {
      acknowledged = 0;
      for (let index = 0; index < disk.sync.length; index += 1) {
        tell(index, { kind: 'resumed', held: index < through });
      }
    },
    probe: () => (journal.broken ? fail('journalUnwritable', { reason: 'diskFull' }) : ok(null)),
  };
  return journal;
}

/** Narrows by the type that the body itself states. */
const isOf = <T extends EntryType>(entry: StoredEntry, type: T): entry is StoredEntry & StoredEntry<T> =>
  entry.body.type === (type satisfies EntryType as EntryBody['type']);
