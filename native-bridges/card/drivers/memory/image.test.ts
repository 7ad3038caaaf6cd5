import { describe, expect, test } from 'vitest';
import {
  IMAGE_BYTES,
  METER_AREA_AT,
  SLOT_AT,
  writeRecordBody,
} from '../../../../contracts/rules/meter-card/memory-card.ts';
import { writeMeterArea } from '../../../../contracts/rules/meter-card/meter-area.ts';
import { nonce } from '../../testing/conformance.ts';
import { viewOf } from './image.ts';

type Written = { readonly sequence: number; readonly amount: number; readonly credit: number };

function imageWith(a: Written | null, b: Written | null, takenThrough: number, blank = 0xff): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES).fill(blank);
  if (a !== null) image.set(writeRecordBody({ ...a, loadId: nonce() }), SLOT_AT.a);
  if (b !== null) image.set(writeRecordBody({ ...b, loadId: nonce() }), SLOT_AT.b);
  const area = {
    tamper: false,
    batteryLow: false,
    shutOff: false,
    remaining: 0,
    consumption: 0,
    lastTaken: 0,
  };
  image.set(
    writeMeterArea({ ...area, known: true, takenThrough, writtenAt: null, meter: 'EM1' }),
    METER_AREA_AT,
  );
  return image;
}
const record = (sequence: number, amount: number, credit: number): Written => ({ sequence, amount, credit });

describe('what a till can say of the balance', () => {
  test.each([
    ['never loaded', null, null, 0, 0],
    ['the meter has taken nothing', record(1, 300, 300), null, 0, 300],
    ['nothing, of two loads', record(1, 300, 300), record(2, 500, 800), 0, 800],
    ['all', record(3, 100, 900), record(2, 500, 800), 3, 0],
    ['all but the last', record(3, 100, 900), record(2, 500, 800), 2, 100],
    [
      'what does not stand on the card any more: nothing is guessed',
      record(3, 100, 900),
      record(2, 500, 800),
      1,
      null,
    ],
    ['a credit that has gone round', record(2, 50, 10), record(1, 0xffffffd8, 0xffffffd8), 1, 50],
  ])('%s', (_, a, b, taken, balance) => {
    expect(viewOf(imageWith(a, b, taken)).balance).toBe(balance);
  });

  test('a slot of zeros is blank as one of FF is; the highest sequence counts', () => {
    expect(viewOf(imageWith(null, null, 0, 0x00))).toMatchObject({ counter: 0, balance: 0, last: null });
    expect(viewOf(imageWith(record(7, 1, 10), record(8, 2, 12), 7))).toMatchObject({
      counter: 8,
      last: { amount: 2 },
      meter: { takenThrough: 7, meter: 'EM1' },
    });
  });

  test.each([
    ['the first, torn', record(1, 5, 0xffffffff), null, 0],
    ['a sequence torn in the middle of a carry', record(0xff, 100, 900), record(0x1ff, 90, 800), 0xff],
    ['a sequence written, the rest still the old one', record(8, 100, 900), record(9, 90, 800), 8],
  ])('a torn record is not taken for the state where that can be seen: %s', (_, a, b, counter) => {
    expect(viewOf(imageWith(a, b, 0)).counter).toBe(counter);
    expect(viewOf(imageWith(b, a, 0)).counter).toBe(counter);
  });
});
