import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from './journal.ts';
import { journalOptions, mintId, opened, payment, temporaryFolder, testDevice } from './testing/fixtures.ts';

const device = testDevice();
const CHILD = join(import.meta.dirname, 'testing', 'appending-child.ts');

type Child = {
  process: ChildProcess;
  lines: string[];
  ended: Promise<void>;
  said: (line: string) => Promise<void>;
};

/** Starts a real process that appends to the journal. */
function child(path: string, count: number, killAt = 0): Child {
  const started = spawn(process.execPath, [CHILD, path, device.deviceId, String(count), String(killAt)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, KEY_PEM: device.pem },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: started.stdout }).on('line', (line) => lines.push(line));
  const ended = Promise.all([once(started, 'exit'), once(reader, 'close')]).then(() => undefined);
  onTestFinished(async () => {
    started.kill('SIGKILL');
    await ended;
  });
  const said = async (line: string): Promise<void> => {
    while (!lines.includes(line))
      await Promise.race([once(reader, 'line'), ended.then(() => expect(lines).toContain(line))]);
  };
  return { process: started, lines, ended, said };
}

const answeredBy = ({ lines }: Child): number[] => lines.filter((line) => /^\d+$/.test(line)).map(Number);

/** Opens at once (the killed holder's lock must be gone) and proves that nothing answered is missing. */
function expectStands(path: string, answered: readonly number[], extra: 0 | 1): number {
  const journal = opened(journalOptions(path, device));
  try {
    expect(journal.damagedAt()).toBeNull();
    expect(journal.probe().ok).toBe(true);
    const seqs = [...journal.read(1)].map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBeGreaterThanOrEqual(answered.at(-1) ?? 0);
    expect(seqs.length).toBeLessThanOrEqual((answered.at(-1) ?? 0) + extra);
    expect(journal.waiting(10_000)).toHaveLength(seqs.length);
    return seqs.length;
  } finally {
    journal.close();
  }
}

test('a second process is turned away with the name of the first, whatever shell either is', async () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const first = child(path, 1);
  await first.said('1');
  const refused = openJournal(journalOptions(path, device));
  expect(refused).toMatchObject({ ok: false, error: { code: 'journalInUse' } });
  expect(refused.ok ? '' : refused.error.detail?.['holder']).toContain(`child, pid ${first.process.pid}`);

  const second = child(path, 5);
  await second.ended;
  expect(second.lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ code: 'journalInUse' }]);

  first.process.stdin?.end();
  await first.ended;
  expectStands(path, [1], 0);
});

test('one process cannot open the journal twice either', () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const first = opened(journalOptions(path, device));
  expect(openJournal(journalOptions(path, device))).toMatchObject({
    ok: false,
    error: { code: 'journalInUse' },
  });
  expect(first.append(mintId(), 'payment.accepted', payment()).ok).toBe(true);
  first.close();
  expectStands(path, [1], 0);
});

test('of many that start together exactly one gets the journal', async () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  const all = Array.from({ length: 5 }, () => child(path, 3));
  const ready = all.map(async (one) => {
    while (one.lines.length === 0) await new Promise((soon) => setTimeout(soon, 10));
  });
  await Promise.all(ready);
  const winners = all.filter(({ lines }) => lines[0] === 'open');
  expect(winners).toHaveLength(1);
  await winners[0]?.said('3');
  for (const one of all) one.process.stdin?.end();
  await Promise.all(all.map(({ ended }) => ended));
  expectStands(path, [1, 2, 3], 0);
});

test('killed between making an entry durable and answering it, the entry stands, each time', async () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  for (let killAt = 1; killAt <= 12; killAt++) {
    const one = child(path, 100, killAt);
    await one.ended;
    expect(one.process.signalCode).toBe('SIGKILL');
    expect(answeredBy(one)).toEqual([]);
    expect(expectStands(path, [killAt - 1], 1)).toBe(killAt);
  }
});

test('killed at any moment of many appends, everything answered is there, in order, without a gap', async () => {
  const path = join(temporaryFolder(onTestFinished), 'journal.sqlite');
  let last = 0;
  for (let round = 0; round < 8; round++) {
    const one = child(path, 100_000);
    await one.said('open');
    await new Promise((soon) => setTimeout(soon, Math.random() * 120));
    one.process.kill('SIGKILL');
    await one.ended;
    const answered = answeredBy(one);
    expect(answered).toEqual(answered.map((_, index) => last + 1 + index));
    last = expectStands(path, answered.length > 0 ? answered : [last], 1);
  }
  expect(last).toBeGreaterThan(5);
});
