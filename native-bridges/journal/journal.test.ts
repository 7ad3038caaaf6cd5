import Database from 'better-sqlite3';
import fc from 'fast-check';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GENESIS_HASH, hashInput, signedEntrySchema, type SignedEntry } from '../../contracts/journal.ts';
import type { EntryReceipt } from '../../core/ports/journal.ts';
import type { Journal } from './journal.ts';
import { journalOptions, mintId, opened, payment, temporaryFolder, testDevice } from './testing/fixtures.ts';

const device = testDevice();
const place = (): string => join(temporaryFolder(onTestFinished), 'deeper', 'journal.sqlite');

function openAt(path: string): Journal {
  const journal = opened(journalOptions(path, device));
  onTestFinished(() => journal.close());
  return journal;
}

function appendPayments(journal: Journal, count: number): void {
  for (let n = 0; n < count; n++)
    expect(journal.append(mintId(), 'payment.accepted', payment()).ok).toBe(true);
}

const receipt = (seq: number): EntryReceipt => ({
  seq,
  outcome: 'posted',
  postedAt: '2026-11-23T10:00:00.000Z',
  note: null,
});

/** The centre's own check of a device's entries, written from the contract. */
function expectChain(entries: readonly SignedEntry[]): void {
  let prevHash = GENESIS_HASH;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: device.publicKey }, format: 'jwk' });
  entries.forEach((entry, index) => {
    signedEntrySchema.parse(entry);
    expect(entry.seq).toBe(index + 1);
    expect(entry.prevHash).toBe(prevHash);
    const digest = createHash('sha256')
      .update(hashInput(device.deviceId, entry.seq, prevHash, entry.body))
      .digest();
    expect(entry.hash).toBe(digest.toString('hex'));
    expect(verify(null, digest, key, Buffer.from(entry.signature, 'base64url'))).toBe(true);
    prevHash = entry.hash;
  });
}

