import { createServer, type Server, type Socket } from 'node:net';
import { parseAtr } from '../atr.ts';
import type {
  CardConnection,
  CardFailureCode,
  CardProtocol,
  CardResult,
  CardSight,
  CardTransport,
  ReaderState,
} from './port.ts';

/**
 * Readers without PC/SC, for virtual cards alone: they take vpcd's place for a machine that has no such daemon. A card is in
 * while it is connected; the protocol is vpcd's (two bytes of length, then an APDU, or one byte: off, on, reset, ATR).
 */

const WORD = { off: 0, on: 1, reset: 2, atr: 4 } as const;
const POWER_MS = 5000;

type Slot = {
  readonly name: string;
  readonly server: Server;
  card: Card | null;
  insertion: number;
  held: CardConnection | null;
};
type Card = {
  readonly socket: Socket;
  atr: Uint8Array;
  /** One exchange at a time. */
  line: Promise<unknown>;
  send(bytes: Uint8Array, deadlineMs: number): Promise<Uint8Array | 'timeout' | 'gone'>;
};

export type VirtualReadersOptions = {
  /** Of the first reader; the next ones follow. 0: any free one, for tests with one reader. */
  readonly port: number;
  readonly count?: number;
  readonly nowMs: () => number;
};

/**
 * Opens the readers; `listening` settles with the first one's port, or with why it cannot be had: then there are no readers,
 * and the service is away.
 */
export function openVirtualReaders({
  port,
  count = 2,
  nowMs,
}: VirtualReadersOptions): CardTransport & { readonly listening: Promise<number> } {
  const listeners = new Set<(sight: CardSight) => void>();
  const since = nowMs();
  const slots: Slot[] = [];
  let insertions = 0;
  let broken: string | null = null;

  const sight = (): CardSight => ({
    service:
      broken === null
        ? { state: 'running', since }
        : { state: 'away', since, reason: 'noService', detail: broken },
    readers: (broken === null ? slots : []).map((slot): ReaderState => ({
      name: slot.name,
      card: slot.card ? 'present' : 'absent',
      atr: slot.card?.atr ?? new Uint8Array(),
      held: slot.held ? 'exclusive' : 'free',
      insertion: slot.card ? slot.insertion : 0,
    })),
  });
  const tell = (): void => {
    const now = sight();
    for (const listener of listeners) listener(now);
  };

  function arrived(slot: Slot, socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // 'close' follows
    if (slot.card) return void socket.destroy();
    const card = cardOn(socket);
    socket.once('close', () => {
      if (slot.card === card) slot.card = null;
      slot.held = null;
      tell();
    });
    void power(card, 'on', 'atr').then((atr) => {
      if (atr === null || socket.destroyed || slot.card) return void socket.destroy();
      card.atr = atr;
      slot.card = card;
      slot.insertion = insertions += 1;
      tell();
    });
  }

  for (let i = 0; i < count; i += 1) {
    const slot: Slot = {
      name: `Virtual PCD 00 0${i}`,
      server: createServer((socket) => arrived(slot, socket)),
      card: null,
      insertion: 0,
      held: null,
    };
    slots.push(slot);
  }
  const opened = Promise.all(slots.map(({ server }, i) => listen(server, port === 0 ? 0 : port + i)));
  const listening = opened.then(() => addressOf(slots[0]?.server));
  listening.catch((error: unknown) => {
    broken = String(error);
    tell();
  });

  return {
    listening,
    watch(listener) {
      listeners.add(listener);
      listener(sight());
      return () => void listeners.delete(listener);
    },
    readers: () => sight().readers,
    async connect(reader) {
      const slot = slots.find((one) => one.name === reader);
      if (!slot) return failed('noReader', false, reader);
      if (!slot.card) return failed('noCard', false, reader);
      if (slot.held) return failed('sharing', false, reader);
      const connection = connectionTo(slot, slot.card, tell);
      slot.held = connection;
      tell();
      return { ok: true, value: connection };
    },
    async dispose() {
      listeners.clear();
      for (const { card, server } of slots) {
        card?.socket.destroy();
        server.close();
      }
    },
  };
}

