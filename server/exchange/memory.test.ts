import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTestDatabase } from '../db/testing.ts';
import type { Database } from '../db/database.ts';
import { fingerprint, testCompany } from './testing/company.ts';
import { listText, testFolder } from './testing/list-files.ts';

/** Memory of an import does not depend on the file: measured in a process of its own, threads and all. */
const LIMIT_MB = 512;
const MB = 1024 * 1024;

let database: Database;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [database, folder] = await Promise.all([withTestDatabase(), testFolder()]);
});
afterAll(async () => {
  await database.close();
  await folder.remove();
});

type Child = {
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly maxRssMb: number;
  readonly acknowledgementBytes: number;
};

/** Streams a file together, imports it in a child, takes the file away. */
async function importStreamed(
  code: string,
  pieces: Iterable<string>,
): Promise<Child & { readonly fileMb: number }> {
  const path = join(folder.path, 'large.xml');
  const out = createWriteStream(path);
  for (const piece of pieces) if (!out.write(piece)) await once(out, 'drain');
  out.end();
  await finished(out);
  const fileMb = Math.round((await stat(path)).size / MB);
  const child = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'testing/import-child.ts'),
    database.url,
    path,
    code,
  ]);
  await rm(path);
  return { ...(JSON.parse(child.stdout) as Child), fileMb }; // printed by import-child.ts
}

const [START = '', END = ''] = listText('SPLIT').split('SPLIT');
const start = (code: string, records: number): string =>
  START.replace('"TEST"', `"${code}"`).replace('records="0"', `records="${records}"`);
function* times(count: number, piece: string): Generator<string> {
  for (let i = 0; i < count; i += 1) yield piece;
}
/** A long record of about 1500 bytes. */
const longRecord = (no: number, amount = '1.00'): string =>
  `<account no="${no}" holder="${'Əliyeva Gülşən '.repeat(12)}" address="${'Şərifzadə küç. '.repeat(19)}" district="Yasamal">${[
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]
    .map((n) => `<bill no="${no}-${n}" period="2026-0${n}" amount="${amount}" due="2026-11-25"/>`)
    .join('')}</account>\n`;
function* longRecords(count: number, amount?: string): Generator<string> {
  for (let i = 1; i <= count; i += 100) {
    let piece = '';
    for (let no = i; no < i + 100 && no <= count; no += 1) piece += longRecord(no, amount);
    yield piece;
  }
}

test('a list of more than 300 MB', async () => {
  const company = await testCompany(database);
  const count = 250_000;
  const large = await importStreamed(
    company.code,
    (function* () {
      yield start(company.code, count);
      yield* longRecords(count);
      yield END;
    })(),
  );
  expect(large).toMatchObject({ code: 'applied', detail: { records: count, inserted: count, bad: 0 } });
  expect(large.fileMb).toBeGreaterThan(300);
  expect(large.maxRssMb).toBeLessThan(LIMIT_MB);
}, 240_000);

test('a list that one parser must read in order, and one with nothing but bad records', async () => {
  const company = await testCompany(database, { tolerance: 0 });
  const count = 60_000;
  const bad = await importStreamed(
    company.code,
    (function* () {
      yield start(company.code, count);
      yield '<!-- from here on in order -->';
      yield* longRecords(count, '1,00');
      yield END;
    })(),
  );
  expect(bad).toMatchObject({ code: 'listTooManyBadRecords', detail: { bad: count, tolerance: 0 } });
  expect(bad.fileMb).toBeGreaterThan(60);
  expect(bad.acknowledgementBytes).toBeLessThan(MB);
  expect(bad.maxRssMb).toBeLessThan(LIMIT_MB);
}, 240_000);

test.each<[string, (code: string) => Iterable<string>, string]>([
  [
    'a text of 300 MB',
    function* (code) {
      yield start(code, 1);
      yield '<account no="1">';
      yield* times(300, 'x'.repeat(MB));
      yield `</account>${END}`;
    },
    'listHostile',
  ],
  [
    'blanks between records',
    function* (code) {
      yield start(code, 1);
      yield longRecord(1);
      yield* times(40, ' '.repeat(MB));
      yield END;
    },
    'listHostile',
  ],
  [
    'a comment full of records',
    function* (code) {
      yield start(code, 1);
      yield '<!--';
      yield* times(40, longRecord(1).repeat(700));
      yield `-->${END}`;
    },
    'listHostile',
  ],
  [
    'a value without end',
    function* (code) {
      yield start(code, 1);
      yield '<account no="';
      yield* times(40, '1'.repeat(MB));
      yield `"/>${END}`;
    },
    'listHostile',
  ],
  [
    'ten million attributes',
    function* (code) {
      yield start(code, 1);
      yield '<account ';
      for (let i = 0; i < 10_000_000; i += 10_000)
        yield Array.from({ length: 10_000 }, (_, n) => `a${i + n}="" `).join('');
      yield `/>${END}`;
    },
    'listHostile',
  ],
  [
    'ten million attributes on the list',
    function* () {
      yield '<list ';
      for (let i = 0; i < 10_000_000; i += 10_000)
        yield Array.from({ length: 10_000 }, (_, n) => `a${i + n}="" `).join('');
      yield '>';
    },
    'listHostile',
  ],
  [
    'ten million elements one in another',
    function* (code) {
      yield start(code, 1);
      yield* times(1000, '<a>'.repeat(10_000));
    },
    'listMalformed',
  ],
  [
    'ten million elements in a record',
    function* (code) {
      yield start(code, 1);
      yield '<account no="1">';
      yield* times(1000, '<bill>'.repeat(10_000));
    },
    'listHostile',
  ],
  [
    'an entity without end',
    function* (code) {
      yield start(code, 1);
      yield '<account no="&';
      yield* times(40, 'e'.repeat(MB));
      yield `;"/>${END}`;
    },
    'listHostile',
  ],
  [
    'zeroes',
    function* () {
      yield* times(40, '\0'.repeat(MB));
    },
    'listMalformed',
  ],
])(
  'hostile: %s',
  async (_, pieces, code) => {
    const company = await testCompany(database);
    const before = await fingerprint(database, company);
    const outcome = await importStreamed(company.code, pieces(company.code));
    expect(outcome).toMatchObject({ code });
    expect(outcome.maxRssMb).toBeLessThan(LIMIT_MB);
    expect(await fingerprint(database, company)).toEqual(before);
  },
  240_000,
);
