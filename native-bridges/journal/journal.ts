import Database from 'better-sqlite3';
import { closeSync, mkdirSync, openSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { assert } from '../../contracts/assert.ts';
import {
  parseEntryBody,
  type EntryBody,
  type EntryPayload,
  type EntryType,
  type SignedEntry,
} from '../../contracts/journal.ts';
import type { JournalReason } from '../../contracts/journal-reasons.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { JournalPort, StoredEntry } from '../../core/ports/journal.ts';
import type { MachinePort } from '../../core/ports/machine.ts';
import { syncFolder } from '../durable-file.ts';
import { entryText, sayTheSame } from './entry-text.ts';
import { codeOf, faultOf } from './faults.ts';
import { openHeadMark, type HeadMark } from './head-mark.ts';
import { takeLock } from './lock.ts';
import { migrate } from './schema.ts';
import { openRows, type EntryRow } from './rows.ts';
import { openSignatures, type Signatures, type Signer } from './signatures.ts';
import { openSyncNotes, type SyncNotes } from './sync-state.ts';
import { entryHash, ownerOf, verifyChain } from './verify-chain.ts';

export type JournalOptions = {
  readonly path: string;
  /** Who opens it, for the message another opener gets: the shell in a word or two. */
  readonly holder: string;
  /** The device key's identity; null before enrolment. */
  readonly identity: () => { readonly deviceId: string; readonly publicKey: string } | null;
  readonly signer: Signer;
  readonly machine: Pick<MachinePort, 'nowMs' | 'monotonicMs' | 'mintId' | 'log'>;
  /** Called after each append is durable and before it is answered; fault tests end the process here. */
  readonly afterAppend?: (seq: number) => void;
  /** Free space below which `probe` says that the disk is full. Default 1 MiB: room for some eighty payments. */
  readonly minFreeBytes?: number;
};

export type Journal = JournalPort & {
  /** The first entry that does not stand, or null. Entries before it can be read and sent; nothing can be appended. */
  damagedAt(): number | null;
  /** Gives the journal and its lock back. Nothing can be asked of it afterwards. */
  close(): void;
};

/** How long a write waits for another program that has the file open, before the teller is told. */
const BUSY_WAIT_MS = 200;
/** How long an entry may go without its stored signature (its seal stands in), so that many are written at once. */
const SIGN_WITHIN_MS = 500;
const READ_PAGE = 500;
/** A WAL grown by a reader that stood in the way is cut back to this after the next checkpoint. */
const WAL_KEEP_BYTES = 16 * 1024 * 1024;

/**
 * Opens (or makes) the journal of this device, takes its lock, and verifies the whole chain.
 *
 * Errors: `journalInUse` when another process holds it (its name in the detail), `journalUnwritable` with one of
 * JOURNAL_REASONS, `journalDamaged` only when the file is no database at all. A journal with a damaged entry opens:
 * what stands before the damage still reaches the centre, while `append` and `probe` answer `journalDamaged`.
 */
export function openJournal(
  options: JournalOptions,
): Result<Journal, 'journalInUse' | 'journalUnwritable' | 'journalDamaged'> {
  const opened: { close: () => void }[] = [];
  const closeAll = (): void =>
    opened
      .splice(0)
      .reverse()
      .forEach(({ close }) => close());
  try {
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
    const lock = takeLock(options.path, options.holder, options.machine.nowMs());
    if (!lock.ok) return lock;
    opened.push({ close: lock.value.release });

    const database = openDatabase(options.path);
    opened.push({ close: () => database.close() });
    if (!migrate(database)) {
      closeAll();
      return fail('journalUnwritable', { reason: 'newerProgram' satisfies JournalReason });
    }
    const mark = openHeadMark(`${options.path}.head`);
    opened.push({ close: mark.close });

    return ok(journalOn(options, database, mark, closeAll));
  } catch (error) {
    closeAll();
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    options.machine.log('error', 'journal.notOpened', { code: codeOf(error) });
    return fault.kind === 'damaged'
      ? fail('journalDamaged', { seq: 1 })
      : fail('journalUnwritable', { reason: fault.reason });
  }
}

function openDatabase(path: string): Database.Database {
  // Made here for its mode: it holds names and amounts. SQLite gives its side files the same.
  closeSync(openSync(path, 'a', 0o600));
  const database = new Database(path, { timeout: BUSY_WAIT_MS });
  try {
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    assert(mode === 'wal', `the journal cannot be kept on this file system (mode ${String(mode)})`);
    database.pragma('synchronous = FULL');
    database.pragma('fullfsync = ON');
    database.pragma('checkpoint_fullfsync = ON');
    database.pragma('recursive_triggers = ON');
    database.pragma('cell_size_check = ON');
    database.pragma(`journal_size_limit = ${WAL_KEEP_BYTES}`);
    syncFolder(dirname(path));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function journalOn(
  options: JournalOptions,
  database: Database.Database,
  mark: HeadMark & { readonly last: { seq: number; hash: string } | undefined },
  close: () => void,
): Journal {
  const { machine } = options;
  const bootId = machine.mintId();
  const minFreeBytes = options.minFreeBytes ?? 1024 * 1024;
  const refused = (code: string): void => machine.log('warn', 'journal.syncStateNotWritten', { code });
  const notes: SyncNotes = openSyncNotes(database, refused);

  const rows = openRows(database);
  let owner = readOwner();
  function readOwner(): string | null {
    try {
      return ownerOf(database);
    } catch (error) {
      if (faultOf(error)?.kind !== 'damaged') throw error;
      return null; // the chain cannot be verified without it: damage from the first entry on
    }
  }
  const signaturesRefused = (code: string): void =>
    machine.log('warn', 'journal.signaturesNotWritten', { code });
  let signatures: Signatures | null = null;
  /** The device whose key signs here; null before enrolment, and when the journal is another device's. */
  function signing(): Signatures | null {
    const device = options.identity();
    if (device === null || (owner !== null && owner !== device.deviceId)) return null;
    signatures ??= openSignatures(database, device, options.signer, signaturesRefused);
    return signatures;
  }
  const verified = verifyChain(rows, () => owner, {
    acknowledgedThrough: notes.acknowledgedThrough(),
    marked: mark.last,
    signatures: signing(),
  });
  const head = { seq: verified.seq, hash: verified.hash };
  /** Entries appended since this start, for a repeated append: an index would cost each append another page. */
  const seqById = new Map<string, number>();
  let damage = verified.damage?.seq ?? null;
  if (verified.damage !== null) machine.log('error', 'journal.damaged', { ...verified.damage });

  const insertOwner = database.prepare<[string]>('INSERT INTO owner (one, device_id) VALUES (1, ?)');
  const insertEntry = database.prepare<[number, string, string, string, string]>(
    'INSERT INTO entry (seq, prev_hash, hash, seal, body) VALUES (?, ?, ?, ?, ?)',
  );
  const insertFirst = database.transaction(
    (deviceId: string, ...entry: Parameters<typeof insertEntry.run>) => {
      insertOwner.run(deviceId);
      insertEntry.run(...entry);
    },
  );
  const writeScratch = database.prepare('UPDATE scratch SET writes = writes + 1');
  /** Entries that the centre has and we have not: appending would give the same numbers to other facts. */
  const missing = (): number | null => (notes.centreThrough() > head.seq ? head.seq + 1 : null);
  const damagedAt = (): number | null => damage ?? missing();

  const stored = (row: EntryRow): StoredEntry => {
    const unwritten = notes.unwritten(row.seq);
    return {
      seq: row.seq,
      body: parseEntryBody(row.body),
      sync:
        row.seq <= notes.acknowledgedThrough()
          ? 'acknowledged'
          : row.seq <= notes.sentThrough()
            ? 'sent'
            : 'recorded',
      outcome: unwritten?.outcome ?? row.outcome,
      postedAt: unwritten === undefined ? row.postedAt : unwritten.postedAt,
      note: unwritten === undefined ? row.note : unwritten.note,
    };
  };

  /** Turns what a write threw into the answer; bugs go on being thrown. */
  function refusal(error: unknown, doing: string) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    machine.log('error', 'journal.notWritten', { doing, code: codeOf(error), seq: head.seq + 1 });
    if (fault.kind === 'unwritable') return fail('journalUnwritable', { reason: fault.reason });
    damage ??= head.seq + 1;
    return fail('journalDamaged', { seq: damage });
  }

  /**
   * When the fsync of an append failed, its frames may lie whole in the WAL, and a crash now would bring back an entry
   * that we answer as not written. The next write that succeeds lies over them: try it at once.
   */
  function overwriteFailed(): void {
    try {
      writeScratch.run();
    } catch (error) {
      if (faultOf(error) === undefined) throw error;
      machine.log('warn', 'journal.failedAppendStays', { code: codeOf(error) });
    }
  }

  /** The same act again gets its first answer; another act under the same id is a bug of the caller. */
  function already<T extends EntryType>(body: EntryBody<T>): StoredEntry<T> | undefined {
    const seq = seqById.get(body.entryId);
    const [row] = seq === undefined ? [] : rows.between(seq, seq);
    if (row === undefined) return undefined;
    const entry = stored(row);
    const same = isOf(entry, body.type) && sayTheSame(entry.body.payload, body.payload);
    assert(same, `entry id ${body.entryId} was used for something else`);
    return entry;
  }

  function append<T extends EntryType>(
    entryId: string,
    type: T,
    payload: EntryPayload<T>,
  ): Result<StoredEntry<T>, 'journalUnwritable' | 'journalDamaged'> {
    const damaged = damagedAt();
    if (damaged !== null) return fail('journalDamaged', { seq: damaged });
    const device = options.identity();
    if (device === null) return fail('journalUnwritable', { reason: 'notEnrolled' satisfies JournalReason });
    const own = signing();
    if (own === null) {
      return fail('journalUnwritable', { reason: 'otherDevice' satisfies JournalReason });
    }

    const seq = head.seq + 1;
    const { body, text } = entryText(type, payload, {
      entryId,
      wallTime: new Date(machine.nowMs()).toISOString(),
      bootId,
      monotonicMs: Math.floor(machine.monotonicMs()),
    });
    const first = already(body);
    if (first !== undefined) return ok(first);
    const hash = entryHash(device.deviceId, seq, head.hash, text);
    const seal = own.seal(hash);
    try {
      if (owner === null) insertFirst.immediate(device.deviceId, seq, head.hash, hash, seal, text);
      else insertEntry.run(seq, head.hash, hash, seal, text);
    } catch (error) {
      if (isConstraint(error)) {
        // The chain has gone on without us: someone else writes to this file in spite of the lock.
        machine.log('error', 'journal.otherWriter', { seq });
        return fail('journalUnwritable', { reason: 'busy' satisfies JournalReason });
      }
      if (codeOf(error).startsWith('SQLITE_IOERR')) overwriteFailed();
      return refusal(error, 'append');
    }
    owner = device.deviceId;
    head.seq = seq;
    head.hash = hash;
    seqById.set(entryId, seq);
    noting ??= setImmediate(noteHead);
    signingSoon ??= setTimeout(signHead, SIGN_WITHIN_MS).unref();
    options.afterAppend?.(seq);
    return ok({ seq, body, sync: 'recorded', outcome: null, postedAt: null, note: null });
  }

  /** Notes the head when the event loop comes round: of many appends in one turn only the last is worth a write. */
  let noting: NodeJS.Immediate | undefined;
  function noteHead(): void {
    clearImmediate(noting);
    noting = undefined;
    if (damage !== null || head.seq === 0) return;
    try {
      mark.note(head.seq, head.hash);
    } catch (error) {
      // The entries themselves are durable; only the alarm for a lost end is late.
      if (faultOf(error) === undefined) throw error;
      machine.log('warn', 'journal.headNotMarked', { code: codeOf(error) });
    }
  }

  let signingSoon: NodeJS.Timeout | undefined;
  function signHead(): void {
    clearTimeout(signingSoon);
    signingSoon = undefined;
    signing()?.flush(head.seq);
  }

  noteHead();
  if (damage === null) signHead();

  return {
    append,
    *read(fromSeq) {
      for (let from = Math.max(1, fromSeq); from <= head.seq; from += READ_PAGE) {
        yield* rows.between(from, Math.min(from + READ_PAGE - 1, head.seq)).map(stored);
      }
    },
    readBack: (beforeSeq, limit, waitingOnly) =>
      rows
        .back(
          Math.min(beforeSeq ?? Number.MAX_SAFE_INTEGER, head.seq + 1),
          waitingOnly ? notes.acknowledgedThrough() : 0,
          limit,
        )
        .map(stored),
    headSeq: () => head.seq,
    waiting(limit) {
      const own = signing();
      const entries: SignedEntry[] = [];
      const from = notes.acknowledgedThrough() + 1;
      for (const row of rows.between(from, Math.min(head.seq, from + limit - 1))) {
        const { seq, prevHash, hash, body } = row;
        const signature = own?.signatureOf(seq, hash, row.signature) ?? row.signature;
        if (signature === null) break; // another device's key is in place: what has no signature cannot get one
        entries.push({ seq, prevHash, hash, signature, body });
      }
      return entries;
    },
    waitingCount() {
      const first = notes.acknowledgedThrough() + 1;
      const [oldest] = rows.between(first, Math.min(first, head.seq));
      return {
        count: Math.max(0, head.seq - first + 1),
        oldest: oldest === undefined ? null : parseEntryBody(oldest.body).wallTime,
      };
    },
    markSent(throughSeq) {
      assert(throughSeq <= head.seq, 'only entries that are here can be sent');
      notes.markSent(throughSeq);
    },
    acknowledge(receipts) {
      assert(
        receipts.every(({ seq }) => seq <= head.seq),
        'only entries that are here can be acknowledged',
      );
      notes.acknowledge(receipts);
    },
    resumeAfter(acknowledgedThrough) {
      notes.resumeAfter(acknowledgedThrough, head.seq);
      const gone = missing();
      if (gone !== null) machine.log('error', 'journal.damaged', { seq: gone, why: 'the centre has more' });
    },
    probe() {
      const damaged = damagedAt();
      if (damaged !== null) return fail('journalDamaged', { seq: damaged });
      try {
        const { bavail, bsize } = statfsSync(dirname(options.path));
        if (bavail * bsize < minFreeBytes) {
          machine.log('error', 'journal.notWritten', {
            doing: 'probe',
            code: 'free space',
            seq: head.seq + 1,
          });
          return fail('journalUnwritable', { reason: 'diskFull' satisfies JournalReason });
        }
        writeScratch.run();
      } catch (error) {
        return refusal(error, 'probe');
      }
      notes.flush();
      return ok(null);
    },
    damagedAt,
    close() {
      if (noting !== undefined) noteHead();
      if (signingSoon !== undefined) signHead();
      close();
    },
  };
}

/** Narrows by the type that the body itself states. */
const isOf = <T extends EntryType>(entry: StoredEntry, type: T): entry is StoredEntry & StoredEntry<T> =>
  entry.body.type === (type satisfies EntryType as EntryBody['type']);

const isConstraint = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT');
