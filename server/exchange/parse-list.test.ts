import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScanner } from './fast-scanner.ts';
import { createBlockParser } from './parse-block.ts';
import { accountText, listText, NAMESPACE, readListFile, testFolder } from './testing/list-files.ts';
import { referenceRows } from './testing/reference-reader.ts';

let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

const MASK = /^\d{1,10}$/;

/** Texts with everything that makes readers differ: letters of two to four bytes, marks, blanks, what XML must escape. */
const letters = fc.constantFrom(
  ...'aZ09 ,.-/"\'\\&<>ƏəİıIŞğüΣßéŉЙ—№₼',
  '\u00a0',
  '\u0085',
  '\u0301',
  '\t',
  '\n',
  '\u007f',
  '\ufb01',
  '\u{1d400}',
  '\uffff',
  '\u0001',
);
const text = fc.array(letters, { maxLength: 12 }).map((chars) => chars.join(''));
const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('Əliyev Vüqar', 'İSMAYILOVA Şəbnəm Ülvi qızı', '"Çinar" MMC', ' A '),
  },
  { weight: 2, arbitrary: text },
);

/** Writes a value as some program might: plain, with entities, with character references, or not escaped at all. */
const written = (value: string, style: number): string => {
  if (style === 0) return value;
  const escape = style === 1 ? /[&<>"']/g : /[&<>"'\t\n\r\u0000-\u001fəİ]/gu; // oxlint-disable-line no-control-regex -- what it escapes
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return value.replace(escape, (char) =>
    style === 1 ? (named[char] ?? char) : `&#${char.codePointAt(0) ?? 0};`,
  );
};
const attribute = (key: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({
      value,
      style: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2)),
      quote: fc.oneof({ weight: 8, arbitrary: fc.constant('"') }, fc.constant("'")),
      gap: fc.oneof(
        { weight: 12, arbitrary: fc.constant(' ') },
        fc.constantFrom('  ', '\n', '\r\n ', '\t', ''),
      ),
      equals: fc.oneof({ weight: 20, arbitrary: fc.constant('=') }, fc.constantFrom(' = ', '')),
    })
    .map((one) => `${one.gap}${key}${one.equals}${one.quote}${written(one.value, one.style)}${one.quote}`);

const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });
const account = mostly(
  fc.integer({ min: 1, max: 99_999 }).map(String),
  fc.constantFrom('', '12a', 'x'.repeat(21), '12345678901', ' 1', '1/2'),
);
const amount = mostly(
  fc.integer({ min: -99_999, max: 999_999 }).map((value) => (value / 100).toFixed(2)),
  fc.constantFrom(
    '12',
    '1.5',
    '1,50',
    '00.10',
    '-0.00',
    '10000000000.00',
    '10000000000.01',
    '99999999999.99',
    '+1.00',
    '1e2',
    '٣.00',
    '.50',
    '--1.00',
  ),
);
const period = mostly(
  fc.constantFrom('2026-10', '1999-01'),
  fc.constantFrom('2026-13', '2026-1', '26-10', '2026-00', '0000-12'),
);
const due = mostly(
  fc.constantFrom('2026-11-25', '2024-02-29', '2000-02-29'),
  fc.constantFrom('2026-02-29', '1900-02-29', '2026-11-31', '2026-11-00', '0099-02-29', '2026-11-2x'),
);

const shuffled = (parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.tuple(...parts),
      fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
      fc.nat(),
    )
    .map(([values, mixed, at]) =>
      (mixed ? [...values.slice(at % values.length), ...values.slice(0, at % values.length)] : values).join(
        '',
      ),
    );

const oddBit = fc.constantFrom(
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '\n',
  '\r\n',
  '\r',
  '<!-- <account no="7" -->',
  '<![CDATA[ ]]>',
  '<![CDATA[<account no="8"/>]]>',
  '<?pi <account ?>',
  'text',
  '<other/>',
  '<bill/>',
  ']]>',
);
const bill = fc
  .record({
    attributes: shuffled([
      attribute('no', mostly(fc.constantFrom('B-1', 'B-2', '2026/10'), text)),
      attribute('period', period),
      attribute('amount', amount),
      attribute('due', due),
    ]),
    extra: mostly(
      fc.constant(''),
      fc.constantFrom(' kind="x"', ' no="B-9"', ' xmlns:k="urn:x"', ' k:no="1"'),
    ),
    close: mostly(
      fc.constant('/>'),
      fc.constantFrom(' />', '></bill>', '> </bill>', '>x</bill>', '><bill/></bill>'),
    ),
  })
  .map((one) => `<bill${one.attributes}${one.extra}${one.close}`);
