import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { encodeFrame } from './frame.ts';
import { serialLink, SENDS, T1_MS, T2_MS, type SendOutcome } from './link.ts';
import { testClock } from './testing/clock.ts';
import { bytesOf, hexOf, testWire } from './testing/wire.ts';

const PAY = bytesOf('06 01 07 04 00 00 00 00 10 10');
const YES = bytesOf('80 00 00');
const ACK = bytesOf('06');
const NAK = bytesOf('15');

function setUp() {
  const clock = testClock();
  const wire = testWire();
  const heard: string[] = [];
  const beside: string[] = [];
  const link = serialLink(wire, clock, {
    apdu: (apdu) => void heard.push(hexOf(apdu)),
    beside: (direction, what) => void beside.push(`${direction} ${what}`),
  });
  const outcomes: SendOutcome[] = [];
  const send = (apdu: Uint8Array): void =>
    void link.send(apdu).then((outcome) => void outcomes.push(outcome));
  return { clock, wire, link, heard, beside, outcomes, send };
}

describe('sending', () => {
  test('a frame is sent once when its ACK comes', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    send(PAY);
    await clock.advance(T2_MS - 1);
    expect(wire.hex()).toEqual([hexOf(encodeFrame(PAY))]);
    link.receive(ACK);
    await clock.advance(10 * T2_MS);
    expect(outcomes).toEqual([{ kind: 'sent' }]);
    expect(wire.written).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });

  test('without ACK it is sent three times, T2 apart, then it is lost: it may have been heard', async () => {
    const { clock, wire, outcomes, send } = setUp();
    send(PAY);
    const seen: number[] = [];
    for (let passed = 0; passed < 4; passed += 1) {
      await clock.advance(T2_MS - 1);
      seen.push(wire.written.length);
      await clock.advance(1);
    }
    expect(seen).toEqual([1, 2, 3, 3]);
    expect(outcomes).toEqual([{ kind: 'lost', reason: posReason('silent', '3 sends') }]);
    expect(new Set(wire.hex())).toEqual(new Set([hexOf(encodeFrame(PAY))]));
  });

  test('NAK repeats at once, at most twice', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    send(PAY);
    for (let nak = 1; nak < SENDS; nak += 1) {
      link.receive(NAK);
      expect(wire.written).toHaveLength(nak + 1);
    }
    link.receive(NAK);
    await clock.settle();
    expect(wire.written).toHaveLength(SENDS);
    expect(outcomes).toEqual([{ kind: 'lost', reason: posReason('noise', '3 sends') }]);
  });

  test('NAK, then ACK: sent', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    send(PAY);
    link.receive(NAK);
    link.receive(ACK);
    await clock.settle();
    expect(outcomes).toEqual([{ kind: 'sent' }]);
    expect(wire.written).toHaveLength(2);
  });

  test('an answer whose ACK got lost proves that the command was heard: it is not repeated', async () => {
    const { clock, wire, link, heard, outcomes, send } = setUp();
    send(PAY);
    link.receive(encodeFrame(YES));
    await clock.advance(10 * T2_MS);
    expect(outcomes).toEqual([{ kind: 'sent' }]);
    expect(heard).toEqual(['800000']);
    expect(wire.hex()).toEqual([hexOf(encodeFrame(PAY)), '06']);
  });

  test('two sends go one after the other', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    send(YES);
    send(PAY);
    expect(wire.written).toHaveLength(1);
    link.receive(ACK);
    await clock.settle();
    expect(wire.hex()).toEqual([hexOf(encodeFrame(YES)), hexOf(encodeFrame(PAY))]);
    link.receive(ACK);
    await clock.settle();
    expect(outcomes).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
  });

  test('a line that was gone before the first byte: not sent', async () => {
    const { clock, wire, outcomes, send } = setUp();
    wire.break();
    send(PAY);
    await clock.settle();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['notSent']);
    expect(wire.written).toHaveLength(0);
  });

  test('a write that failed in the middle: lost, not "not sent"', async () => {
    const { clock, wire, outcomes, send } = setUp();
    wire.failNextWrite();
    send(PAY);
    await clock.settle();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['lost']);
  });

  test('the line ends: what was on its way is lost, what waited behind it was not sent', async () => {
    const { clock, link, outcomes, send } = setUp();
    send(YES);
    send(PAY);
    link.end(posReason('lineLost'));
    await clock.settle();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['lost', 'notSent']);
    expect(clock.timers()).toBe(0);
    expect(await link.send(PAY)).toEqual({ kind: 'notSent', reason: posReason('lineLost') });
  });

  test('an ACK nobody waits for is ignored', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    link.receive(ACK);
    send(PAY);
    await clock.settle();
    expect(outcomes).toEqual([]);
    expect(wire.written).toHaveLength(1);
  });
});

