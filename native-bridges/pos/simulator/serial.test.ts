import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { encodeApdu } from '../zvt/apdu.ts';
import { encodeFrame, type FrameEvent } from '../zvt/frame.ts';
import { simulatorClock } from '../testing/steady-clock.ts';
import { serialPair } from '../zvt/testing/serial-pair.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';
import { idle, names, PAY, QUICK, settled } from './testing/bench.ts';
import { complete, no, register, REGISTRATION, serialTill, YES, type SerialTill } from './testing/till.ts';

/** The serial line (PA00P016) on a pair of pseudo-terminals; ten times faster than life. */

const ACK = Uint8Array.of(0x06);
const NAK = Uint8Array.of(0x15);
const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(
  context: TestContext,
  { manual = false, ...options }: SimulatorOptions & { readonly manual?: boolean } = {},
): Promise<readonly [Simulator, SerialTill]> {
  const pair = await serialPair(needs(context, 'socat'));
  open.push(() => pair.unplug());
  const simulator = await startSimulator({
    serial: { path: pair.terminal, baudRate: 9600 },
    speed: 10,
    clock: simulatorClock(),
    customer: QUICK,
    ...options,
  });
  open.push(() => simulator.stop());
  const till = await serialTill(pair.till, manual);
  open.push(() => till.close());
  return [simulator, till];
}

const frameOf = (...message: Parameters<typeof encodeApdu>): Uint8Array =>
  encodeFrame(encodeApdu(...message));
const code = (event: FrameEvent): string =>
  event.kind === 'frame' ? Buffer.from(event.apdu.subarray(0, 2)).toString('hex') : event.kind;

/** Acknowledges and answers by hand until the given message, which is left unacknowledged. */
async function upTo(till: SerialTill, wanted: string): Promise<FrameEvent> {
  for (;;) {
    const event = await till.event();
    if (code(event) === wanted) return event;
    if (event.kind !== 'frame') continue;
    till.bytes(ACK);
    if (event.apdu[0] !== 0x80 && event.apdu[0] !== 0x84) till.say(YES);
  }
}

describe('the serial line', () => {
  test('a whole payment, with tens in its amount doubled on the wire', async (context) => {
    const [simulator, till] = await start(context);
    await register(till);
    expect(Buffer.from(frameOf(PAY)).toString('hex')).toContain('10101010');
    expect(names(await complete(till, PAY)).at(-1)).toBe('completion');
    expect(simulator.bank().charges).toMatchObject([{ amount: 1010 }]);
  });

  test('ACK at once, before anything is done with the frame; what is no frame is ignored', async (context) => {
    const [, till] = await start(context, { manual: true });
    till.bytes(Uint8Array.of(0x55, 0xff, 0x10, 0x55, ...frameOf(REGISTRATION)));
    expect(code(await till.event())).toBe('ack');
    expect(code(await till.event())).toBe('8000');
  });

  test('a wrong checksum and a frame that stops (T1) are refused with NAK', async (context) => {
    const [, till] = await start(context, { manual: true });
    const frame = frameOf(REGISTRATION);
    till.bytes(Uint8Array.of(...frame.slice(0, -1), (frame.at(-1) ?? 0) ^ 1));
    expect(code(await till.event())).toBe('nak');
    till.bytes(frame.slice(0, 7));
    expect(code(await till.event())).toBe('nak');
    till.bytes(frame);
    expect(code(await till.event())).toBe('ack');
  });

  test('the same frame again, nothing of the terminal in between: acknowledged, not obeyed twice', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    const frame = frameOf(REGISTRATION);
    till.bytes(Uint8Array.of(...frame, ...frame));
    const events = [code(await till.event()), code(await till.event()), code(await till.event())];
    expect(events.sort()).toEqual(['8000', 'ack', 'ack']);
    till.bytes(ACK);
    expect(code(await till.event())).toBe('060f');
    till.bytes(ACK);
    expect(simulator.transcript().filter(({ name }) => name === 'registration')).toHaveLength(1);
  });

  test('NAK: sent again; nothing at all (T2): three times, then given up', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    till.bytes(frameOf(REGISTRATION));
    expect(code(await till.event())).toBe('ack');
    const first = await till.event();
    till.bytes(NAK);
    expect(await till.event()).toEqual(first);
    expect(await till.event()).toEqual(first);
    await idle(simulator);
    till.bytes(frameOf({ name: 'statusEnquiry' }));
    expect(code(await till.event())).toBe('ack');
    expect(code(await till.event())).toBe('8000');
  });

  test('an answer whose ACK was lost is an ACK too', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    till.bytes(frameOf(REGISTRATION));
    await upTo(till, '8000');
    till.bytes(ACK);
    await upTo(till, '060f');
    till.say(YES);
    expect(code(await till.event())).toBe('ack');
    await idle(simulator);
    expect(simulator.transcript().filter(({ name }) => name === 'completion')).toHaveLength(1);
  });

  test('04 0F acknowledged and not answered (T3): 04 FF 05 or 45, taken back, 06 1E on the same line', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    till.bytes(frameOf(REGISTRATION));
    await upTo(till, '060f');
    till.bytes(ACK);
    till.say(YES);
    till.bytes(frameOf(PAY));
    await upTo(till, '040f');
    till.bytes(ACK);
    const status = await till.event();
    const said = status.kind === 'frame' ? status : await till.event();
    expect(said.kind === 'frame' && [0x05, 0x45].includes(said.apdu[3] ?? 0)).toBe(true);
    till.bytes(ACK);
    till.say(YES);
    await upTo(till, '061e');
    till.bytes(ACK);
    till.say(YES);
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(0);
    expect(simulator.bank().entries).toHaveLength(2);
  });

  test('04 0F that nobody acknowledges: three sends, then taken back', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    till.bytes(frameOf(REGISTRATION));
    await upTo(till, '060f');
    till.bytes(ACK);
    till.say(YES);
    till.bytes(frameOf(PAY));
    const first = await upTo(till, '040f');
    expect(await till.event()).toEqual(first);
    expect(await till.event()).toEqual(first);
    await settled(simulator, () => simulator.bank().entries.length === 2);
    expect(simulator.bank().charges).toHaveLength(0);
  });
});