const record = fc
  .record({
    attributes: shuffled([
      attribute('no', account),
      attribute('holder', name),
      attribute('address', mostly(fc.constant('Bakı, Təbriz küç. 41, m. 18'), text)),
      attribute('district', mostly(fc.constant('Nərimanov'), text)),
    ]),
    phone: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      attribute('phone', mostly(fc.constant('+994 (50) 212-41-71'), text)),
    ),
    extra: mostly(
      fc.constant(''),
      fc.constantFrom(
        ' no="5"',
        ' kind="x"',
        ' xmlns="urn:other"',
        ' xml:lang="az"',
        ` xmlns="${NAMESPACE}"`,
      ),
    ),
    bills: fc.array(fc.tuple(fc.oneof({ weight: 6, arbitrary: fc.constant('') }, oddBit), bill), {
      maxLength: 3,
    }),
    close: fc.nat(1),
  })
  .map((one) => {
    const open = `<account${one.attributes}${one.phone}${one.extra}`;
    if (one.bills.length === 0 && one.close === 0) return `${open}/>`;
    return `${open}>${one.bills.map((pair) => pair.join('')).join('')}</account>`;
  });
const removed = attribute('no', account).map((no) => `<removed${no}/>`);
const records = fc.array(
  fc
    .tuple(
      fc.oneof({ weight: 12, arbitrary: record }, { weight: 1, arbitrary: removed }),
      fc.oneof({ weight: 30, arbitrary: fc.constant('\n') }, oddBit),
    )
    .map((pair) => pair.join('')),
  { maxLength: 12 },
);

/** Now and then a byte is changed or the end is missing. */
const damage = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  fc.record({
    at: fc.nat(100_000),
    byte: fc.constantFrom(0x00, 0x20, 0x22, 0x26, 0x3c, 0x3e, 0x41, 0x80, 0xc2, 0xef, 0xff),
    cut: fc.boolean(),
  }),
);

test('however a list is cut, scanned and handed over, it reads as one conforming parser reads it', async () => {
  const seen = { plain: 0, wellFormed: 0, refused: 0 };
  let files = 0;
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom('full' as const, 'delta' as const),
      damage,
      fc.constantFrom(300, 700, 4096),
      async (list, kind, harm, blockBytes) => {
        let bytes = Buffer.from(listText(list.join(''), { kind, records: list.length }), 'utf8');
        const bodyAt = bytes.indexOf('>', 50) + 1;
        if (harm) {
          const at = bodyAt + (harm.at % (bytes.length - bodyAt));
          if (harm.cut) bytes = bytes.subarray(0, at);
          else bytes[at] = harm.byte;
        }
        files += 1;
        const path = await folder.write(`list-${files % 8}.xml`, bytes);
        const read = await readListFile(path, MASK, { threads: 0, blockBytes });
        const expected =
          decoded(bytes) === undefined
            ? undefined
            : referenceRows(decoded(bytes) ?? '', { kind, mask: MASK });
        if (expected === undefined) {
          seen.refused += 1;
          expect(read.outcome.ok).toBe(false);
        } else {
          seen.wellFormed += 1;
          expect(read.outcome.ok, JSON.stringify(read.outcome)).toBe(true);
          expect(read.rows).toEqual(expected);
          expect(read.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
          expect(read.bad.length).toBe(
            list.length -
              expected.filter((row) => !row.startsWith('b')).length +
              (read.outcome.ok ? read.outcome.value.records - list.length : 0),
          );
        }
      },
    ),
    { numRuns: 1500, seed: 20_261_123 },
  );
  // The texts above are odd often enough to matter, and plain often enough too.
  expect(seen.wellFormed).toBeGreaterThan(300);
  expect(seen.refused).toBeGreaterThan(100);
}, 120_000);

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8
  }
};

