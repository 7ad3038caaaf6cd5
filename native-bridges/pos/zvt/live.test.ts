import { expect, test } from 'vitest';
import { LIVE_CODES } from '../../../contracts/pos.ts';
import { isAutoReversal, liveCodeOf } from './live.ts';

const BYTES = Array.from({ length: 0x100 }, (_, byte) => byte);

test.each([
  [0x00, 'confirmAmount'],
  [0x01, 'seePinPad'],
  [0x02, 'seePinPad'],
  [0x04, 'waitingForHost'],
  [0x05, 'autoReversal'],
  [0x0a, 'insertCard'],
  [0x0b, 'removeCard'],
  [0x0e, 'pleaseWait'],
  [0x15, 'wrongPin'],
  [0x17, 'pleaseWait'],
  [0x1d, 'declined'],
  [0x41, 'removeCard'],
  [0x45, 'autoReversal'],
  [0x5d, 'removeCard'],
  [0xc8, 'waitingForCashier'],
  [0xd2, 'dialling'],
  [0xff, 'text'],
])('intermediate status %i is %s', (status, code) => {
  expect(liveCodeOf(status)).toBe(code);
});

test('every status has words; of one that nobody knows the terminal’s own are shown', () => {
  for (const status of BYTES) expect(LIVE_CODES).toContain(liveCodeOf(status));
  expect(liveCodeOf(0x7f)).toBe('text');
});

test('a charge that is taken back is seen, with the card still in or not, and nothing else passes for it', () => {
  expect(BYTES.filter(isAutoReversal)).toEqual([0x05, 0x45]);
  expect(BYTES.filter((status) => liveCodeOf(status) === 'autoReversal')).toEqual([0x05, 0x45]);
});