describe('faults on the serial line', () => {
  test('the terminal’s ACK is lost: the till sends again, the payment is one', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    till.bytes(frameOf(REGISTRATION));
    await upTo(till, '060f');
    till.bytes(ACK);
    till.say(YES);
    expect(code(await till.event())).toBe('ack');
    simulator.fault({ direction: 'fromTerminal', message: 'ack', what: { kind: 'drop' } });
    till.bytes(frameOf(PAY));
    expect(code(await till.event())).toBe('8000');
    // The answer is not acknowledged yet, so the repetition comes before anything of the terminal was taken.
    till.bytes(frameOf(PAY));
    expect(code(await till.event())).toBe('ack');
    till.bytes(ACK);
    await upTo(till, '060f');
    till.bytes(ACK);
    till.say(YES);
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a right frame refused with NAK, and noise before one', async (context) => {
    const [simulator, till] = await start(context, { manual: true });
    simulator.fault({ direction: 'toTerminal', message: 'registration', what: { kind: 'nak' } });
    till.bytes(frameOf(REGISTRATION));
    expect(code(await till.event())).toBe('nak');
    till.bytes(frameOf(REGISTRATION));
    await upTo(till, '060f');
  });

  test('04 0F with any one byte wrong is repeated and paid once', async (context) => {
    const [simulator, till] = await start(context);
    await register(till);
    await complete(till, PAY);
    const length =
      (simulator.transcript().find(({ name }) => name === 'statusInformation')?.hex.length ?? 0) / 2;
    expect(length).toBeGreaterThan(60);
    // Every seventh byte; the framing at both ends whole.
    const places = [
      0,
      1,
      2,
      3,
      ...Array.from({ length: Math.floor(length / 7) }, (_, at) => 4 + at * 7),
      length + 4,
      length + 5,
    ];
    for (const byte of places) {
      simulator.fault({
        direction: 'fromTerminal',
        message: 'statusInformation',
        at: { byte },
        what: { kind: 'corrupt' },
      });
      expect((await complete(till, PAY)).at(-1)).toMatchObject({ name: 'completion' });
    }
    expect(simulator.bank().charges).toHaveLength(places.length + 1);
  });

  test('a refusal after a delay within T3 is still a refusal', async (context) => {
    const [simulator, till] = await start(context);
    await register(till);
    simulator.fault({ direction: 'toTerminal', message: 'negative', what: { kind: 'delay', ms: 3000 } });
    await complete(till, PAY, ({ name }) => (name === 'statusInformation' ? no(0x66) : YES));
    expect(simulator.bank().charges).toHaveLength(0);
  });
});
