import { expect, test } from 'vitest';
import { HEAD_BYTES } from './list-format.ts';
import { readHead } from './list-head.ts';
import { listText } from './testing/list-files.ts';

const read = (text: string | Buffer) => readHead(Buffer.from(text).subarray(0, HEAD_BYTES));
const good = listText('', { company: 'SU', seq: 12, records: 7 });

test('the head says whose list it is, which, and where the records begin', () => {
  const head = read(good);
  expect(head).toMatchObject({
    ok: true,
    value: {
      company: 'SU',
      kind: 'full',
      seq: 12,
      asOf: '2026-11-20T02:00:00.000Z',
      paymentsThrough: '2026-11-20T02:00:00.000Z',
      records: 7,
      plain: true,
    },
  });
  if (head.ok) expect(Buffer.from(good).subarray(head.value.bodyOffset).toString()).toBe('\n</list>\n');
});

test('offsets count bytes, whatever stands before the root', () => {
  const text = good.replace('<list', '<!-- Şəhər «su» 𝐀 -->\n<?made by="ə"?>\n<list');
  const head = read(`\ufeff${text}`);
  expect(head.ok && Buffer.from(`\ufeff${text}`).subarray(head.value.bodyOffset).toString()).toBe(
    '\n</list>\n',
  );
});

test('times with milliseconds are kept, with more they are not taken', () => {
  expect(read(good.replace('02:00:00Z', '02:00:00.125Z'))).toMatchObject({
    ok: true,
    value: { asOf: '2026-11-20T02:00:00.125Z' },
  });
  expect(read(good.replace('02:00:00Z', '02:00:00.1256Z')).ok).toBe(false);
});

test.each([
  ['UTF-16 little endian', Buffer.from(`\ufeff${good}`, 'utf16le'), 'listMalformed', /UTF-16/],
  ['UTF-16 without a mark', Buffer.from(good, 'utf16le'), 'listMalformed', /UTF-16/],
  ['UTF-16 big endian', Buffer.from(`\ufeff${good}`, 'utf16le').swap16(), 'listMalformed', /UTF-16/],
  [
    'another encoding declared',
    Buffer.from(good.replace('UTF-8', 'windows-1254')),
    'listMalformed',
    /windows-1254/,
  ],
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from(good.slice(0, 60)), Buffer.from([0xff]), Buffer.from(good.slice(60))]),
    'listMalformed',
    /UTF-8/,
  ],
  [
    'an overlong sequence',
    Buffer.concat([Buffer.from('<!--'), Buffer.from([0xc0, 0xbc]), Buffer.from('-->')]),
    'listMalformed',
    /UTF-8/,
  ],
  ['two marks', Buffer.from(`\ufeff\ufeff${good}`), 'listMalformed', /./],
  ['XML 1.1', Buffer.from(good.replace('version="1.0" enc', 'version="1.1" enc')), 'listMalformed', /1\.1/],
  ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'listMalformed', /compressed/],
  ['an empty file', Buffer.alloc(0), 'listMalformed', /empty/],
  ['no XML', Buffer.from('account;debt\n1;2\n'), 'listMalformed', /./],
  ['no root', Buffer.from('<?xml version="1.0"?>\n<!-- nothing -->'), 'listMalformed', /root/],
  ['another root', Buffer.from(good.replaceAll('list', 'liste')), 'listMalformed', /root element/],
  [
    'another namespace',
    Buffer.from(good.replace('urn:komis:list:1', 'urn:komis:list:2')),
    'listMalformed',
    /root element/,
  ],
  [
    'a DOCTYPE',
    Buffer.from(good.replace('<list', '<!DOCTYPE list [<!ENTITY a "b">]>\n<list')),
    'listHostile',
    /DOCTYPE/,
  ],
  [
    'a DOCTYPE without end',
    Buffer.from(good.replace('<list', `<!DOCTYPE list [${'<!ENTITY a "b">'.repeat(9000)}]><list`)),
    'listHostile',
    /DOCTYPE/,
  ],
  [
    'a head that does not end',
    Buffer.from(`<list ${Array.from({ length: 20_000 }, (_, i) => `a${i}="1" `).join('')}>`),
    'listHostile',
    /does not begin/,
  ],
  ['an unknown attribute', Buffer.from(good.replace('seq=', 'region="1" seq=')), 'listMalformed', /region/],
  [
    'another version',
    Buffer.from(good.replace('version="1.0" company', 'version="2.0" company')),
    'listMalformed',
    /2\.0/,
  ],
  ['a bad kind', Buffer.from(good.replace('full', 'both')), 'listMalformed', /kind/],
  ['a bad number', Buffer.from(good.replace('seq="12"', 'seq="012"')), 'listMalformed', /seq/],
  ['no count', Buffer.from(good.replace(' records="7"', '')), 'listMalformed', /records/],
  ['a local time', Buffer.from(good.replace('02:00:00Z', '06:00:00+04:00')), 'listMalformed', /asOf/],
  ['a day that is none', Buffer.from(good.replace('2026-11-20T', '2026-02-30T')), 'listMalformed', /asOf/],
])('refused: %s', (_, bytes, code, reason) => {
  const head = readHead(bytes.subarray(0, HEAD_BYTES));
  expect(head).toMatchObject({
    ok: false,
    error: { code, detail: { reason: expect.stringMatching(reason), line: expect.any(Number) } },
  });
});
