import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, ProcessEndedError, startProcess, type Running } from '../../main/demo/processes.ts';
import { openJournal } from '../../native-bridges/journal/journal.ts';
import { journalOptions, testDevice } from '../../native-bridges/journal/testing/fixtures.ts';

/** A data folder that goes with the test, and with it every process that was started on it. */
function place() {
  const folder = mkdtempSync(join(tmpdir(), 'komis-two-'));
  const started: Running[] = [];
  onTestFinished(async () => {
    for (const running of started) await running.kill();
    expect(started.map(({ pid }) => pid).filter(isAlive)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });
  const dataDir = join(folder, 'workstation');
  return {
    folder,
    dataDir,
    /** The loopback shell on the folder, or on another way to it. */
    start(way = dataDir): Running {
      const running = startProcess({
        name: 'workstation',
        file: 'main/loopback/main.ts',
        args: ['--data-dir', way, '--port', '0'],
      });
      started.push(running);
      return running;
    },
  };
}

/** What a start that must fail says on its way out. */
async function refusal(running: Running): Promise<Readonly<Record<string, unknown>>> {
  const ended = await running.ready.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(ended instanceof ProcessEndedError)) throw new Error(`${running.name} was let in`, { cause: ended });
  expect(ended.code).toBe(1);
  return ended.said ?? {};
}

const openHere = (dataDir: string) =>
  openJournal(journalOptions(join(dataDir, 'journal.sqlite'), testDevice()));

test('the second workstation on a data folder says who holds it, and the first goes on', async () => {
  const { dataDir, folder, start } = place();
  const first = start();
  const { url } = await first.ready;
  const holder = readFileSync(join(dataDir, 'journal.sqlite.holder.json'), 'utf8');

  const link = join(folder, 'the-same');
  symlinkSync(dataDir, link);
  for (const way of [dataDir, link]) {
    const said = await refusal(start(way));
    expect(said).toMatchObject({ ready: false, code: 'journalInUse' });
    for (const part of ['KÖMİS, brauzer', `pid ${first.pid}`, hostname()])
      expect(said['message']).toContain(part);
  }
  expect(readFileSync(join(dataDir, 'journal.sqlite.holder.json'), 'utf8')).toBe(holder);
  expect((await fetch(String(url), { redirect: 'manual' })).headers.get('set-cookie')).toBeTruthy();
});

test('whoever opens the journal past the shells is told the same, and a shell is told of them', async () => {
  const { dataDir, start } = place();
  const first = start();
  await first.ready;
  const refused = openHere(dataDir);
  expect(refused).toMatchObject({ ok: false, error: { code: 'journalInUse' } });
  expect(refused.ok ? '' : refused.error.detail?.['holder']).toContain(`KÖMİS, brauzer, pid ${first.pid}`);

  expect(await first.stop()).toEqual([]);
  const here = openHere(dataDir);
  if (!here.ok) throw new Error('the journal was given back');
  try {
    const said = await refusal(start());
    expect(said).toMatchObject({ code: 'journalInUse' });
    expect(said['message']).toContain(`test, pid ${process.pid}`);
  } finally {
    here.value.close();
  }
  await start().ready;
});

test('after kill −9 of the holder the next start takes over at once', async () => {
  const { dataDir, start } = place();
  for (let round = 0; round < 3; round += 1) {
    const holder = start();
    await holder.ready;
    process.kill(holder.pid, 'SIGKILL');
    await holder.exited;
    // The note of the dead one is still there: it is no lock.
    expect(readFileSync(join(dataDir, 'journal.sqlite.holder.json'), 'utf8')).toContain(String(holder.pid));
  }
  const last = start();
  await last.ready;
  expect(openHere(dataDir)).toMatchObject({ ok: false });
  expect(await last.stop()).toEqual([]);
});

test('of several starts in the same moment exactly one gets the folder, also right after a kill −9', async () => {
  const { start } = place();
  let holder: Running | undefined;
  for (let round = 0; round < 2; round += 1) {
    if (holder) process.kill(holder.pid, 'SIGKILL');
    const all = Array.from({ length: 3 }, () => start());
    const ready = await Promise.all(
      all.map((one) =>
        one.ready.then(
          () => one,
          () => undefined,
        ),
      ),
    );
    const winners = ready.filter((one) => one !== undefined);
    expect(winners).toHaveLength(1);
    [holder] = winners;
    for (const loser of all.filter((one) => one !== holder))
      expect((await refusal(loser))['message']).toContain('KÖMİS, brauzer');
  }
});
