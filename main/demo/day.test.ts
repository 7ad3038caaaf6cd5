import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { thisMorning, writeLists } from './demo-data.ts';

/** `npm run day` as a whole: its files, its exit code, and that a short day holds. */

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'komis-day-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function play(...args: string[]): Promise<{ code: number | null; printed: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'day.ts'), ...args]);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (words: string) => (printed += words));
    child.stderr.setEncoding('utf8').on('data', (words: string) => (printed += words));
    child.on('close', (code) => done({ code, printed }));
  });
}

const outcomeSchema = z.object({
  ok: z.boolean(),
  served: z.int(),
  kills: z.int(),
  cards: z.object({
    paid: z.int(),
    mixed: z.int(),
    declined: z.int(),
    lost: z.object({ charged: z.int(), notCharged: z.int() }),
    reversed: z.int(),
  }),
  invariants: z.array(z.object({ name: z.string(), checked: z.int(), broken: z.array(z.string()) })),
});

const bankSchema = z.object({ charges: z.array(z.unknown()), entries: z.array(z.unknown()) });

test('a short day holds, and leaves its papers', { timeout: 600_000 }, async () => {
  const [out, json] = [join(folder, 'out'), join(folder, 'day.json')];
  const lists = join(folder, 'lists');
  await writeLists({ dataDir: folder }, { out: lists, asOf: thisMorning(Date.now()), subscribers: 200 });
  const { code, printed } = await play('--payments', '10', '--lists', lists, '--out', out, '--json', json);
  expect(printed).toContain('Everything holds.');
  expect(code).toBe(0);

  const outcome = outcomeSchema.parse(JSON.parse(await readFile(json, 'utf8')));
  expect(outcome.ok).toBe(true);
  expect(outcome.served).toBeGreaterThanOrEqual(10);
  expect(outcome.kills).toBeGreaterThanOrEqual(5);
  expect(outcome.cards.paid).toBeGreaterThanOrEqual(4);
  expect(outcome.cards.lost.charged + outcome.cards.lost.notCharged).toBeGreaterThanOrEqual(2);
  expect(outcome.cards.reversed).toBeGreaterThanOrEqual(1);
  expect(printed).toContain(`${outcome.cards.paid} paid by card`);
  // An invariant that looked at nothing says nothing.
  expect(outcome.invariants.filter(({ checked }) => checked === 0)).toEqual([]);

  expect((await readdir(join(out, 'acknowledgements'))).length).toBeGreaterThanOrEqual(4);
  for (const name of await readdir(join(out, 'receipts')))
    expect((await readFile(join(out, 'receipts', name))).subarray(0, 5).toString()).toBe('%PDF-');
  expect((await readFile(join(out, 'receipts.escpos'))).length).toBeGreaterThan(1000);
  const bank = bankSchema.parse(JSON.parse(await readFile(join(out, 'bank.json'), 'utf8')));
  expect(bank.charges.length).toBeGreaterThanOrEqual(1);
  expect(bank.entries.length).toBeGreaterThanOrEqual(outcome.cards.paid + outcome.cards.reversed);
  const journal = (await readFile(join(out, 'journal.jsonl'), 'utf8')).trim().split('\n');
  expect(journal.length).toBe(
    outcome.invariants.find(({ name }) => name.includes('reached the centre'))?.checked,
  );
});

test('lists that are not there are told before anything is begun', async () => {
  const { code, printed } = await play('--lists', join(folder, 'nowhere'));
  expect(code).toBe(1);
  expect(printed).toBe(`There are no XML lists in ${join(folder, 'nowhere')}.\n`);
});
