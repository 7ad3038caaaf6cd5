import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CommandError,
  decodeCommand,
  decodeResponse,
  encodeCommand,
  encodeResponse,
  type Command,
} from './apdu.ts';
import { bytesOf, spaced } from './bytes.ts';

const head = { cla: 0x80, ins: 0x50, p1: 0x01, p2: 0x02 };
const data = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
const encoded = (command: Partial<Command>, form?: 'short' | 'extended'): string =>
  spaced(encodeCommand({ ...head, ...command }, form));

describe('a command as bytes', () => {
  test('the four cases, short', () => {
    expect(encoded({})).toBe('80 50 01 02');
    expect(encoded({ le: 1 })).toBe('80 50 01 02 01');
    expect(encoded({ le: 256 })).toBe('80 50 01 02 00');
    expect(encoded({ data: data(2) })).toBe('80 50 01 02 02 5A 5A');
    expect(encoded({ data: data(2), le: 0x57 })).toBe('80 50 01 02 02 5A 5A 57');
    expect(encoded({ data: data(0), le: 2 })).toBe('80 50 01 02 02');
  });

  test('the four cases, extended', () => {
    expect(encoded({}, 'extended')).toBe('80 50 01 02');
    expect(encoded({ le: 65_536 }, 'extended')).toBe('80 50 01 02 00 00 00');
    expect(encoded({ data: data(2) }, 'extended')).toBe('80 50 01 02 00 00 02 5A 5A');
    expect(encoded({ data: data(1), le: 300 }, 'extended')).toBe('80 50 01 02 00 00 01 5A 01 2C');
    expect(encodeCommand({ ...head, data: data(65_535) }, 'extended')).toHaveLength(4 + 3 + 65_535);
  });

  test.each<[string, Partial<Command>, 'short' | 'extended']>([
    ['more data than a short one takes', { data: data(256) }, 'short'],
    ['more data than any takes', { data: data(65_536) }, 'extended'],
    ['an answer longer than a short one fetches', { le: 257 }, 'short'],
    ['an answer longer than any', { le: 65_537 }, 'extended'],
    ['an answer of nothing', { le: 0 }, 'short'],
    ['half a byte', { le: 1.5 }, 'short'],
    ['a class that is no byte', { cla: 256 }, 'short'],
    ['a parameter below zero', { p2: -1 }, 'short'],
    ['an instruction that T=0 takes for a status', { ins: 0x61 }, 'short'],
    ['another one', { ins: 0x9a }, 'short'],
  ])('refused: %s', (_, command, form) => {
    expect(() => encodeCommand({ ...head, ...command }, form)).toThrow(CommandError);
  });

  test('what is encoded is decoded; other bytes are no command', () => {
    const byte = fc.nat(255);
    const command = fc.record(
      {
        cla: byte,
        ins: byte.filter((ins) => (ins & 0xf0) !== 0x60 && (ins & 0xf0) !== 0x90),
        p1: byte,
        p2: byte,
        data: fc.uint8Array({ minLength: 1, maxLength: 400 }),
        le: fc.integer({ min: 1, max: 65_536 }),
      },
      { requiredKeys: ['cla', 'ins', 'p1', 'p2'] },
    );
    fc.assert(
      fc.property(command, fc.constantFrom('short', 'extended'), (one, wish) => {
        const fitsShort = (one.data?.length ?? 0) <= 255 && (one.le ?? 1) <= 256;
        const form = fitsShort ? wish : 'extended';
        expect(decodeCommand(encodeCommand(one, form))).toEqual(one);
      }),
    );
    for (const text of [
      '',
      '80',
      '80 50 01',
      '80 50 01 02 02 5A',
      '80 50 01 02 00 00',
      '80 50 01 02 01 5A 01 02',
    ])
      expect(decodeCommand(bytesOf(text)), text).toBeNull();
  });
});

describe('an answer as bytes', () => {
  test('data and status word', () => {
    expect(decodeResponse(bytesOf('9000'))).toEqual({ data: data(0), sw1: 0x90, sw2: 0, sw: 0x9000 });
    expect(decodeResponse(bytesOf('5A 5A 69 85'))).toMatchObject({ data: data(2), sw: 0x6985 });
    expect(encodeResponse(0x6a82, data(1))).toEqual(bytesOf('5A 6A 82'));
  });

  test('what has no status word at its end says nothing of the card', () => {
    for (const text of ['', '90', '0000', '6000', '5A 8F FF', 'A0 00'])
      expect(decodeResponse(bytesOf(text)), text).toBeNull();
  });
});
