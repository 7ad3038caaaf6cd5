import Database from 'better-sqlite3';
import fc from 'fast-check';
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from './journal.ts';
import { entryHash } from './verify-chain.ts';
import { journalOptions, mintId, opened, payment, temporaryFolder, testDevice } from './testing/fixtures.ts';

const device = testDevice();

/** A closed journal of so many payments: everything is in the one database file. */
function closedJournal(count: number): string {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const journal = opened(journalOptions(path, device));
  for (let n = 0; n < count; n++) journal.append(mintId(), 'payment.accepted', payment());
  journal.close();
  return path;
}

/** Changes the file behind the triggers' back, as a failing disk or a meddler would. */
function meddle(path: string, sql: string): void {
  const database = new Database(path);
  database.exec('PRAGMA foreign_keys = OFF; DROP TRIGGER entry_stands; DROP TRIGGER entry_stays');
  database.exec(sql);
  database.close();
}

function expectDamage(path: string, seq: number, acknowledged = 0): void {
  const journal = opened(journalOptions(path, device));
  try {
    const damaged = { ok: false, error: { code: 'journalDamaged', detail: { seq } } };
    expect(journal.damagedAt()).toBe(seq);
    expect(journal.probe()).toEqual(damaged);
    expect(journal.append(mintId(), 'payment.accepted', payment())).toEqual(damaged);
    // What stands before the damage is still there for the centre.
    expect([...journal.read(1)].map((entry) => entry.seq)).toEqual(
      Array.from({ length: seq - 1 }, (_, n) => n + 1),
    );
    expect(journal.waiting(1000)).toHaveLength(Math.max(0, seq - 1 - acknowledged));
    expect(journal.headSeq()).toBe(seq - 1);
  } finally {
    journal.close();
  }
}

test.each([
  [
    'a changed body',
    `UPDATE entry SET body = replace(body, '"amount":3840', '"amount":3940') WHERE seq = 5`,
    5,
  ],
  ['a changed hash', `UPDATE entry SET hash = printf('%064d', 1) WHERE seq = 5`, 5],
  ['a changed link', `UPDATE entry SET prev_hash = printf('%064d', 1) WHERE seq = 5`, 5],
  [
    'a changed signature',
    `DROP TRIGGER signature_stands; UPDATE entry_signature SET signature = printf('%086d', 1) WHERE seq = 5`,
    5,
  ],
  ['a deleted entry', 'DELETE FROM entry WHERE seq = 5', 5],
  ['a deleted beginning', 'DELETE FROM entry WHERE seq <= 4', 1],
  ['a deleted end', 'DELETE FROM entry WHERE seq >= 8', 8],
  [
    'two entries changed about',
    'UPDATE entry SET seq = -seq; UPDATE entry SET seq = CASE seq WHEN -3 THEN 7 WHEN -7 THEN 3 ELSE -seq END',
    3,
  ],
  ['no owner', 'DROP TRIGGER owner_stays; DELETE FROM owner', 1],
  ['another owner', `DROP TRIGGER owner_stands; UPDATE owner SET device_id = '${mintId()}'`, 1],
])('%s is found at its entry', (_what, sql, seq) => {
  const path = closedJournal(9);
  meddle(path, sql);
  expectDamage(path, seq);
});

test.each(['no signature', 'a signature of another key'])(
  'an entry that someone else put behind ours, well chained and with %s, is not taken for ours, and never signed',
  (kind) => {
    const path = closedJournal(3);
    const database = new Database(path);
    const last = String(database.prepare('SELECT hash FROM entry WHERE seq = 3').pluck().get());
    const body = String(database.prepare('SELECT body FROM entry WHERE seq = 3').pluck().get());
    const hash = entryHash(device.deviceId, 4, last, body);
    database.prepare('INSERT INTO entry VALUES (4, ?, ?, ?, ?)').run(last, hash, 'f'.repeat(64), body);
    if (kind !== 'no signature') {
      database.prepare('INSERT INTO entry_signature VALUES (4, ?)').run(testDevice().signer.signHash(hash));
    }
    database.close();
    expectDamage(path, 4);
    expectDamage(path, 4);
  },
);

test('an end that the centre has acknowledged is missed even when every mark beside the file is gone', () => {
  const path = closedJournal(4);
  const journal = opened(journalOptions(path, device));
  journal.resumeAfter(4);
  journal.close();
  meddle(path, 'DELETE FROM entry WHERE seq = 4');
  rmSync(`${path}.head`);
  expectDamage(path, 4, 4);
});

