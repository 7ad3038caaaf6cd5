import { describe, expect, test } from 'vitest';
import { bytesOf } from '../bytes.ts';
import { profileOf } from '../readers/profiles.ts';
import { SPECS } from '../testing/conformance.ts';
import { deckOf } from '../testing/deck-bench.ts';
import { connectTo } from '../testing/deck-connection.ts';
import { scripted } from '../testing/scripted-connection.ts';
import { atrMask, fits } from './atr-mask.ts';
import { MEMORY_ATR } from './memory/memory.ts';
import { PURSE_ATR } from './purse/purse.ts';
import { recognise } from './registry.ts';

describe('a card that is not ours', () => {
  test('another ATR: said with it, nothing is told to the card', async () => {
    const card = scripted('T=0', [], { atr: '3B 65 00 00 56 49 52 54' });
    expect(await recognise(card)).toEqual({
      ok: false,
      error: { reason: 'foreign', detail: 'ATR 3B 65 00 00 56 49 52 54' },
    });
    expect(card.told()).toEqual([]);
  });

  test('our ATR and another application: asked for, and left alone', async () => {
    const card = scripted('T=0', ['6A82'], { atr: PURSE_ATR.t0 });
    expect(await recognise(card)).toMatchObject({ ok: false, error: { reason: 'foreign' } });
    expect(card.told()).toHaveLength(1);
  });

  test('a memory chip with somebody else’s data is only read', async () => {
    const deck = deckOf(SPECS.memory);
    deck.insert('memory', 0);
    const plain = connectTo(deck);
    const told: number[] = [];
    const found = await recognise({
      ...plain,
      async transmit(apdu, deadline) {
        told.push(apdu[1] ?? 0);
        const answer = await plain.transmit(apdu, deadline);
        if (apdu[1] !== 0xb0 || !answer.ok) return answer;
        return { ok: true, value: Uint8Array.from([...answer.value.slice(0, -2).fill(0x11), 0x90, 0x00]) };
      },
    });
    expect(found).toMatchObject({ ok: false, error: { reason: 'foreign', detail: `ATR ${MEMORY_ATR}` } });
    expect(told).toEqual([0xa4, 0xb0, 0xb0]);
  });

  test('a card that is gone before it is known is not called foreign', async () => {
    const gone = { code: 'removed', cardStateUnknown: true, detail: '' } as const;
    expect(await recognise(scripted('T=0', [gone], { atr: PURSE_ATR.t0 }))).toMatchObject({
      error: { reason: 'removed' },
    });
  });
});

test('a memory card in a reader that cannot reach it: said, nothing is told', async () => {
  const card = scripted('T=0', [], { reader: 'Generic USB Reader 00 00', atr: MEMORY_ATR });
  expect(await recognise(card)).toEqual({
    ok: false,
    error: { reason: 'readerCannot', detail: 'Generic USB Reader 00 00' },
  });
  expect(card.told()).toEqual([]);
});

test.each([
  ['ACS ACR39U ICC Reader 00 00', 'acs'],
  ['ACS ACR38U-CCID 0', 'acs'],
  ['Advanced Card Systems ACR 1281 1S Dual Reader', 'acs'],
  ['Virtual PCD 00 00', 'virtual'],
  ['KOMIS virtual 00 01', 'virtual'],
  ['Gemalto PC Twin Reader 00 00', 'plain'],
  ['HID Global OMNIKEY 3x21 Smart Card Reader', 'plain'],
  ['', 'plain'],
])('the reader %s is of the kind %s', (name, profile) => {
  expect(profileOf(name).name).toBe(profile);
});

test('an ATR fits a mask in every bit that counts, and in length', () => {
  const mask = atrMask('3B 8A .. 50');
  expect(fits(mask, bytesOf('3B 8A 77 50'))).toBe(true);
  for (const other of ['3B 8A 77 51', '3B 8A 77', '3B 8A 77 50 00', ''])
    expect(fits(mask, bytesOf(other)), other).toBe(false);
  expect(() => atrMask('3B 8')).toThrow();
});
