import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { insertCard } from './card-in-reader.ts';
import { pcscdFor, whyNoNamespace } from './pcscd.ts';
import { isAlive, transportTo, untilCard, untilGone } from './stage.ts';

test('two daemons run side by side and do not see each other’s cards', async (context) => {
  const one = await pcscdFor(context, needs);
  const other = await pcscdFor(context, needs);
  await Promise.all([one.start(), other.start()]);
  const ours = transportTo(one, context).transport;
  const theirs = transportTo(other, context).transport;
  await insertCard(one.readers[0].port);
  await insertCard(other.readers[1].port);
  await untilCard(ours, one.readers[0].name, 'present');
  await untilCard(theirs, other.readers[1].name, 'present');
  expect(ours.readers().map(({ card }) => card)).toEqual(['present', 'absent']);
  expect(theirs.readers().map(({ card }) => card)).toEqual(['absent', 'present']);
});

test('a daemon ends with the process that started it, also when that is killed', async (context) => {
  const why = whyNoNamespace();
  if (why !== undefined) context.skip(why);
  const programs = [needs(context, 'pcscd'), needs(context, 'vpcd')];
  const folder = mkdtempSync(join(tmpdir(), 'komis-pcscd-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const starter = spawn(process.execPath, [join(import.meta.dirname, 'pcscd-starter.ts'), ...programs], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // What it leaves behind in the folder for temporary files goes with ours.
    env: { ...process.env, TMPDIR: folder },
  });
  context.onTestFinished(() => void starter.kill('SIGKILL'));
  const said: unknown[] = await once(createInterface({ input: starter.stdout }), 'line');
  const daemon = Number(said[0]);
  expect(isAlive(daemon)).toBe(true);
  starter.kill('SIGKILL');
  await untilGone(daemon);
  expect(isAlive(daemon)).toBe(false);
});
