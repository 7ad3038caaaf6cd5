import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { ApduSplitter } from '../zvt/apdu.ts';
import type { Arrival, Deed } from './faults.ts';
import { pause, type Line, type LineClock, type LineEvents, type LineFaults } from './line.ts';

type Connection = {
  readonly socket: Socket;
  readonly splitter: ApduSplitter;
  coming: Promise<void>;
  leaving: Promise<void>;
};

/**
 * The terminal's TCP port (PA00P016, TCP/IP): bare APDUs, one till at a time. Rejects when the port cannot be had.
 * @param port 0 for any free one
 */
export async function openTcpLine(
  { host, port }: { readonly host: string; readonly port: number },
  clock: LineClock,
  faults: LineFaults,
  events: LineEvents,
): Promise<Line> {
  let current: Connection | null = null;
  let isOn = true;
  let isCut = false;

  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // 'close' follows and says all there is to say
    // A terminal talks to one till. Without power or cable there is nobody here at all.
    if (!isOn || isCut || current !== null) return void socket.destroy();
    const connection: Connection = {
      socket,
      splitter: new ApduSplitter(),
      coming: Promise.resolve(),
      leaving: Promise.resolve(),
    };
    current = connection;
    socket.on('data', (chunk) => {
      if (current === connection) received(connection, chunk);
    });
    socket.on('close', () => {
      if (current !== connection) return;
      current = null;
      events.lost();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP port has an address');

  function received(connection: Connection, chunk: Uint8Array): void {
    for (const apdu of connection.splitter.push(chunk)) {
      connection.coming = connection.coming.then(() => arrive(connection, faults.coming(apdu)));
    }
  }

  async function arrive(connection: Connection, arrivals: readonly Arrival[]): Promise<void> {
    for (const arrival of arrivals) {
      if (current !== connection) return;
      switch (arrival.kind) {
        case 'handle':
          events.apdu(arrival.bytes);
          break;
        case 'partly':
          // What comes after it is read as its continuation, as it would be.
          for (const apdu of connection.splitter.push(arrival.bytes)) events.apdu(apdu);
          break;
        case 'refuse':
          break;
        case 'wait':
          await pause(clock, arrival.ms);
          break;
        case 'cut':
          cut(arrival.ms);
          return;
        case 'power':
          faults.power(arrival.offMs);
          return;
      }
    }
  }

  /** @returns whether the last byte was written while the connection stood */
  async function leave(connection: Connection, deeds: readonly Deed[]): Promise<boolean> {
    for (const deed of deeds) {
      if (current !== connection) return false;
      switch (deed.kind) {
        case 'write':
          connection.socket.write(deed.bytes);
          break;
        case 'wait':
          await pause(clock, deed.ms);
          break;
        case 'cut':
          // What was written before must have left.
          await flushed(connection.socket);
          cut(deed.ms);
          return false;
        case 'power':
          await flushed(connection.socket);
          faults.power(deed.offMs);
          return false;
      }
    }
    return current === connection;
  }

  function drop(): Connection | null {
    const dropped = current;
    current = null;
    dropped?.socket.destroy();
    return dropped;
  }

  function cut(ms: number): void {
    isCut = ms > 0;
    if (ms > 0) clock.after(ms, () => void (isCut = false));
    if (drop() !== null) events.lost();
  }

  return {
    port: address.port,
    async send(apdu) {
      const connection = current;
      if (connection === null) return 'lost';
      const left = connection.leaving.then(() => leave(connection, faults.leaving(apdu, apdu)));
      connection.leaving = left.then(() => undefined);
      return (await left) ? 'sent' : 'lost';
    },
    hangUp() {
      drop();
    },
    cut,
    power(on) {
      isOn = on;
      if (!on) drop();
    },
    async close() {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}

const flushed = (socket: Socket): Promise<void> =>
  socket.writableLength === 0 || socket.destroyed
    ? Promise.resolve()
    : new Promise((done) => {
        socket.once('drain', done);
        socket.once('close', () => done());
        // 'drain' comes only after a full buffer; an empty write's callback comes after everything before it.
        socket.write(new Uint8Array(), () => done());
      });
