import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureOf, isFatal, type PcscCall } from './codes.ts';
import { CARD_FAILURE_WORDS } from './port.ts';

const CALLS: readonly PcscCall[] = [
  'EstablishContext',
  'Connect',
  'Reconnect',
  'Status',
  'BeginTransaction',
  'EndTransaction',
  'Transmit',
  'Control',
];
const anyCode = fc.oneof(
  fc.integer({ min: 0x8010_0001, max: 0x8010_0072 }),
  fc.integer({ min: 1, max: 0xffff_ffff }),
);

describe('a failed call', () => {
  test('is one of the closed set, whatever the service answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CALLS), anyCode, (call, code) => {
        expect(Object.keys(CARD_FAILURE_WORDS)).toContain(failureOf(call, code).code);
      }),
    );
  });

  test('leaves the card unknown after every command, and after nothing that sends none', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(failureOf('Transmit', code).cardStateUnknown).toBe(true);
        for (const call of CALLS.filter((one) => one !== 'Transmit' && one !== 'Control')) {
          expect(failureOf(call, code).cardStateUnknown).toBe(false);
        }
      }),
    );
  });

  test('of a control code is only harmless where the driver does not know the code', () => {
    for (const code of [0x1, 0x32, 0x8010_001f]) {
      expect(failureOf('Control', code)).toMatchObject({ code: 'unsupported', cardStateUnknown: false });
      expect(failureOf('Transmit', code).code).not.toBe('unsupported');
    }
    expect(failureOf('Control', 0x8010_0069)).toMatchObject({ code: 'removed', cardStateUnknown: true });
  });

  test.each([
    [0x8010_001d, 'noService'],
    [0x8010_001e, 'noService'],
    [0x8010_0003, 'noService'],
    [0x8010_002e, 'noReader'],
    [0x8010_0009, 'noReader'],
    [0x8010_0017, 'noReader'],
    [0x8010_000c, 'noCard'],
    [0x8010_0069, 'removed'],
    [0x8010_0068, 'wasReset'],
    [0x8010_000b, 'sharing'],
    [0x8010_0066, 'mute'],
    [0x8010_000f, 'unsupported'],
    [0x8010_0013, 'comm'],
    [0x8010_002f, 'comm'],
    [0x8010_0016, 'comm'],
  ] as const)('%i is %s', (code, name) => {
    expect(failureOf('Connect', code).code).toBe(name);
  });

  test('names the call and the code for support', () => {
    expect(failureOf('Transmit', 0x8010_0069).detail).toBe('SCardTransmit 0x80100069');
  });
});

test('a card that was reset or held can be worked with again, one that is gone cannot', () => {
  expect((['wasReset', 'sharing', 'comm', 'unsupported', 'unknownState'] as const).some(isFatal)).toBe(false);
  expect((['removed', 'noReader', 'noService', 'timeout', 'processEnded'] as const).every(isFatal)).toBe(
    true,
  );
});
