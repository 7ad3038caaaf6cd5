import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from './journal.ts';
import { MIGRATIONS, migrate } from './schema.ts';
import { journalOptions, mintId, opened, payment, temporaryFolder, testDevice } from './testing/fixtures.ts';

const device = testDevice();
const unwritable = (reason: string) => ({
  ok: false,
  error: { code: 'journalUnwritable', detail: { reason } },
});

/** A file system of its own in a folder, so that it can be filled and made read-only; undefined where that takes root. */
function mounted(sizeMiB: number): { folder: string; remount: (mode: 'ro' | 'rw') => void } | undefined {
  const folder = join(temporaryFolder(onTestFinished), 'disk');
  mkdirSync(folder);
  const mount = (...args: string[]): boolean =>
    process.platform === 'linux' && spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=700`, 'tmpfs', folder)) return undefined;
  onTestFinished(() => {
    expect(spawnSync('umount', [folder]).status).toBe(0);
  });
  return { folder, remount: (mode) => expect(mount('-o', `remount,${mode}`, folder)).toBe(true) };
}

/** Writes until nothing more fits. Returns the way to give the space back. */
function fill(folder: string): () => void {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  for (let size = 1024 * 1024; size >= 1;) {
    try {
      if (writeSync(file, Buffer.alloc(size)) < size) size = Math.floor(size / 2);
    } catch {
      size = Math.floor(size / 2); // no room for a piece of this size: try a smaller one
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

test('a full disk is told before and at the append, nothing is half-written, and it works again with space', (context) => {
  const disk = mounted(8);
  if (disk === undefined) return context.skip('a file system of one’s own takes root on Linux');
  const path = join(disk.folder, 'journal.sqlite');
  const options = { ...journalOptions(path, device), minFreeBytes: 256 * 1024 };
  const journal = opened(options);
  onTestFinished(() => journal.close());
  const append = () => journal.append(mintId(), 'payment.accepted', payment());
  for (let n = 0; n < 10; n++) expect(append().ok).toBe(true);

  const free = fill(disk.folder);
  expect(journal.probe()).toEqual(unwritable('diskFull'));
  // The WAL may have room left over from before; sooner or later an append must be refused.
  let answered = 10;
  let refused;
  for (let n = 0; n < 500 && refused === undefined; n++) {
    const answer = append();
    if (answer.ok) answered++;
    else refused = answer;
  }
  expect(refused).toEqual(unwritable('diskFull'));
  expect(append()).toEqual(unwritable('diskFull'));
  expect(journal.headSeq()).toBe(answered);

  // What the centre acknowledges meanwhile is known, though it cannot be written.
  journal.acknowledge([{ seq: 1, outcome: 'posted', postedAt: '2026-11-23T10:00:00.000Z', note: null }]);
  expect(journal.waiting(1)[0]?.seq).toBe(2);
  expect([...journal.read(1)][0]).toMatchObject({ sync: 'acknowledged', outcome: 'posted' });

  free();
  expect(journal.probe()).toEqual({ ok: true, value: null });
  expect(append()).toMatchObject({ ok: true, value: { seq: answered + 1 } });
  journal.close();

  const again = opened(options);
  expect(again.damagedAt()).toBeNull();
  expect(again.headSeq()).toBe(answered + 1);
  expect(again.waiting(1)[0]?.seq).toBe(2);
  expect([...again.read(1)].map(({ seq }) => seq)).toEqual(
    Array.from({ length: answered + 1 }, (_, n) => n + 1),
  );
  again.close();
});

test('a journal on a full disk does not open, says why, and opens when there is space', (context) => {
  const disk = mounted(2);
  if (disk === undefined) return context.skip('a file system of one’s own takes root on Linux');
  const options = journalOptions(join(disk.folder, 'journal.sqlite'), device);
  const free = fill(disk.folder);
  expect(openJournal(options)).toEqual(unwritable('diskFull'));
  free();
  opened(options).close();
});

test('a file system that turned read-only is told, and forgiven when it turns back', (context) => {
  const disk = mounted(4);
  if (disk === undefined) return context.skip('a file system of one’s own takes root on Linux');
  const options = journalOptions(join(disk.folder, 'journal.sqlite'), device);
  const journal = opened(options);
  journal.append(mintId(), 'payment.accepted', payment());
  journal.close();
  disk.remount('ro');
  expect(openJournal(options)).toEqual(unwritable('readOnly'));
  disk.remount('rw');
  const again = opened(options);
  expect(again.append(mintId(), 'payment.accepted', payment())).toMatchObject({
    ok: true,
    value: { seq: 2 },
  });
  again.close();
});

test('a program that keeps the file busy is told within a moment, and nothing is left of the attempt', () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const journal = opened(journalOptions(path, device));
  onTestFinished(() => journal.close());
  const append = () => journal.append(mintId(), 'payment.accepted', payment());
  // Also the very first entry, which is written together with the owner.
  for (const seq of [1, 2]) {
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(journal.probe()).toEqual(unwritable('busy'));
    expect(append()).toEqual(unwritable('busy'));
    expect(journal.headSeq()).toBe(seq - 1);
    other.exec('ROLLBACK');
    other.close();
    expect(append()).toMatchObject({ ok: true, value: { seq } });
  }
});

test('a program that appends in spite of the lock stops this one instead of breaking the chain', () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const journal = opened(journalOptions(path, device));
  onTestFinished(() => journal.close());
  journal.append(mintId(), 'payment.accepted', payment());
  const other = new Database(path);
  other.exec("INSERT INTO entry SELECT 2, hash, printf('%064d', 2), 's', '{}' FROM entry WHERE seq = 1");
  other.close();
  expect(journal.append(mintId(), 'payment.accepted', payment())).toEqual(unwritable('busy'));
  expect(journal.headSeq()).toBe(1);
});

test('a database of an older version gets the steps it lacks; one of a newer program is left alone', () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const empty = new Database(path);
  expect(migrate(empty)).toBe(true);
  expect(empty.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(migrate(empty)).toBe(true);
  empty.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  empty.close();
  expect(openJournal(journalOptions(path, device))).toEqual(unwritable('newerProgram'));
});
