import { describe, expect, test } from 'vitest';
import { POS_REASONS } from '../../../contracts/pos-reasons.ts';
import { passesByItself, reasonOfError, reasonOfStatus } from './reasons.ts';

const BYTES = Array.from({ length: 0x100 }, (_, byte) => byte);

describe('error ids', () => {
  test.each([
    [0x05, 'declined'],
    [51, 'insufficientFunds'],
    [54, 'cardExpired'],
    [55, 'wrongPin'],
    [91, 'hostAway'],
    [0x63, 'declined'],
    [0x64, 'cardUnreadable'],
    [0x6a, 'memoryFull'],
    [0x6b, 'notRegistered'],
    [0x6c, 'cancelled'],
    [0x6f, 'currencyWrong'],
    [0x77, 'endOfDayImpossible'],
    [0x78, 'cardExpired'],
    [0x7a, 'cardUnknown'],
    [0x83, 'functionImpossible'],
    [0x9a, 'protocolError'],
    [0x9c, 'busy'],
    [0xa0, 'hostAway'],
    [0xb2, 'memoryFull'],
    [0xb4, 'alreadyReversed'],
    [0xb5, 'reversalImpossible'],
    [0xc3, 'amountNotAllowed'],
    [0xcc, 'printerTrouble'],
    [0xdc, 'cardStillIn'],
    [0xdf, 'outOfOrder'],
    [0xf0, 'endOfDayOpen'],
    [0xff, 'other'],
  ])('%i is %s', (error, code) => {
    expect(reasonOfError(error).code).toBe(code);
  });

  test('every one has words, and the id itself stands beside them for the bank', () => {
    for (const error of BYTES) {
      const { code, detail } = reasonOfError(error);
      expect(Object.keys(POS_REASONS)).toContain(code);
      expect(detail).toBe(`ZVT ${error.toString(16).toUpperCase().padStart(2, '0')}`);
    }
  });

  test('none given proves nothing', () => {
    expect(reasonOfError(null).code).toBe('answerUnclear');
  });
});

describe('what a terminal says of itself', () => {
  test.each([
    [0x51, 'initialisationNeeded'],
    [0x62, 'clockWrong'],
    [0x9c, 'busy'],
    [0xc2, 'diagnosisNeeded'],
    [0xcc, 'printerTrouble'],
    [0xdc, 'cardStillIn'],
    [0xe1, 'cardStillIn'],
    [0xf0, 'endOfDayOpen'],
  ])('%i is %s', (status, code) => {
    expect(reasonOfStatus(status)?.code).toBe(code);
  });

  test('00 alone is ready: what nobody knows is not', () => {
    expect(BYTES.filter((status) => reasonOfStatus(status) === null)).toEqual([0]);
    for (const status of BYTES.slice(1))
      expect(Object.keys(POS_REASONS)).toContain(reasonOfStatus(status)?.code);
  });

  test('what is cured by somebody is not waited for', () => {
    expect(BYTES.filter(passesByItself)).toEqual([0x9c, 0xdc, 0xe1]);
  });
});
