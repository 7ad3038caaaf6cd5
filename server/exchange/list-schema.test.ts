import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoLists } from '../demo/demo-lists.ts';
import { acknowledgementXml } from './acknowledgement.ts';
import { checkSignature, digestFits, signaturePathOf } from './file-signature.ts';
import { BAD_RECORD_TEXTS, type BadRecordCode } from './record-check.ts';
import { listText, readListFile, testFolder } from './testing/list-files.ts';

const formats = join(import.meta.dirname, '../../docs/formats');
const examples = join(formats, 'examples');

let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

const hasXmllint = spawnSync('xmllint', ['--version']).error === undefined;
const validate = (path: string, schema = 'komis-list.xsd'): { valid: boolean; said: string } => {
  const run = spawnSync('xmllint', ['--noout', '--schema', join(formats, schema), path], {
    encoding: 'utf8',
  });
  return { valid: run.status === 0, said: run.stderr };
};

test.each(['ELEKTRIK-000001-full.xml', 'ELEKTRIK-000002-delta.xml'])(
  'the example %s reads without a bad record, and its signatures hold',
  async (name) => {
    const path = join(examples, name);
    const read = await readListFile(path, /^\d{10}$/);
    expect(read.outcome.ok).toBe(true);
    expect(read.bad).toEqual([]);
    const now = Date.parse('2026-11-23T00:00:00Z');
    for (const [file, certificate] of [
      [path, 'ELEKTRIK.pem'],
      [path.replace('.xml', '.ack.xml'), 'centre.pem'],
    ] as const) {
      const document = await readFile(signaturePathOf(file), 'utf8');
      const checked = checkSignature(
        document,
        basename(file),
        [await readFile(join(examples, certificate), 'utf8')],
        now,
      );
      expect(
        checked.ok &&
          digestFits(
            checked.value,
            createHash('sha256')
              .update(await readFile(file))
              .digest(),
          ),
      ).toBe(true);
    }
  },
);

test('the page names every reason a record can be bad for', async () => {
  const page = await readFile(join(formats, 'list.md'), 'utf8');
  expect(Object.keys(BAD_RECORD_TEXTS).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

test.skipIf(!hasXmllint)(
  'examples, demo lists and acknowledgements fit the schemas (needs xmllint)',
  async () => {
    const demo = [1, 2].map((sequence) =>
      demoLists({
        seed: 's',
        subscribersPerCompany: 400,
        outDir: folder.path,
        sequence,
        asOf: '2026-11-20T02:00:00Z',
      }),
    );
    const lists = [
      ...(await Promise.all(demo)).flat().map((list) => list.file),
      join(examples, 'ELEKTRIK-000001-full.xml'),
      join(examples, 'ELEKTRIK-000002-delta.xml'),
    ];
    expect(lists).toHaveLength(10);
    for (const list of lists) expect(validate(list)).toMatchObject({ valid: true });

    const refused = acknowledgementXml({
      listId: '01a1fbf1-1820-72e2-839b-3f7336191767',
      company: 'SU',
      fileName: 'a "b" & <c>.xml',
      sha256: null,
      receivedAt: '2026-11-23T10:00:00.000Z',
      head: null,
      signed: false,
      counts: null,
      refusal: {
        code: 'listMalformed',
        detail: { line: 3, record: 1, reason: 'text "]]>" \u0000\ufffe\ud800' },
      },
      badRecords: Object.keys(BAD_RECORD_TEXTS).map((code, i) => ({
        record: i + 1,
        line: i + 3,
        account: i % 2 === 0 ? null : '1&2',
        fault: { code: code as BadRecordCode, field: 'no', value: '\u0001<' },
      })),
    });
    for (const path of [
      await folder.write('refused.ack.xml', refused),
      join(examples, 'ELEKTRIK-000001-full.ack.xml'),
    ]) {
      expect(validate(path, 'komis-list-acknowledgement.xsd')).toMatchObject({ valid: true });
    }
  },
);

const record = (
  attributes: Partial<Record<string, string>>,
  bill?: Partial<Record<string, string>>,
  inside = '',
): string => {
  const write = (values: Partial<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => (value === undefined ? '' : ` ${name}="${value}"`))
      .join('');
  const bills = bill
    ? `<bill${write({ no: 'B', period: '2026-10', amount: '1.00', due: '2026-11-25', ...bill })}/>`
    : '';
  return `<account${write({ no: '1', holder: 'A', address: 'B', district: 'C', ...attributes })}>${bills}${inside}</account>\n`;
};

/** Whether the schema lets a record pass is whether the reader does. What the schema cannot say is told in list.md. */
test.skipIf(!hasXmllint).each([
  [record({}, {}), true],
  [record({ phone: '' }), true],
  [record({ phone: '+994 (12) 565-41-08' }), true],
  [record({ holder: '  Ə ' }), true],
  [record({ holder: 'ə'.repeat(200) }), true],
  [record({ no: 'AZ/12-b' }), true],
  [record({}, { amount: '-0.05' }), true],
  [record({}, { amount: '10000000000.00' }), true],
  [record({}, { due: '2024-02-29' }), true],
  ['<!-- nothing --><?x y?>', true],
  [record({ holder: undefined }), false],
  [record({ holder: '   ' }), false],
  [record({ address: '' }), false],
  [record({ district: 'ə'.repeat(61) }), false],
  [record({ phone: '12' }), false],
  [record({ phone: 'zəng edin' }), false],
  [record({ no: '' }), false],
  [record({ no: '1 2' }), false],
  [record({ no: '123456789012345678901' }), false],
  [record({ debt: '1' }), false],
  [record({}, { amount: '1' }), false],
  [record({}, { amount: '1.0' }), false],
  [record({}, { amount: '+1.00' }), false],
  [record({}, { amount: '10000000000.01' }), false],
  [record({}, { period: '2026-13' }), false],
  [record({}, { due: '2026-02-29' }), false],
  [record({}, { due: '2026-11-25Z' }), false],
  [record({}, { no: 'ə' }), false],
  [record({}, { no: undefined }), false],
  [record({}, {}, '<bill/>'), false],
  [record({}, {}, 'text'), false],
  [record({}, {}, '<note/>'), false],
  [
    record(
      {},
      undefined,
      Array.from(
        { length: 121 },
        (_, i) => `<bill no="${i}" period="2026-10" amount="1.00" due="2026-11-25"/>`,
      ).join(''),
    ),
    false,
  ],
])('schema and reader agree (needs xmllint): %s', async (text, good) => {
  const path = await folder.write('agree.xml', listText(text, { records: 1, company: 'SU' }));
  const read = await readListFile(path, /./);
  expect({ schema: validate(path).valid, reader: read.outcome.ok && read.bad.length === 0 }).toEqual({
    schema: good,
    reader: good,
  });
});
