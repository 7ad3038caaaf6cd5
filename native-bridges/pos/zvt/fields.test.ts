import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { posResultSchema } from '../../../contracts/pos.ts';
import { BITMAPS } from './bitmaps.ts';
import { decodeApdu, encodeApdu } from './apdu.ts';
import type { Fields, Message } from './message.ts';
import { numbersFrom } from './testing/messages.ts';
import { bytesOf, hexOf } from './testing/wire.ts';
import { decodeTlv, encodeTlv } from './tlv.ts';

/** A message with its data's length put in. */
const apdu = (code: string, data = ''): Uint8Array => {
  const { length } = bytesOf(data);
  return bytesOf(`${code}${length.toString(16).padStart(2, '0')}${data}`);
};

const read = (bytes: Uint8Array): { message: Message; doubts: readonly string[] } => {
  const decoded = decodeApdu(bytes, { pending: null });
  if (decoded.kind !== 'message') throw new Error(JSON.stringify(decoded));
  return decoded;
};
const status = (data: string): Fields & { doubts: readonly string[] } => {
  const { message, doubts } = read(apdu('040f', data));
  return { ...(message as Fields & { name?: string }), doubts };
};

describe('a status information', () => {
  const WHOLE =
    '2700' +
    '04000000001010' +
    '490944' +
    '0b000123' +
    '0c143521' +
    '0d1127' +
    '0e2912' +
    '170001' +
    '2999000001' +
    '2a' +
    '4b4f4d495354455354202020202020' +
    '22f0f841697388888812' +
    '34' +
    '8a0a' +
    '8bf0f556495341' +
    '00' +
    '3b' +
    '4142313200000000' +
    '870042' +
    '88000007' +
    'a000' +
    '3cf0f0f5' +
    '53616c616d';

  test('all of it', () => {
    expect(status(WHOLE)).toEqual({
      name: 'statusInformation',
      result: 0,
      amount: 1010,
      currency: 944,
      trace: '000123',
      time: '143521',
      date: '1127',
      terminalId: '99000001',
      merchantId: 'KOMISTEST',
      maskedPan: '416973******1234',
      cardType: 10,
      cardName: 'VISA',
      authCode: 'AB12',
      receiptNo: '0042',
      turnoverNo: '000007',
      hostResult: 0,
      text: 'Salam',
      doubts: [],
    });
  });

  test('every bitmap has its length: none of them desynchronises what follows', () => {
    const ones = '01 02 03 05 19 72 73 74 75 8a 8c a0 d0 d2 d3 e0 e9 ea f0 f9 fa fb fc fd'.split(' ');
    const fixed: Record<number, string[]> = {
      1: ones,
      2: '0d 0e 17 3a 87'.split(' '),
      3: '0b 0c 37 3d 88 aa'.split(' '),
      4: '29 70 71'.split(' '),
      5: ['ba'],
      8: '3b eb'.split(' '),
      15: ['2a'],
    };
    const ll = '22 23 2d 4c 8b a7 d1 e1 e2 e3 e4 e5 e6 e7 e8 f1 f2 f3 f4 f5 f6 f7 f8'.split(' ');
    const lll = '24 2e 3c 60 92 9a af'.split(' ');
    const cases = [
      ...Object.entries(fixed).flatMap(([length, ids]) => ids.map((id) => id + '11'.repeat(Number(length)))),
      ...ll.map((id) => `${id}f1f2${'11'.repeat(12)}`),
      ...lll.map((id) => `${id}f0f1f2${'11'.repeat(12)}`),
      '0603120140',
    ];
    // And 04, 27 and 49.
    expect(BITMAPS.size).toBe(cases.length + 3);
    for (const one of cases) {
      expect(status(`2700${one}04000000001010`)).toMatchObject({ result: 0, amount: 1010, doubts: [] });
    }
  });

  test('digits that are none make a doubt, not a number', () => {
    const broken = status('2700' + '0400000000101a' + '49094f' + '87ffff' + '0b00012e');
    expect(broken.doubts).toHaveLength(4);
    expect(broken.result).toBe(0);
    for (const name of ['amount', 'currency', 'receiptNo', 'trace'] as const)
      expect(broken[name]).toBeUndefined();
  });

  test('a long trace is in 1F2B, the unique name in 1F1F', () => {
    const said = status('0b000000' + '060d' + '1f2b0400123456' + '1f1f0312ab34');
    expect(said).toMatchObject({ trace: '00123456', reference: '12ab34', doubts: [] });
    expect(status('0b000007' + '0607' + '1f2b0400123456').trace).toBe('000007');
    expect(status('0603' + '1f1f00').reference).toBeUndefined();
  });

  test('a field said twice: the same is the same, and a contradiction is no number', () => {
    expect(status('2700' + '2700')).toMatchObject({ result: 0, doubts: [] });
    const twice = status('2700' + '04000000001010' + '276c' + '04000000001011' + '870042');
    expect(twice).toMatchObject({ receiptNo: '0042' });
    expect(twice.result).toBeUndefined();
    expect(twice.amount).toBeUndefined();
    expect(twice.doubts).toHaveLength(2);
  });

  test('a message that ends in the middle of a field', () => {
    const whole = bytesOf(WHOLE);
    for (let length = 0; length < whole.length; length += 1) {
      const cut = status(hexOf(whole.subarray(0, length)));
      const { doubts, name, ...fields } = cut as Fields & { doubts: readonly string[]; name?: string };
      expect(name).toBe('statusInformation');
      expect(status(WHOLE)).toMatchObject(fields);
      expect(doubts.length).toBeLessThanOrEqual(1);
    }
    expect(status('2700' + '0400000000').doubts).toEqual(['bitmap 04 at 2 is cut off']);
  });
});