function connectionTo(slot: Slot, card: Card, changed: () => void): CardConnection {
  let closed = false;
  const gone = (detail: string) => failed('removed', true, detail);
  const connection: CardConnection = {
    reader: slot.name,
    atr: () => card.atr,
    protocol: (): CardProtocol => (parseAtr(card.atr)?.protocols[0] === 1 ? 'T=1' : 'T=0'),
    async transmit(apdu, { deadlineMs }) {
      if (closed) return failed('closed', false, 'closed');
      const answer = await card.send(apdu, deadlineMs);
      if (answer === 'gone') return gone('cut');
      if (answer === 'timeout') {
        // A card that does not answer is put out of the reader: nothing else is heard from it.
        card.socket.destroy();
        return failed('timeout', true, `${deadlineMs} ms`);
      }
      return answer.length < 2
        ? failed('unknownState', true, `${answer.length} bytes`)
        : { ok: true, value: answer };
    },
    begin: async () => ({ ok: true, value: undefined }),
    end: async () => ({ ok: true, value: undefined }),
    async reset(how) {
      if (closed) return failed('closed', false, 'closed');
      const atr = await (how === 'cold' ? power(card, 'off', 'on', 'atr') : power(card, 'reset', 'atr'));
      if (atr === null) return gone('cut');
      card.atr = atr;
      return { ok: true, value: { atr } };
    },
    control: async () => failed('unsupported', false, 'a virtual reader has no commands of its own'),
    async close(how) {
      if (closed) return;
      closed = true;
      if (how !== 'leave') await power(card, 'off', 'on', 'atr');
      if (slot.held === connection) slot.held = null;
      changed();
    },
  };
  return connection;
}

/** Frames over one socket, one exchange at a time. */
function cardOn(socket: Socket): Card {
  let came = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    came = Buffer.concat([came, chunk]);
    socket.emit('more');
  });
  const frame = (deadlineMs: number): Promise<Uint8Array | 'timeout' | 'gone'> =>
    new Promise((done) => {
      const end = (answer: Uint8Array | 'timeout' | 'gone'): void => {
        clearTimeout(timer);
        socket.off('more', look);
        socket.off('close', lost);
        done(answer);
      };
      const look = (): void => {
        if (came.length < 2) return;
        const length = came.readUInt16BE();
        if (came.length < 2 + length) return;
        const body = Uint8Array.from(came.subarray(2, 2 + length));
        came = came.subarray(2 + length);
        end(body);
      };
      const lost = (): void => end('gone');
      const timer = setTimeout(() => end('timeout'), deadlineMs);
      socket.on('more', look);
      socket.on('close', lost);
      if (socket.destroyed) lost();
      else look();
    });
  const card: Card = {
    socket,
    atr: new Uint8Array(),
    line: Promise.resolve(),
    send(bytes, deadlineMs) {
      const run = async (): Promise<Uint8Array | 'timeout' | 'gone'> => {
        if (socket.destroyed) return 'gone';
        socket.write(Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]));
        return frame(deadlineMs);
      };
      const mine = card.line.then(run);
      card.line = mine.catch(() => undefined);
      return mine;
    },
  };
  return card;
}

/** Says words about power, of which the last is answered: the ATR. Null: the card is gone or says nothing. */
async function power(card: Card, ...words: readonly (keyof typeof WORD)[]): Promise<Uint8Array | null> {
  await card.line;
  for (const word of words.slice(0, -1))
    if (!card.socket.destroyed) card.socket.write(Uint8Array.of(0, 1, WORD[word]));
  const answer = await card.send(Uint8Array.of(WORD.atr), POWER_MS);
  return typeof answer === 'string' ? null : answer;
}

const failed = (
  code: CardFailureCode,
  cardStateUnknown: boolean,
  detail: string,
): Extract<CardResult<never>, { ok: false }> => ({ ok: false, error: { code, cardStateUnknown, detail } });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((done, fault) => {
    server.once('error', fault);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fault);
      done();
    });
  });

function addressOf(server: Server | undefined): number {
  const address = server?.address();
  if (!address || typeof address === 'string') throw new Error('a TCP port has an address');
  return address.port;
}