test('wherever a byte of the file rots, the journal opens whole, names the entry, or says that it cannot open', () => {
  const path = closedJournal(12);
  const whole = readFileSync(path);
  const mark = readFileSync(`${path}.head`);
  const before = opened(journalOptions(path, device));
  const bodies = [...before.read(1)].map(({ body }) => body);
  before.close();
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
      const rotten = Buffer.from(whole);
      rotten[offset] = (rotten[offset] ?? 0) ^ flip;
      writeFileSync(path, rotten);
      writeFileSync(`${path}.head`, mark);
      const journal = openJournal(journalOptions(path, device));
      if (!journal.ok) {
        expect(['journalDamaged', 'journalUnwritable']).toContain(journal.error.code);
        return;
      }
      try {
        const damage = journal.value.damagedAt();
        expect([...journal.value.read(1)].map(({ body }) => body)).toEqual(
          bodies.slice(0, (damage ?? 13) - 1),
        );
      } finally {
        journal.value.close();
      }
    }),
    { numRuns: 250 },
  );
});

test('bytes rotten within an entry are found at that entry', () => {
  const path = closedJournal(12);
  const bytes = readFileSync(path);
  const text = bytes.toString('latin1');
  let at = -1;
  for (let n = 0; n < 7; n++) at = text.indexOf('"paymentId":"', at + 1);
  bytes[at + 20] = (bytes[at + 20] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const journal = opened(journalOptions(path, device));
  onTestFinished(() => journal.close());
  expect(journal.damagedAt()).not.toBeNull();
  expect(journal.probe().ok).toBe(false);
});

test('a file that is no database says so, and is not replaced', () => {
  const path = closedJournal(2);
  writeFileSync(path, 'not a database, but somebody’s text '.repeat(500));
  expect(openJournal(journalOptions(path, device))).toEqual({
    ok: false,
    error: { code: 'journalDamaged', detail: { seq: 1 } },
  });
  expect(readFileSync(path, 'utf8')).toContain('somebody');
});

test('a missing or emptied file beside the mark of its last entry is not taken for a new journal', () => {
  const path = closedJournal(3);
  rmSync(path);
  expectDamage(path, 1);
});

test('a truncated database file is damage, not a shorter journal', () => {
  const path = closedJournal(40);
  truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
  const journal = openJournal(journalOptions(path, device));
  if (journal.ok) {
    expect(journal.value.damagedAt()).not.toBeNull();
    journal.value.close();
  } else {
    expect(journal.error.code).toBe('journalDamaged');
  }
});

/** The files of a journal as a power cut leaves them: WAL not yet checkpointed. */
async function copiedWhileOpen(count: number): Promise<string> {
  const folder = temporaryFolder(onTestFinished);
  const live = join(folder, 'live.sqlite');
  const path = join(folder, 'journal.sqlite');
  const journal = opened(journalOptions(live, device));
  for (let n = 0; n < count; n++) journal.append(mintId(), 'payment.accepted', payment());
  await new Promise((turn) => setTimeout(turn, 5));
  for (const end of ['', '-wal', '.head']) copyFileSync(`${live}${end}`, `${path}${end}`);
  journal.close();
  return path;
}

test('a WAL left by a crash is taken in whole', async () => {
  const journal = opened(journalOptions(await copiedWhileOpen(8), device));
  onTestFinished(() => journal.close());
  expect(journal.damagedAt()).toBeNull();
  expect(journal.headSeq()).toBe(8);
  expect(journal.append(mintId(), 'payment.accepted', payment())).toMatchObject({
    ok: true,
    value: { seq: 9 },
  });
});

test('a truncated or deleted WAL loses answered entries, and that is told', async () => {
  const truncated = await copiedWhileOpen(8);
  truncateSync(`${truncated}-wal`, statSync(`${truncated}-wal`).size - 5000);
  const journal = opened(journalOptions(truncated, device));
  const damagedAt = journal.damagedAt();
  expect(damagedAt).toBe(journal.headSeq() + 1);
  expect(damagedAt).toBeLessThanOrEqual(8);
  expect(damagedAt).toBeGreaterThan(1);
  journal.close();

  const deleted = await copiedWhileOpen(8);
  rmSync(`${deleted}-wal`);
  const gone = openJournal(journalOptions(deleted, device));
  if (gone.ok) {
    expect(gone.value.damagedAt()).toBe(1);
    gone.value.close();
  } else {
    expect(gone.error.code).toBe('journalDamaged');
  }
});

test('a torn mark says nothing, and the next append writes it anew', () => {
  const path = closedJournal(3);
  writeFileSync(`${path}.head`, readFileSync(`${path}.head`).subarray(0, 40));
  const journal = opened(journalOptions(path, device));
  expect(journal.damagedAt()).toBeNull();
  expect(journal.append(mintId(), 'payment.accepted', payment()).ok).toBe(true);
  journal.close();
  meddle(path, 'DELETE FROM entry WHERE seq = 4');
  expectDamage(path, 4);
});