describe('receiving', () => {
  const STATUS = bytesOf('04 FF 01 0A');

  test('a frame is acknowledged before it is handed on', () => {
    const { wire, link, heard } = setUp();
    link.receive(encodeFrame(STATUS));
    expect(wire.hex()).toEqual(['06']);
    expect(heard).toEqual(['04ff010a']);
  });

  test('a frame that comes again because its ACK got lost is acknowledged and not acted on', async () => {
    const { clock, wire, link, heard, send } = setUp();
    link.receive(encodeFrame(STATUS));
    send(YES);
    link.receive(encodeFrame(STATUS));
    await clock.settle();
    expect(heard).toHaveLength(1);
    expect(wire.hex()).toEqual(['06', hexOf(encodeFrame(YES)), '06']);
  });

  test('the same words after our answer was acknowledged are new', async () => {
    const { clock, link, heard, send } = setUp();
    link.receive(encodeFrame(STATUS));
    send(YES);
    link.receive(ACK);
    await clock.settle();
    link.receive(encodeFrame(STATUS));
    expect(heard).toHaveLength(2);
  });

  test('a repetition does not count as the ACK of our answer', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    link.receive(encodeFrame(STATUS));
    send(YES);
    link.receive(encodeFrame(STATUS));
    await clock.settle();
    expect(outcomes).toEqual([]);
    await clock.advance(T2_MS);
    expect(wire.hex().filter((bytes) => bytes === hexOf(encodeFrame(YES)))).toHaveLength(2);
  });

  test('a wrong checksum: NAK, and the repetition is taken', () => {
    const { wire, link, heard } = setUp();
    const broken = encodeFrame(STATUS);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 0xff;
    link.receive(broken);
    expect(wire.hex()).toEqual(['15']);
    expect(heard).toEqual([]);
    link.receive(encodeFrame(STATUS));
    expect(wire.hex()).toEqual(['15', '06']);
    expect(heard).toEqual(['04ff010a']);
  });

  test('a frame that stops in the middle: NAK after T1, and the repetition is taken', async () => {
    const { clock, wire, link, heard } = setUp();
    const frame = encodeFrame(STATUS);
    link.receive(frame.slice(0, 5));
    await clock.advance(T1_MS - 1);
    expect(wire.hex()).toEqual([]);
    await clock.advance(1);
    expect(wire.hex()).toEqual(['15']);
    link.receive(frame);
    expect(heard).toEqual(['04ff010a']);
    expect(clock.timers()).toBe(0);
  });

  test('pauses shorter than T1 between all bytes do no harm', async () => {
    const { clock, wire, link, heard } = setUp();
    for (const byte of encodeFrame(STATUS)) {
      link.receive(Uint8Array.of(byte));
      await clock.advance(T1_MS - 1);
    }
    expect(heard).toEqual(['04ff010a']);
    expect(wire.hex()).toEqual(['06']);
  });

  test('broken framing: the rest of the frame is not taken for answers, NAK when the line is silent', async () => {
    const { clock, wire, link, outcomes, send } = setUp();
    send(YES);
    link.receive(bytesOf('10 02 04 10 55 06 06 15'));
    link.receive(bytesOf('06 06'));
    await clock.advance(T1_MS);
    expect(outcomes).toEqual([]);
    expect(wire.hex()).toEqual([hexOf(encodeFrame(YES)), '15']);
    link.receive(ACK);
    await clock.settle();
    expect(outcomes).toEqual([{ kind: 'sent' }]);
  });

  test('any bytes in any pieces: nothing throws, no timer is left after silence, and a whole frame is heard', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 }), async (pieces) => {
        const { clock, link, heard } = setUp();
        for (const piece of pieces) link.receive(piece);
        await clock.advance(2 * T1_MS);
        expect(clock.timers()).toBe(0);
        const before = heard.length;
        link.receive(encodeFrame(STATUS));
        expect(heard.slice(before)).toEqual(['04ff010a']);
      }),
      { numRuns: 300 },
    );
  });
});
