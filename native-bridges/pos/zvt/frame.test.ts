import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc16, encodeFrame, FrameDecoder, MAX_APDU, type FrameEvent } from './frame.ts';
import { bytesOf, hexOf } from './testing/wire.ts';

const heard = (...chunks: string[]): FrameEvent[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => decoder.push(bytesOf(chunk)));
};
const frame = (hex: string): FrameEvent => ({ kind: 'frame', apdu: bytesOf(hex) });
const YES = '10 02 80 00 00 10 03 F5 1F';

describe('the frame of PA00P016', () => {
  test('the checksum is CRC-16/KERMIT', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x2189);
    expect(crc16([])).toBe(0);
  });

  test('the shortest answer, as published', () => {
    expect(hexOf(encodeFrame(bytesOf('800000')))).toBe('1002800000' + '1003' + 'f51f');
    expect(heard(YES)).toEqual([frame('800000')]);
  });

  test('10 is doubled, and counts once in the checksum', () => {
    const apdu = bytesOf('06 01 07 04 00 00 00 00 10 10');
    const sent = encodeFrame(apdu);
    expect(hexOf(sent)).toContain('0000000010101010' + '1003');
    expect(sent.slice(-2)).toEqual(Uint8Array.of(crc16([...apdu, 3]) & 0xff, crc16([...apdu, 3]) >> 8));
  });

  test('a checksum of 10 is not doubled', () => {
    // Searched: an APDU whose checksum has a 10 at either place.
    const found = { low: 0, high: 0 };
    for (let value = 0; value < 0x10000 && (found.low === 0 || found.high === 0); value += 1) {
      const apdu = Uint8Array.of(0x04, 0xff, 0x02, value & 0xff, value >> 8);
      const sent = encodeFrame(apdu);
      const isLow = sent.at(-2) === 0x10;
      if (!isLow && sent.at(-1) !== 0x10) continue;
      found[isLow ? 'low' : 'high'] += 1;
      expect(new FrameDecoder().push(sent)).toEqual([{ kind: 'frame', apdu }]);
    }
    expect(Math.min(found.low, found.high)).toBeGreaterThan(0);
  });

  test('any APDU in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc.array(fc.constantFrom(0x10, 2, 3, 6, 0x15)).map((all) => Uint8Array.from(all)),
          ),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (apdus, sizes) => {
          const line = apdus.flatMap((apdu) => [...encodeFrame(apdu)]);
          const decoder = new FrameDecoder();
          const events: FrameEvent[] = [];
          for (let at = 0, turn = 0; at < line.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            events.push(...decoder.push(Uint8Array.from(line.slice(at, at + size))));
            at += size;
          }
          expect(events).toEqual(apdus.map((apdu) => ({ kind: 'frame', apdu })));
          expect(decoder.pending).toBe(false);
        },
      ),
    );
  });
});

describe('what else comes from a line', () => {
  test('answers between frames, and nothing but answers', () => {
    expect(heard('06', '15', '00 ff 33', '06')).toEqual([{ kind: 'ack' }, { kind: 'nak' }, { kind: 'ack' }]);
    expect(heard(`06 ${YES} 15`)).toEqual([{ kind: 'ack' }, frame('800000'), { kind: 'nak' }]);
  });

  test('06 and 15 inside a frame are data', () => {
    expect(new FrameDecoder().push(encodeFrame(bytesOf('040f020615')))).toEqual([frame('040f020615')]);
  });

  test('noise in front of a frame, even half a beginning', () => {
    expect(heard('10', `10 ${YES}`)).toEqual([frame('800000')]);
    expect(heard(`02 10 03 10 ff ${YES}`)).toEqual([frame('800000')]);
  });

  test('a beginning inside a frame begins a new one', () => {
    expect(heard(`10 02 04 0f 33 ${YES}`)).toEqual([frame('800000')]);
  });

  test('10 before anything else is a broken frame, and the next is found', () => {
    expect(heard('10 02 04 10 04')).toEqual([{ kind: 'error', why: 'framing' }]);
    expect(heard(`10 02 04 10 04 ${YES}`).at(-1)).toEqual(frame('800000'));
  });

  test('one bit of the checksum', () => {
    expect(heard('10 02 80 00 00 10 03 F5 1E')).toEqual([{ kind: 'error', why: 'crc' }]);
    expect(heard('10 02 80 00 01 10 03 F5 1F', YES)).toEqual([
      { kind: 'error', why: 'crc' },
      frame('800000'),
    ]);
  });

  test('a frame without its checksum does not take the next with it', () => {
    expect(heard(`10 02 04 ff 01 0a 10 03 ${YES}`)).toEqual([{ kind: 'error', why: 'crc' }, frame('800000')]);
    expect(heard(`10 02 04 ff 01 0a 10 03 33 ${YES}`)).toEqual([
      { kind: 'error', why: 'crc' },
      frame('800000'),
    ]);
  });

  test('every single flipped bit is noticed', () => {
    const sent = encodeFrame(bytesOf('04 0f 09 27 00 04 00 00 00 00 10 10'));
    for (let bit = 0; bit < sent.length * 8; bit += 1) {
      const broken = Uint8Array.from(sent);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(new FrameDecoder().push(broken).filter(({ kind }) => kind === 'frame')).toEqual([]);
    }
  });

  test('pending while a frame has begun, not for noise; reset forgets', () => {
    const decoder = new FrameDecoder();
    const after = (hex: string): boolean => {
      decoder.push(bytesOf(hex));
      return decoder.pending;
    };
    expect(after('33 10')).toBe(false);
    expect(after('02')).toBe(true);
    expect(after('80 10')).toBe(true);
    expect(after('03')).toBe(true);
    expect(after('F5')).toBe(true);
    decoder.reset();
    expect(decoder.pending).toBe(false);
    expect(decoder.push(bytesOf(YES))).toEqual([frame('800000')]);
  });

  test('the longest APDU is taken, one byte more is not, and no more is held', () => {
    const longest = new Uint8Array(MAX_APDU).fill(0x41);
    expect(new FrameDecoder().push(encodeFrame(longest))).toEqual([{ kind: 'frame', apdu: longest }]);
    const decoder = new FrameDecoder();
    const events = decoder.push(encodeFrame(new Uint8Array(MAX_APDU + 1).fill(0x41)));
    expect(events).toEqual([{ kind: 'error', why: 'tooLong' }]);
    expect(decoder.heldBytes).toBe(0);
    expect(decoder.push(bytesOf(YES))).toEqual([frame('800000')]);
  });
});