test('entries are chained, signed and read back as they were appended, across a restart', () => {
  const path = place();
  const first = opened(journalOptions(path, device));
  expect(first.headSeq()).toBe(0);
  expect(first.probe()).toEqual({ ok: true, value: null });
  const taken = payment(12_345);
  const id = mintId();
  const enrolled = { deviceId: device.deviceId, workstation: 'WS07', publicKey: device.publicKey };
  expect(first.append(mintId(), 'device.enrolled', enrolled).ok).toBe(true);
  const answer = first.append(id, 'payment.accepted', taken);
  expect(answer).toMatchObject({ ok: true, value: { seq: 2, sync: 'recorded', body: { entryId: id } } });
  first.close();

  const journal = openAt(path);
  appendPayments(journal, 3);
  expectChain(journal.waiting(100));
  const entries = [...journal.read(1)];
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(entries[0]?.body.payload).toEqual(enrolled);
  expect(entries[1]?.body).toMatchObject({ entryId: id, type: 'payment.accepted', payload: taken });
  expect(entries[1]?.body.bootId).not.toBe(entries[2]?.body.bootId);
  expect([...journal.read(4)].map(({ seq }) => seq)).toEqual([4, 5]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('entries written by anyone who opens the file can be neither changed nor deleted, nor put in out of turn', () => {
  const path = place();
  appendPayments(openAt(path), 2);
  const other = new Database(path);
  onTestFinished(() => void other.close());
  expect(() => other.exec("UPDATE entry SET body = '{}' WHERE seq = 1")).toThrow('never changed');
  expect(() => other.exec('DELETE FROM entry')).toThrow('never deleted');
  expect(() => other.exec("UPDATE owner SET device_id = 'x'")).toThrow('never changed');
  const insert = (seq: number, previous: string) =>
    other.prepare("INSERT INTO entry VALUES (?, ?, 'h', 's', '{}')").run(seq, previous);
  const last = String(other.prepare('SELECT hash FROM entry WHERE seq = 2').pluck().get());
  expect(() => insert(4, last)).toThrow('does not continue');
  expect(() => insert(3, GENESIS_HASH)).toThrow('does not continue');
  expect(() => other.exec("REPLACE INTO entry VALUES (1, 'x', 'x', 'x', '{}')")).toThrow('does not continue');
});

test('the same act again gets its first answer, another act under its id is a bug', () => {
  const journal = openAt(place());
  const id = mintId();
  const taken = payment();
  const first = journal.append(id, 'payment.accepted', taken);
  appendPayments(journal, 1);
  expect(journal.append(id, 'payment.accepted', taken)).toEqual(first);
  expect(() => journal.append(id, 'payment.accepted', payment(1))).toThrow('something else');
  expect(journal.headSeq()).toBe(2);
});

test('what could not be read back is never written', () => {
  const journal = openAt(place());
  const twisted = { ...payment(), receiptNo: 'x'.repeat(300_000) };
  expect(() => journal.append(mintId(), 'payment.accepted', twisted)).toThrow(/262144/);
  expect(() => journal.append('not an id', 'payment.accepted', payment())).toThrow(/UUID/);
  expect(journal.headSeq()).toBe(0);
  appendPayments(journal, 1);
});

test('a journal belongs to one device key, and to none before enrolment', () => {
  const path = place();
  const before = opened({ ...journalOptions(path, device), identity: () => null });
  expect(before.probe().ok).toBe(true);
  expect(before.append(mintId(), 'payment.accepted', payment())).toMatchObject({
    ok: false,
    error: { code: 'journalUnwritable', detail: { reason: 'notEnrolled' } },
  });
  before.close();
  const own = opened(journalOptions(path, device));
  appendPayments(own, 1);
  own.close();
  const stranger = opened(journalOptions(path, testDevice()));
  onTestFinished(() => stranger.close());
  expect(stranger.append(mintId(), 'payment.accepted', payment())).toMatchObject({
    ok: false,
    error: { code: 'journalUnwritable', detail: { reason: 'otherDevice' } },
  });
});

test('signatures are kept in the file, and made at the next start where a crash came before them', () => {
  const path = place();
  const journal = opened(journalOptions(path, device));
  appendPayments(journal, 3);
  const copy = join(temporaryFolder(onTestFinished), 'crashed.sqlite');
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
  const sent = journal.waiting(10);
  expectChain(sent);
  journal.close();

  const kept = (file: string): unknown[] => {
    const database = new Database(file);
    const signatures = database.prepare('SELECT signature FROM entry_signature ORDER BY seq').pluck().all();
    database.close();
    return signatures;
  };
  expect(kept(path)).toEqual(sent.map(({ signature }) => signature));
  expect(kept(copy)).toEqual([]);
  const stranger = opened(journalOptions(copy, testDevice()));
  expect(stranger.waiting(10)).toEqual([]);
  stranger.close();
  openAt(copy);
  expect(kept(copy)).toEqual(kept(path));
});

test('entries go from recorded over sent to acknowledged, and that survives a restart', () => {
  const path = place();
  const journal = opened(journalOptions(path, device));
  appendPayments(journal, 5);
  expect(journal.waitingCount().count).toBe(5);
  journal.markSent(4);
  journal.acknowledge([receipt(1), { ...receipt(2), outcome: 'unallocated', note: 'hesab bağlıdır' }]);
  journal.close();

  const again = openAt(path);
  expect([...again.read(1)].map(({ sync }) => sync)).toEqual([
    'acknowledged',
    'acknowledged',
    'sent',
    'sent',
    'recorded',
  ]);
  expect(again.readBack(null, 10, true).map(({ seq }) => seq)).toEqual([5, 4, 3]);
  expect(again.readBack(4, 2, false)).toMatchObject([
    { seq: 3, outcome: null, postedAt: null },
    { seq: 2, outcome: 'unallocated', note: 'hesab bağlıdır', postedAt: receipt(2).postedAt },
  ]);
  expect(again.waiting(2).map(({ seq }) => seq)).toEqual([3, 4]);
  const oldest = [...again.read(3)][0];
  expect(again.waitingCount()).toEqual({ count: 3, oldest: oldest?.body.wallTime });
  expect(() => again.acknowledge([receipt(4)])).toThrow('without gaps');
  expect(() => again.acknowledge([receipt(6)])).toThrow('only entries that are here');
});

test('the centre may know more or less than was noted here', () => {
  const journal = openAt(place());
  appendPayments(journal, 6);
  journal.markSent(5);
  journal.acknowledge([receipt(1), receipt(2), receipt(3)]);
  journal.resumeAfter(5);
  expect(journal.waiting(10).map(({ seq }) => seq)).toEqual([6]);
  journal.resumeAfter(1);
  expect(journal.waiting(10).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
  expect(journal.readBack(4, 2, false)).toMatchObject([
    { seq: 3, sync: 'recorded', outcome: null },
    { seq: 2, sync: 'recorded', outcome: null },
  ]);
});

test('nothing is appended while the centre has entries that are missing here: the numbers would mean two things', () => {
  const path = place();
  const journal = opened(journalOptions(path, device));
  appendPayments(journal, 2);
  journal.resumeAfter(4);
  const damaged = { ok: false, error: { code: 'journalDamaged', detail: { seq: 3 } } };
  expect(journal.probe()).toEqual(damaged);
  journal.close();
  const again = openAt(path);
  expect(again.append(mintId(), 'payment.accepted', payment())).toEqual(damaged);
  expect([...again.read(1)]).toHaveLength(2);
  again.resumeAfter(2);
  appendPayments(again, 1);
});

test('whatever is done in whatever order, the journal holds what was answered', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        amount: fc.integer({ min: 1, max: 9_000_000 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('acknowledge' as const),
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('resume' as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const path = place();
      let journal = opened(journalOptions(path, device));
      const answered: { id: string; amount: number }[] = [];
      let acknowledged = 0;
      for (const one of steps) {
        if (one.kind === 'append') {
          const id = mintId();
          if (journal.append(id, 'payment.accepted', payment(one.amount)).ok)
            answered.push({ id, amount: one.amount });
        } else if (one.kind === 'acknowledge') {
          const batch = journal.waiting(one.count).map(({ seq }) => receipt(seq));
          journal.acknowledge(batch);
          acknowledged += batch.length;
        } else if (one.kind === 'resume') {
          acknowledged = Math.floor(one.part * answered.length);
          journal.resumeAfter(acknowledged);
        } else {
          journal.close();
          journal = opened(journalOptions(path, device));
        }
      }
      expect(
        [...journal.read(1)].map(({ seq, sync, body }) => ({
          seq,
          acknowledged: sync === 'acknowledged',
          id: body.entryId,
          amount: body.type === 'payment.accepted' ? body.payload.total : null,
        })),
      ).toEqual(
        answered.map((one, index) => ({ seq: index + 1, acknowledged: index < acknowledged, ...one })),
      );
      journal.resumeAfter(0);
      expectChain(journal.waiting(1000));
      journal.close();
    }),
    { numRuns: 25 },
  );
});
