import fc from 'fast-check';
import { expect, test } from 'vitest';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { rawLink } from './raw-link.ts';
import { bytesOf, hexOf, testWire } from './testing/wire.ts';

const APDUS = ['800000', '04ff010a', '060f00', `06d1ff2c01${'41'.repeat(300)}`, `04010a${'00'.repeat(10)}`];

test('any pieces, any joints: the same APDUs in their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...APDUS), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 })),
      (sent, cuts) => {
        const heard: string[] = [];
        const link = rawLink(testWire(), { apdu: (apdu) => void heard.push(hexOf(apdu)) });
        let rest = bytesOf(sent.join(''));
        for (const cut of cuts) {
          link.receive(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        link.receive(rest);
        expect(heard).toEqual(sent);
      },
    ),
  );
});

test('what is sent goes out bare and in order; nothing goes out over a line that is gone', async () => {
  const wire = testWire();
  const link = rawLink(wire, { apdu: () => undefined });
  await Promise.all([link.send(bytesOf('050100')), link.send(bytesOf('800000'))]);
  expect(wire.hex()).toEqual(['050100', '800000']);
  wire.failNextWrite();
  expect((await link.send(bytesOf('060100'))).kind).toBe('lost');
  wire.break();
  expect((await link.send(bytesOf('060100'))).kind).toBe('notSent');
  link.end(posReason('stopped'));
  expect(await link.send(bytesOf('060100'))).toEqual({ kind: 'notSent', reason: posReason('stopped') });
});

test('after its end nothing is heard', () => {
  const heard: string[] = [];
  const link = rawLink(testWire(), { apdu: (apdu) => void heard.push(hexOf(apdu)) });
  link.end(posReason('stopped'));
  link.receive(bytesOf('800000'));
  expect(heard).toEqual([]);
});
