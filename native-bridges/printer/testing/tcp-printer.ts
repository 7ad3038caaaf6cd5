import { createServer, type AddressInfo, type Socket } from 'node:net';

/** How the printer behaves; changed between jobs. */
export type Temper = {
  /** Status bytes by DLE EOT number; a number that is not listed gets silence. */
  status: Partial<Record<number, number>>;
  /** Takes this many bytes of a job, then stops reading, or resets the line. */
  takes?: { bytes: number; after: 'stall' | 'reset' };
  /** Never hangs up by itself. */
  holds?: boolean;
};

export type TcpPrinter = {
  readonly port: number;
  readonly temper: Temper;
  /** What was received, without the status requests, one entry for each connection. */
  readonly jobs: Buffer[];
  close(): Promise<void>;
};

/** A network printer on loopback that can be out of paper, slow, silent or rude. */
export async function startTcpPrinter(temper: Temper): Promise<TcpPrinter> {
  const sockets = new Set<Socket>();
  const jobs: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const at = jobs.push(Buffer.alloc(0)) - 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A printer does not care how the other side leaves.
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      const job = Buffer.from(
        data.toString('latin1').replace(STATUS_REQUEST, (_all, which: string) => answer(socket, which)),
        'latin1',
      );
      jobs[at] = Buffer.concat([jobs[at] ?? Buffer.alloc(0), job]);
      const { takes } = temper;
      if (takes === undefined || (jobs[at]?.length ?? 0) < takes.bytes || job.length === 0) return;
      if (takes.after === 'stall') socket.pause();
      else socket.resetAndDestroy();
    });
    socket.on('end', () => {
      if (temper.holds !== true) socket.end();
    });
  });
  const answer = (socket: Socket, which: string): string => {
    const byte = temper.status[which.charCodeAt(0)];
    if (byte !== undefined) socket.write(Uint8Array.of(byte));
    return '';
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // A TCP server's address is never a path.
  return {
    port,
    temper,
    jobs,
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
      }),
  };
}

// oxlint-disable-next-line no-control-regex -- DLE EOT n is control bytes
const STATUS_REQUEST = /\x10\x04([\x01-\x04])/g;
