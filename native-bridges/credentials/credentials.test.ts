import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCredentials } from './credentials.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;
const aygun = {
  userId: '01922222-2222-7222-8222-222222222222',
  username: 'aygun',
  name: 'Aygün Məmmədova',
  role: 'teller',
} as const;

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'komis-credentials-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'credentials.json');
  const told: string[] = [];
  let elapsedMs = 0;
  return {
    path,
    told,
    pass: (ms: number) => void (elapsedMs += ms),
    open: () =>
      createCredentials({ path, onUnreadable: (reason) => told.push(reason), monotonicMs: () => elapsedMs }),
  };
}

test('who was remembered is known by the password, across a restart, and nobody else is', async () => {
  const { open, path } = place();
  const first = open();
  expect(await first.verify('aygun', 'parol', NOON)).toEqual({ kind: 'absent' });
  await first.remember(aygun, 'parol ₼ə', NOON);
  const again = open();
  const right = { kind: 'right', user: aygun, rememberedAtMs: NOON };
  expect(await again.verify('aygun', 'parol ₼ə', NOON + 1)).toEqual(right);
  expect(await again.verify(' AYGUN', 'parol ₼ə', NOON + 1)).toEqual(right);
  expect(await again.verify('aygun', 'parol', NOON + 1)).toEqual({ kind: 'wrong' });
  expect(await again.verify('leyla', 'parol ₼ə', NOON + 1)).toEqual({ kind: 'absent' });

  expect(statSync(path).mode & 0o777).toBe(0o600);
  const kept = readFileSync(path, 'utf8');
  expect(kept).toContain('$argon2id$v=19$m=65536,t=2,p=1$');
  expect(kept).not.toContain('parol');
});

test('a new password takes the place of the old one, and the forgotten are absent', async () => {
  const { open } = place();
  const credentials = open();
  await credentials.remember(aygun, 'old', NOON);
  await credentials.remember(aygun, 'new', NOON + 5);
  expect(await credentials.verify('aygun', 'old', NOON + 6)).toEqual({ kind: 'wrong' });
  expect(await credentials.verify('aygun', 'new', NOON + 6)).toMatchObject({
    kind: 'right',
    rememberedAtMs: NOON + 5,
  });
  credentials.forget('aygun');
  expect(await open().verify('aygun', 'new', NOON + 6)).toEqual({ kind: 'absent' });
});

async function fiveWrong(credentials: ReturnType<typeof createCredentials>, atMs: number): Promise<void> {
  for (let n = 0; n < 5; n++)
    expect(await credentials.verify('aygun', 'guess', atMs)).toEqual({ kind: 'wrong' });
}

test('five wrong tries lock, each further one for longer, and only the right password begins anew', async () => {
  const { open, pass } = place();
  const credentials = open();
  await credentials.remember(aygun, 'parol', NOON);
  await fiveWrong(credentials, NOON);
  let atMs = NOON;
  const wait = (ms: number): void => {
    atMs += ms;
    pass(ms);
  };
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    expect(await credentials.verify('aygun', 'parol', atMs)).toEqual({ kind: 'locked', minutes });
    wait(minutes * MINUTE - 1);
    expect(await credentials.verify('aygun', 'parol', atMs)).toEqual({ kind: 'locked', minutes: 1 });
    wait(1);
    expect(await credentials.verify('aygun', 'guess', atMs)).toEqual({ kind: 'wrong' });
  }
  wait(60 * MINUTE);
  expect(await credentials.verify('aygun', 'parol', atMs)).toMatchObject({ kind: 'right' });
  await fiveWrong(credentials, atMs);
  expect(await credentials.verify('aygun', 'parol', atMs)).toEqual({ kind: 'locked', minutes: 1 });
});

test('a restart forgives nothing: not the tries counted, not the lock', async () => {
  const { open } = place();
  const before = open();
  await before.remember(aygun, 'parol', NOON);
  for (let n = 0; n < 4; n++) await before.verify('aygun', 'guess', NOON);
  const after = open();
  expect(await after.verify('aygun', 'guess', NOON)).toEqual({ kind: 'wrong' });
  expect(await open().verify('aygun', 'parol', NOON)).toEqual({ kind: 'locked', minutes: 1 });
  expect(await open().verify('aygun', 'parol', NOON + MINUTE)).toMatchObject({ kind: 'right' });
});

test('a try is on the disk before the password is looked at', async () => {
  const { open } = place();
  const first = open();
  await first.remember(aygun, 'parol', NOON);
  for (let n = 0; n < 4; n++) await first.verify('aygun', 'guess', NOON);
  const unfinished = first.verify('aygun', 'guess', NOON);
  expect(await open().verify('aygun', 'parol', NOON)).toMatchObject({ kind: 'locked' });
  await unfinished;
});

test('many guesses at once are many tries', async () => {
  const { open } = place();
  const credentials = open();
  await credentials.remember(aygun, 'parol', NOON);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => credentials.verify('aygun', 'guess', NOON)),
  );
  expect(answers.map(({ kind }) => kind)).toEqual([
    ...Array.from({ length: 5 }, () => 'wrong'),
    ...Array.from({ length: 3 }, () => 'locked'),
  ]);
});

test('setting the clock of the PC neither opens a lock nor makes it endless', async () => {
  const { open, pass } = place();
  const credentials = open();
  await credentials.remember(aygun, 'parol', NOON);
  await fiveWrong(credentials, NOON);
  expect(await credentials.verify('aygun', 'parol', NOON + 365 * 24 * 60 * MINUTE)).toMatchObject({
    kind: 'locked',
  });

  const yearBefore = NOON - 365 * 24 * 60 * MINUTE;
  const restarted = open();
  expect(await restarted.verify('aygun', 'parol', yearBefore)).toEqual({ kind: 'locked', minutes: 60 });
  pass(60 * MINUTE);
  expect(await restarted.verify('aygun', 'parol', yearBefore)).toMatchObject({ kind: 'right' });
});

test('somebody remembered anew while an old password was being looked at keeps the new one', async () => {
  const { open } = place();
  const credentials = open();
  await credentials.remember(aygun, 'old', NOON);
  const looking = credentials.verify('aygun', 'old', NOON + 1);
  await Promise.all([looking, credentials.remember(aygun, 'new', NOON + 2)]);
  expect(await credentials.verify('aygun', 'new', NOON + 3)).toMatchObject({
    kind: 'right',
    rememberedAtMs: NOON + 2,
  });
});

test('a file that cannot be read is told and forgets everybody; one that cannot be written is told and holds', async () => {
  const damaged = place();
  writeFileSync(damaged.path, '{"version":1,"people":[{"user"');
  const credentials = damaged.open();
  expect(damaged.told).toHaveLength(1);
  expect(await credentials.verify('aygun', 'parol', NOON)).toEqual({ kind: 'absent' });

  const blocked = place();
  mkdirSync(join(blocked.path, 'in-the-way'), { recursive: true });
  rmSync(blocked.path, { recursive: true });
  const held = blocked.open();
  mkdirSync(join(blocked.path, 'in-the-way'), { recursive: true });
  await held.remember(aygun, 'parol', NOON);
  expect(blocked.told.at(-1)).toContain(blocked.path);
  expect(await held.verify('aygun', 'parol', NOON)).toMatchObject({ kind: 'right' });
});