test('what the byte scanner takes, the conforming parser takes alike, byte by byte', () => {
  const scan = createScanner();
  let plain = 0;
  fc.assert(
    fc.property(records, fc.constantFrom('full' as const, 'delta' as const), (list, kind) => {
      const body = Buffer.from(`${list.join('')}</list>`, 'utf8');
      if (body.toString('utf8') !== `${list.join('')}</list>`) return;
      const terms = { kind, mask: MASK };
      const scanned = scan(body, body.length, 3, terms);
      if (!scanned.plain) return;
      plain += 1;
      const outcome = createBlockParser({
        ...terms,
        prefix: `<list xmlns="${NAMESPACE}">`,
        plain: false,
      }).alone(body, 3);
      expect(outcome).toMatchObject({
        kind: 'parsed',
        records: scanned.records,
        lines: scanned.lines,
        closed: true,
        bad: [],
      });
      expect(Buffer.from(scanned.rows).toString()).toBe(
        outcome.kind === 'parsed' ? Buffer.from(outcome.rows).toString() : '',
      );
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(plain).toBeGreaterThan(200);
}, 120_000);

test.each([
  [
    '200 letters of four bytes are 400 units',
    `<account no="1" holder="${'\u{1d400}'.repeat(200)}" address="B" district="C"/>`,
  ],
  [
    '100 letters of four bytes are 200 units',
    `<account no="1" holder="${'\u{1d400}'.repeat(100)}" address="B" district="C"/>`,
  ],
  ['200 letters of two bytes', `<account no="1" holder="${'ə'.repeat(200)}" address="B" district="C"/>`],
  ['201 letters of two bytes', `<account no="1" holder="${'ə'.repeat(201)}" address="B" district="C"/>`],
  [
    'a line that ends in CR alone',
    `<account no="1" holder="A" address="B" district="C"/>\r<account no="2" holder="A" address="B" district="C"/>\n`,
  ],
  [
    'lines that end in CR LF',
    `<account no="1" holder="A" address="B" district="C"/>\r\n<account no="2" holder="A" address="B" district="C"/>\r\n`,
  ],
  [
    'a tag that begins a line before its attributes',
    `<account\nno="1" holder="A" address="" district="C"/>\n`,
  ],
  [
    'the most bills an account may have, and one more',
    [120, 121]
      .map(
        (count, i) =>
          `<account no="${i}" holder="A" address="B" district="C">${Array.from({ length: count }, (_, n) => `<bill no="${n}" period="2026-10" amount="1.00" due="2026-11-25"/>`).join('')}</account>`,
      )
      .join('\n'),
  ],
  [
    'bills whose total is too large',
    `<account no="1" holder="A" address="B" district="C"><bill no="1" period="2026-10" amount="10000000000.00" due="2026-11-25"/><bill no="2" period="2026-10" amount="0.01" due="2026-11-25"/></account>`,
  ],
  ['a letter that folds into two', `<account no="1" holder="ﬁŉ № 5 ΑΣ" address="B" district="C"/>`],
])('read alike: %s', async (_, records) => {
  const bytes = Buffer.from(listText(records), 'utf8');
  for (const blockBytes of [40_000, 600]) {
    const read = await readListFile(await folder.write('alike.xml', bytes), MASK, { threads: 0, blockBytes });
    expect(read.rows).toEqual(referenceRows(bytes.toString('utf8'), { kind: 'full', mask: MASK }));
  }
});

test('a file of many blocks on threads gives every record once, in order, with its line', async () => {
  const count = 12_000;
  const path = await folder.write(
    'many.xml',
    listText(Array.from({ length: count }, (_, i) => accountText(i + 1)).join(''), { records: count }),
  );
  for (const threads of [1, 2, 3]) {
    const read = await readListFile(path, MASK, { threads });
    expect(read.outcome).toEqual({ ok: true, value: { records: count } });
    expect(read.rows.map((row) => row.split('\t').slice(2, 5).join(' '))).toEqual(
      Array.from({ length: count }, (_, i) => `${i} ${i + 3} ${i + 1}`),
    );
  }
}, 60_000);

test('a comment between blocks hands over to one parser, and a record in it is none', async () => {
  const records = Array.from({ length: 9000 }, (_, i) => accountText(i + 1));
  records.splice(4000, 0, `<!-- not these:\n${accountText(777_777).repeat(4000)}-->\n`);
  const path = await folder.write('comment.xml', listText(records.join(''), { records: 9000 }));
  const read = await readListFile(path, MASK, { threads: 2, blockBytes: 64 * 1024 });
  // The comment is longer than any piece may be.
  expect(read.outcome).toMatchObject({ ok: false, error: { code: 'listHostile' } });

  const shorter = await folder.write(
    'comment-2.xml',
    listText(
      [
        ...records.slice(0, 4000),
        `<!--${accountText(777_777).repeat(900)}-->\n`,
        ...records.slice(4001),
      ].join(''),
      { records: 9000 },
    ),
  );
  const whole = await readListFile(shorter, MASK, { threads: 2, blockBytes: 64 * 1024 });
  expect(whole.outcome).toEqual({ ok: true, value: { records: 9000 } });
  expect(whole.rows.some((row) => row.includes('777777'))).toBe(false);
  expect(whole.rows).toHaveLength(9000);
  expect(whole.rows[8999]).toContain('\t9000\t');
}, 60_000);

test('elements with a namespace prefix are read too', async () => {
  const text = listText(
    `<k:account no="5" holder="A B" address="C" district="D"><k:bill no="1" period="2026-10" amount="1.00" due="2026-11-25"/></k:account>\n`,
  )
    .replace('<list xmlns=', '<k:list xmlns:k=')
    .replace('</list>', '</k:list>');
  const read = await readListFile(await folder.write('prefix.xml', text), MASK);
  expect(read.outcome).toEqual({ ok: true, value: { records: 1 } });
  expect(read.rows[0]).toContain('u\t0\t0\t3\t5\tA B\tC\tD\t\\N\ta b c\t[{"billNo":"1"');
});

test.each([
  [
    '<account no="1" holder="A" address="B" district="C"><bill no="1" period="2026-10" amount="12,50" due="2026-11-25"/></account>',
    'notAnAmount',
  ],
  [
    '<account no="1" holder="A" address="B" district="C"><bill no="1" period="2026-10" amount="3840" due="2026-11-25"/></account>',
    'notAnAmount',
  ],
  [
    '<account no="1" holder="A" address="B" district="C"><bill no="1" period="2026-10" amount="1.00" due="2026-02-30"/></account>',
    'notADate',
  ],
  [
    '<account no="1" holder="A" address="B" district="C"><bill no="1" period="2026-13" amount="1.00" due="2026-11-25"/></account>',
    'notAPeriod',
  ],
  [
    '<account no="1" holder="A" address="B" district="C"><bill no="" period="2026-10" amount="1.00" due="2026-11-25"/></account>',
    'missing',
  ],
  ['<account no="1" holder="  " address="B" district="C"/>', 'missing'],
  ['<account no="1" holder="A" address="B"/>', 'missing'],
  [`<account no="1" holder="${'ə'.repeat(201)}" address="B" district="C"/>`, 'tooLong'],
  ['<account no="1" holder="A&#7;" address="B" district="C"/>', undefined],
  ['<account no="1" holder="A&#x9B;" address="B" district="C"/>', 'controlCharacter'],
  ['<account no="1 2" holder="A" address="B" district="C"/>', 'notAnAccount'],
  ['<account no="99999999999" holder="A" address="B" district="C"/>', 'notInMask'],
  ['<account no="1" holder="A" address="B" district="C" phone="call me"/>', 'notAPhone'],
  ['<account no="1" holder="A" address="B" district="C" debt="5"/>', 'unknownAttribute'],
  ['<account no="1" holder="A" address="B" district="C"><note/></account>', 'unknownElement'],
  ['<account no="1" holder="A" address="B" district="C">hello</account>', 'textInRecord'],
  ['<removed no="1"/>', 'removedInFull'],
])('%s is told apart: %s', async (record, code) => {
  const path = await folder.write(
    'bad.xml',
    listText(`${accountText(7)}${record}\n${accountText(8)}`, { records: 3 }),
  );
  const read = await readListFile(path, MASK);
  if (code === undefined) {
    expect(read.outcome).toMatchObject({ ok: false, error: { code: 'listMalformed' } });
    return;
  }
  expect(read.outcome).toEqual({ ok: true, value: { records: 3 } });
  expect(read.bad).toEqual([
    { record: 1, line: 4, account: code === 'notAnAccount' ? null : expect.any(String), code },
  ]);
  expect(read.rows.filter((row) => row.startsWith('u'))).toHaveLength(2);
});
