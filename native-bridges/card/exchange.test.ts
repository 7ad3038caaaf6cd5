import { describe, expect, test } from 'vitest';
import { bytesOf, spaced } from './bytes.ts';
import { exchange, once } from './exchange.ts';
import { scripted } from './testing/scripted-connection.ts';

const CASE_4 = { cla: 0x80, ins: 0x50, p1: 0, p2: 0, data: bytesOf('01 02'), le: 0x57 };
const CASE_2 = { cla: 0x80, ins: 0xca, p1: 0, p2: 0, le: 4 };
const DEADLINE = { deadlineMs: 1000 };

describe('T=0', () => {
  test('data go without Le, the answer is fetched, in pieces where it comes in pieces', async () => {
    const card = scripted('T=0', ['6103', 'AA BB 61 02', 'CC DD 90 00']);
    const answer = await exchange(card, CASE_4, DEADLINE);
    expect(answer).toMatchObject({ ok: true, value: { data: bytesOf('AA BB CC DD'), sw: 0x9000 } });
    expect(card.told().map(spaced)).toEqual(['80 50 00 00 02 01 02', '00 C0 00 00 03', '00 C0 00 00 02']);
  });

  test('6Cxx: the same once more with the right Le, also for GET RESPONSE', async () => {
    const card = scripted('T=0', ['6C02', 'AA BB 90 00']);
    expect(await exchange(card, CASE_2, DEADLINE)).toMatchObject({ value: { data: bytesOf('AA BB') } });
    expect(card.told().map(spaced)).toEqual(['80 CA 00 00 04', '80 CA 00 00 02']);
    const other = scripted('T=0', ['6100', '6C01', 'AA 9000']);
    expect(await exchange(other, CASE_4, DEADLINE)).toMatchObject({ value: { data: bytesOf('AA') } });
    expect(other.told().map(spaced).slice(1)).toEqual(['00 C0 00 00 00', '00 C0 00 00 01']);
  });

  test('a command with data is never told twice', async () => {
    const card = scripted('T=0', ['6C10', '9000']);
    expect(await exchange(card, CASE_4, DEADLINE)).toMatchObject({ ok: true, value: { sw: 0x6c10 } });
    expect(card.told()).toHaveLength(1);
  });

  test.each([
    ['61', Array.from({ length: 100 }, () => 'AA 61 01')],
    ['6C', Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? '6C01' : '6C02'))],
  ])('%s for ever is given up', async (_, answers) => {
    const card = scripted('T=0', answers);
    expect(await exchange(card, CASE_2, DEADLINE)).toMatchObject({
      ok: false,
      error: { reason: 'answerLost' },
    });
    expect(card.told().length).toBeLessThan(50);
  });
});

test('T=1: as it is, with Le; 61 and 6C are answers like any other', async () => {
  const card = scripted('T=1', ['6103', '6C02']);
  expect(await exchange(card, CASE_4, DEADLINE)).toMatchObject({ value: { sw: 0x6103 } });
  expect(await exchange(card, CASE_2, DEADLINE)).toMatchObject({ value: { sw: 0x6c02 } });
  expect(card.told().map(spaced)).toEqual(['80 50 00 00 02 01 02 57', '80 CA 00 00 04']);
});

test('a pseudo-APDU goes as it is under any protocol', async () => {
  const card = scripted('T=0', ['6103']);
  expect(await once(card, CASE_4, DEADLINE)).toMatchObject({ value: { sw: 0x6103 } });
  expect(card.told().map(spaced)).toEqual(['80 50 00 00 02 01 02 57']);
});

test('no status word, or no answer at all: nothing is known', async () => {
  for (const lost of ['', '90', 'AA BB'])
    expect(await exchange(scripted('T=0', [lost]), CASE_4, DEADLINE)).toMatchObject({
      ok: false,
      error: { reason: 'answerLost' },
    });
  const removed = scripted('T=0', ['6102', { code: 'removed', cardStateUnknown: true, detail: 'x' }]);
  expect(await exchange(removed, CASE_4, DEADLINE)).toEqual({
    ok: false,
    error: { reason: 'removed', detail: 'removed: x' },
  });
});