describe('an unknown bitmap', () => {
  test('what was read before it stands', () => {
    const said = status('2700' + '04000000001010' + '870042' + 'c1' + 'deadbeef');
    expect(said).toMatchObject({ result: 0, amount: 1010, receiptNo: '0042' });
    expect(said.doubts).toEqual(['bitmap C1 at 12 is unknown']);
  });

  test('what stands behind it is found, whatever its length', () => {
    for (let length = 0; length < 40; length += 1) {
      const unknown = `c1${'dd'.repeat(length)}`;
      const said = status(`${unknown}0c1435210d1127` + '2700' + '04000000001010' + '870042' + '0b000123');
      expect(said).toMatchObject({ result: 0, amount: 1010, receiptNo: '0042', trace: '000123' });
      expect(said.doubts).toEqual(['bitmap C1 at 0 is unknown; read behind it: 27 04 87 0B']);
    }
  });

  test('what comes first behind it may be its tail: that is no result', () => {
    const said = status('0c143521' + 'c15555' + '2700' + '04000000001010' + '870042' + '0b000123');
    expect(said.result).toBeUndefined();
    expect(said).toMatchObject({ amount: 1010, receiptNo: '0042', trace: '000123' });
  });

  test('nothing is made up of what does not reach the end', () => {
    const said = status('c1' + '0c143521' + '2700' + '04000000001010' + 'c2ff');
    expect(said).toEqual({ name: 'statusInformation', doubts: ['bitmap C1 at 0 is unknown'] });
  });

  test('what is behind it never changes what was before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        const said = status(`2705${'04000000001010'}870042c1${hexOf(tail)}`);
        expect(said).toMatchObject({ result: 5, amount: 1010, receiptNo: '0042' });
      }),
    );
  });

  test('whatever the unknown one holds: no result and no other amount comes out of it', () => {
    const below = numbersFrom(20_261_127);
    for (let run = 0; run < 50_000; run += 1) {
      const inside = Uint8Array.from({ length: below(24) }, () => below(256));
      const said = status(`c1${hexOf(inside)}0c14352104000000001010870042`);
      expect([said.result, said.amount === 1010 || said.amount === undefined]).toEqual([undefined, true]);
    }
  });
});

describe('cards', () => {
  const pan = (hex: string): string | undefined => status(`22f0f${String(hex.length / 2)}${hex}`).maskedPan;

  test('in the clear, masked by the terminal, of odd length', () => {
    expect(pan('4169730000010018')).toBe('416973******0018');
    expect(pan('416973eeeeee0018')).toBe('416973******0018');
    expect(pan('eeeeeeeeeeee0018')).toBe('************0018');
    expect(pan('416973eeeeeeeeee')).toBe('416973**********');
    expect(status('22f1f0' + '676200000001001600' + '3f').maskedPan).toBe('676200*********6003');
    expect(pan('41a9')).toBeUndefined();
    expect(status('22f0f241a9').doubts).toEqual(['bitmap 22 is no card number']);
    expect(status('22f0f0').maskedPan).toBeUndefined();
  });

  test('of any number at most six digits in front and four behind are read', () => {
    const shape = posResultSchema.shape.maskedPan.unwrap();
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9e]{2,38}$/), (nibbles) => {
        const even = nibbles.length % 2 === 0 ? nibbles : `${nibbles}f`;
        const length = String(even.length / 2).padStart(2, '0');
        const masked = status(`22f${length.charAt(0)}f${length.charAt(1)}${even}`).maskedPan ?? '';
        expect(shape.safeParse(masked).success).toBe(true);
        expect(masked).toHaveLength(nibbles.length);
      }),
    );
  });

  test('tracks, chip data and the code on the back do not come out', () => {
    const secret = '4169730000010018';
    const data =
      `23f0f8${secret}` +
      `24f0f0f8${secret}` +
      `2df0f8${secret}` +
      `2ef0f0f8${secret}` +
      '3a0123' +
      '0618' +
      `5708${secret}` +
      '600c' +
      `5a08${secret}` +
      '4400';
    const decoded = decodeApdu(apdu('040f', `2700${data}`), { pending: null });
    expect(
      JSON.stringify(decoded, (_, value: unknown) => (value instanceof Uint8Array ? hexOf(value) : value)),
    ).not.toMatch(/0000010018|0123/);
    expect(decoded).toMatchObject({ kind: 'message', message: { result: 0 } });
  });

  test('EMV tracks are taken out of containers in containers', () => {
    const inside = encodeTlv([
      { tag: 0x5a, value: bytesOf('4169730000010018') },
      { tag: 0x44, value: bytesOf('56495341') },
    ]);
    const tlv = [{ tag: 0x60, value: encodeTlv([{ tag: 0x60, value: inside }]) }];
    const { message } = read(encodeApdu({ name: 'statusInformation', tlv }));
    const kept = (message as Fields).tlv?.[0]?.value ?? new Uint8Array();
    expect(hexOf(kept)).toBe('6006440456495341');
    expect(decodeTlv(kept).rest).toHaveLength(0);
  });
});
