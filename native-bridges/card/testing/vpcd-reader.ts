import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parseAtr } from '../atr.ts';
import type { Connection } from '../drivers/connection.ts';
import type { CardFailure } from '../transport/port.ts';

/** vpcd's side of a slot, without a daemon: a card comes by connecting, and goes by being cut. */
export type VpcdReader = {
  readonly port: number;
  /** Until a card is in: its connection, powered. */
  card(): Promise<Connection & { readonly gone: Promise<void> }>;
  close(): Promise<void>;
};

const GONE: { readonly ok: false; readonly error: CardFailure } = {
  ok: false,
  error: { code: 'removed', cardStateUnknown: true, detail: 'cut' },
};
const WORD = { off: 0, on: 1, reset: 2, atr: 4 } as const;

/** @param port 0 for any free one */
export async function openVpcdReader(port = 0): Promise<VpcdReader> {
  const arrived: Socket[] = [];
  const server: Server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined); // 'close' follows
    arrived.push(socket);
    server.emit('card');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP port has an address');
  const sockets = new Set<Socket>();
  return {
    port: address.port,
    async card() {
      for (;;) {
        const socket = arrived.shift();
        if (socket !== undefined && !socket.destroyed) {
          sockets.add(socket);
          return powered(socket);
        }
        if (socket === undefined) await once(server, 'card');
      }
    },
    async close() {
      for (const socket of [...sockets, ...arrived]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function powered(socket: Socket): Promise<Connection & { readonly gone: Promise<void> }> {
  const gone = new Promise<void>((done) => socket.once('close', () => done()));
  let came = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    came = Buffer.concat([came, chunk]);
    socket.emit('more');
  });

  function send(bytes: Uint8Array): void {
    socket.write(Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]));
  }
  /** The next frame; null: the card is gone. */
  async function frame(): Promise<Uint8Array | null> {
    for (;;) {
      const length = came.length < 2 ? Number.POSITIVE_INFINITY : came.readUInt16BE();
      if (came.length >= 2 + length) {
        const body = Uint8Array.from(came.subarray(2, 2 + length));
        came = came.subarray(2 + length);
        return body;
      }
      if (socket.destroyed) return null;
      const more = new Promise<void>((done) => socket.once('more', () => done()));
      await Promise.race([more, gone]);
    }
  }
  async function power(...words: readonly (keyof typeof WORD)[]): Promise<Uint8Array | null> {
    for (const word of words) send(Uint8Array.of(WORD[word]));
    return frame();
  }

  let atr = (await power('on', 'atr')) ?? new Uint8Array();
  return {
    reader: 'Virtual PCD 00 00',
    atr: () => atr,
    protocol: () => (parseAtr(atr)?.protocols[0] === 1 ? 'T=1' : 'T=0'),
    async transmit(apdu) {
      send(apdu);
      const answer = await frame();
      return answer === null ? GONE : { ok: true, value: answer };
    },
    async reset(how) {
      const answer = await (how === 'cold' ? power('off', 'on', 'atr') : power('reset', 'atr'));
      if (answer === null) return GONE;
      atr = answer;
      return { ok: true, value: { atr } };
    },
    gone,
  };
}
