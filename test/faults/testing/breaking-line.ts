import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What becomes of one connection: how many bytes get through each way before it breaks, and how long each piece takes. */
export type Fate = { readonly toCentre: number; readonly toCounter: number; readonly delayMs: number };

export const WHOLE: Fate = { toCentre: Infinity, toCounter: Infinity, delayMs: 0 };

/** A line whose connections break in the middle of what they carry. */
export type BreakingLine = {
  readonly port: number;
  /** How many connections have broken so far. */
  broken(): number;
  stop(): Promise<void>;
};

/** Opens a line to a port of this machine; `fate` decides for each connection as it begins. */
export async function openBreakingLine(centrePort: number, fate: () => Fate): Promise<BreakingLine> {
  const open = new Set<Socket>();
  let broken = 0;
  const server = createServer((near) => {
    const far = connect(centrePort, '127.0.0.1');
    const { toCentre, toCounter, delayMs } = fate();
    let done = false;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const snap = (): void => {
      if (!done) broken += 1;
      done = true;
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    carry(near, far, toCentre, delayMs, snap);
    carry(far, near, toCounter, delayMs, snap);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // A connection that breaks is what this is for.
      socket.on('error', end);
    }
  });
  await new Promise<void>((listening, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    port: (server.address() as AddressInfo).port, // a listening TCP server has no other kind of address
    broken: () => broken,
    stop() {
      for (const socket of open) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** Carries bytes one way, in order, each piece late; `snap` once more than `limit` of them would have gone through. */
function carry(from: Socket, to: Socket, limit: number, delayMs: number, snap: () => void): void {
  let sent = 0;
  let last: Promise<void> = Promise.resolve();
  const inTurn = (act: () => void): void => {
    last = last.then(async () => {
      if (delayMs > 0) await wait(delayMs);
      if (!to.destroyed) act();
    });
  };
  from.on('data', (bytes) => {
    inTurn(() => {
      const part = bytes.subarray(0, Math.max(0, limit - sent));
      sent += bytes.length;
      if (part.length > 0) to.write(part);
      if (sent > limit) snap();
    });
  });
  from.on('end', () => inTurn(() => to.end()));
}
