import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from './bytes.ts';
import type { Connection } from './drivers/connection.ts';
import { logged, maskAnswer, maskCommand } from './log.ts';
import { centreKeys } from './testing/centre.ts';
import { loadOnce, readAgain, SPECS } from './testing/conformance.ts';
import { deckOf } from './testing/deck-bench.ts';
import { connectTo } from './testing/deck-connection.ts';
import { scripted } from './testing/scripted-connection.ts';

describe('a line of the log', () => {
  test.each([
    ['FF 20 00 00 03 AB CD EF', 'FF 20 00 00 Lc 3 ‹3 bytes›'],
    ['00 20 00 01 04 31 32 33 34', '00 20 00 01 Lc 4 ‹4 bytes›'],
    ['FF 82 00 00 06 FF FF FF FF FF FF', 'FF 82 00 00 Lc 6 ‹6 bytes›'],
    ['FF D0 00 40 02 AB CD', 'FF D0 00 40 Lc 2 ‹2 bytes›'],
    ['80 42 00 00 08 01 02 03 04 05 06 07 08 10', '80 42 00 00 Lc 8 ‹8 bytes› Le 16'],
    ['FF B0 00 40 28', 'FF B0 00 40 Le 40'],
    ['FF A4 00 00 01 06', 'FF A4 00 00 Lc 1 06'],
    ['FF 20 00 00 04 AB CD EF', '‹8 bytes›'],
  ])('%s', (apdu, text) => {
    expect(maskCommand(bytesOf(apdu))).toBe(text);
  });

  test('answers: status and order may be read, MACs and memory not', () => {
    const status = `${'AA'.repeat(79)}${'BB'.repeat(8)}9000`;
    expect(maskAnswer(bytesOf('80 50 00 00'), bytesOf(status))).toBe(
      `${Array.from({ length: 79 }, () => 'AA').join(' ')} ‹8 bytes› 90 00`,
    );
    expect(maskAnswer(bytesOf('FF B0 00 40 02'), bytesOf('AABB9000'))).toBe('‹2 bytes› 90 00');
    expect(maskAnswer(bytesOf('FF 20 00 00 03 AB CD EF'), bytesOf('9007'))).toBe('90 07');
    expect(maskAnswer(bytesOf('80 50 00 00'), bytesOf('AABB'))).toBe('‹2 bytes, no status word›');
  });

  test('an answer in pieces shows no more than a whole one', async () => {
    const lines: string[] = [];
    const pieces = scripted('T=0', [
      '6129',
      `${'AA'.repeat(30)}610B`,
      `${'AA'.repeat(3)}${'BB'.repeat(8)}9000`,
    ]);
    const connection = logged(
      pieces,
      ({ answer }) => lines.push(answer),
      () => 0,
    );
    for (const apdu of ['80 40 00 00 01 AA', '00 C0 00 00 29', '00 C0 00 00 0B'])
      await connection.transmit(bytesOf(apdu), { deadlineMs: 1 });
    expect(lines.join('\n')).not.toContain('BB');
    expect(lines[2]).toBe('AA AA AA ‹8 bytes› 90 00');
  });
});

test('nothing that must not be kept passes: whole loads of every kind of card', async () => {
  for (const spec of [SPECS.purse, SPECS.purseT1, SPECS.memory, SPECS.memoryWithProtection]) {
    const deck = deckOf(spec);
    deck.insert(spec.key, 0);
    const lines: string[] = [];
    /** Every byte string that went over the wire and must not be in the log. */
    const secrets: string[] = [];
    const watched: Connection = {
      ...connectTo(deck),
      async transmit(apdu, deadline) {
        const answer = await raw.transmit(apdu, deadline);
        const hex = hexOf(apdu);
        if (hex.startsWith('8042')) secrets.push(hex.slice(10, 26));
        if (hex.startsWith('FF20')) secrets.push(hex.slice(10, 16));
        if (hex.startsWith('FFD0')) secrets.push(hex.slice(-16), hex.slice(10, -16));
        if (answer.ok && answer.value.length > 10 && spec.kind === 'purse') {
          const ends = hexOf(answer.value.slice(0, -2)).slice(-16);
          if (!ends.endsWith('C50101')) secrets.push(ends); // the FCI has no MAC
        }
        return answer;
      },
    };
    const raw = connectTo(deck);
    const connection = logged(
      watched,
      ({ command, answer }) => lines.push(`${command} → ${answer}`),
      () => performance.now(),
    );
    for (let i = 0; i < 3; i += 1)
      expect(await loadOnce(connection, 1000, new Uint8Array(randomBytes(16)))).toBe('loaded');
    const { card } = await readAgain(connection);
    // Three bytes of code might stand among a purse card's random ones by chance; it has no code.
    const { psc, ...long } = centreKeys(card.identity);
    const keys = [...Object.values(long), ...(spec.kind === 'memory' ? [psc] : [])].map(hexOf);
    const text = lines.join('\n').replaceAll(' ', '');
    expect(secrets.length).toBeGreaterThanOrEqual(6);
    expect(lines.length).toBeGreaterThan(10);
    for (const secret of [...secrets, ...keys]) expect(text).not.toContain(secret);
  }
});
