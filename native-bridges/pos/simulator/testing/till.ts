import { connect } from 'node:net';
import { SerialPort } from 'serialport';
import { ApduSplitter, decodeApdu, encodeApdu } from '../../zvt/apdu.ts';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../../zvt/frame.ts';
import type { EcrCommand, EcrCommandName, Message, PtMessage, Reply } from '../../zvt/message.ts';
import { encodeTlv } from '../../zvt/tlv.ts';

/** A till that does what a test says, byte by byte; nothing of the driver is in it. */
export type Till = {
  /** Any bytes; on a serial line as they are. */
  bytes(bytes: Uint8Array): void;
  say(message: EcrCommand | Reply): void;
  /** The next APDU of the terminal, raw. Rejects when the line closes first. */
  hearBytes(): Promise<Uint8Array>;
  hear(): Promise<Message>;
  /** Resolves when the terminal has closed the connection. */
  readonly closed: Promise<void>;
  close(): void;
};

/** What has come and was not asked for yet. */
function inbox<T>(): { put(one: T): void; take(): Promise<T>; end(why: string): void } {
  const held: T[] = [];
  const waiting: { done(one: T): void; fail(error: Error): void }[] = [];
  let ended: string | null = null;
  return {
    put(one) {
      const first = waiting.shift();
      if (first === undefined) held.push(one);
      else first.done(one);
    },
    take() {
      const one = held.shift();
      if (one !== undefined) return Promise.resolve(one);
      if (ended !== null) return Promise.reject(new Error(ended));
      return new Promise((done, fail) => waiting.push({ done, fail }));
    },
    end(why) {
      ended = why;
      for (const one of waiting.splice(0)) one.fail(new Error(why));
    },
  };
}

const messageOf = (apdu: Uint8Array, pending: EcrCommandName | null): Message => {
  const decoded = decodeApdu(apdu, { pending, charset: 'utf8' });
  if (decoded.kind !== 'message') throw new Error(`not a message: ${Buffer.from(apdu).toString('hex')}`);
  if (decoded.doubts.length > 0) throw new Error(decoded.doubts.join('; '));
  return decoded.message;
};

export async function tcpTill(port: number): Promise<Till> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((done, fail) => {
    socket.once('connect', done);
    socket.once('error', fail);
  });
  const came = inbox<Uint8Array>();
  const splitter = new ApduSplitter();
  socket.on('data', (chunk) => {
    for (const apdu of splitter.push(chunk)) came.put(apdu);
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) =>
    socket.once('close', () => {
      came.end('the terminal closed the connection');
      done();
    }),
  );
  return tillOver(
    came,
    (apdu) => void socket.write(apdu),
    (bytes) => void socket.write(bytes),
    closed,
    () => socket.destroy(),
  );
}

function tillOver(
  came: ReturnType<typeof inbox<Uint8Array>>,
  sendApdu: (apdu: Uint8Array) => void,
  bytes: (bytes: Uint8Array) => void,
  closed: Promise<void>,
  close: () => void,
): Till {
  let pending: EcrCommandName | null = null;
  return {
    bytes,
    say(message) {
      if (message.name !== 'positive' && message.name !== 'negative' && message.name !== 'abort')
        pending = message.name;
      sendApdu(encodeApdu(message, { charset: 'utf8' }));
    },
    hearBytes: () => came.take(),
    hear: async () => messageOf(await came.take(), pending),
    closed,
    close,
  };
}

export type SerialTill = Till & {
  /** What came on the line, frames and single bytes, when `manual`. */
  event(): Promise<FrameEvent>;
};

/**
 * @param manual the test acknowledges frames itself and reads `event`; otherwise each is acknowledged at once
 */
export async function serialTill(path: string, manual = false): Promise<SerialTill> {
  const port = new SerialPort({ path, baudRate: 9600, autoOpen: false });
  await new Promise<void>((done, fail) => port.open((error) => (error ? fail(error) : done())));
  const came = inbox<Uint8Array>();
  const events = inbox<FrameEvent>();
  const decoder = new FrameDecoder();
  const write = (bytes: Uint8Array): void => void port.write(Buffer.from(bytes));
  port.on('data', (chunk: Buffer) => {
    for (const event of decoder.push(chunk)) {
      if (manual) events.put(event);
      else if (event.kind === 'frame') {
        write(Uint8Array.of(0x06));
        came.put(event.apdu);
      } else if (event.kind === 'error') write(Uint8Array.of(0x15));
    }
  });
  const closed = new Promise<void>((done) => port.once('close', () => done()));
  const till = tillOver(
    came,
    (apdu) => write(encodeFrame(apdu)),
    write,
    closed,
    () => port.close(),
  );
  return { ...till, event: () => events.take() };
}

/** Config BE (everything by the till, papers as text) with status messages, text blocks, UTF-8 and manat. */
export const REGISTRATION: Extract<EcrCommand, { name: 'registration' }> = {
  name: 'registration',
  password: '000000',
  config: 0xbe,
  currency: 944,
  tlv: [
    { tag: 0x26, value: encodeTlv([{ tag: 0x0a, value: Uint8Array.of(0x06, 0xd3) }]) },
    { tag: 0x27, value: encodeTlv([{ tag: 0x14, value: Uint8Array.of(0xfe) }]) },
  ],
};
export const YES: Reply = { name: 'positive' };
export const no = (error: number): Reply => ({ name: 'negative', error });

/** Gives a command, says yes to everything and answers all that was said until the terminal gave the master right back. */
export async function complete(
  till: Till,
  command: EcrCommand,
  answerTo: (message: PtMessage) => Reply = () => YES,
): Promise<readonly Message[]> {
  till.say(command);
  const said: Message[] = [];
  for (;;) {
    const message = await till.hear();
    said.push(message);
    if (message.name === 'negative') return said;
    if (message.name === 'positive') continue;
    till.say(answerTo(message as PtMessage)); // the terminal says nothing else while it is master
    if (message.name === 'completion' || message.name === 'aborted') return said;
  }
}

export async function register(
  till: Till,
  change: Partial<Extract<EcrCommand, { name: 'registration' }>> = {},
): Promise<readonly Message[]> {
  return complete(till, { ...REGISTRATION, ...change });
}
