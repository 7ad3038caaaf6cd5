import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * The line between a workstation and the centre, as something that can be cut: a TCP proxy on 127.0.0.1. What goes over
 * it is TLS, so it can lose bytes but not forge them.
 */
export type Line = {
  readonly port: number;
  /** Open connections now. */
  readonly connections: () => number;
  /** How many connections fell silent behind a request. */
  readonly answersLost: () => number;
  /** Breaks all connections and lets none through. */
  cut(): void;
  /**
   * Lets requests reach the centre and loses the answers: each connection falls silent towards the workstation once
   * that has sent more than a handshake, and breaks.
   */
  loseAnswers(): void;
  restore(): void;
  stop(): Promise<void>;
};

/** More than ClientHello and Finished, less than a request with an entry of the journal. */
const HANDSHAKE_BYTES = 1500;
/** How long a request is given to reach the centre and be done there before its line breaks. */
const SILENCE_MS = 400;

type Mode = 'whole' | 'cut' | 'answersLost';

/** Opens a line to a port of this machine. */
export async function openLine(centrePort: number): Promise<Line> {
  let mode: Mode = 'whole';
  let lost = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    if (mode === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(centrePort, '127.0.0.1');
    join(
      near,
      far,
      () => mode,
      () => (lost += 1),
    );
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
  });
  await new Promise<void>((done, fail) => {
    server.on('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const breakAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port, // a listening TCP server has no other kind of address
    connections: () => open.size / 2,
    answersLost: () => lost,
    cut() {
      mode = 'cut';
      breakAll();
    },
    loseAnswers() {
      mode = 'answersLost';
    },
    restore() {
      mode = 'whole';
    },
    stop() {
      breakAll();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

function join(near: Socket, far: Socket, mode: () => Mode, answerLost: () => void): void {
  let sent = 0;
  let silent = false;
  const end = (): void => {
    near.destroy();
    far.destroy();
  };
  near.on('data', (bytes) => {
    sent += bytes.length;
    far.write(bytes);
    if (mode() !== 'answersLost' || sent <= HANDSHAKE_BYTES || silent) return;
    silent = true;
    answerLost();
    setTimeout(end, SILENCE_MS);
  });
  far.on('data', (bytes) => {
    if (!silent) near.write(bytes);
  });
  near.on('end', () => far.end());
  far.on('end', () => near.end());
  // A broken half is all there is to know of a broken line.
  near.on('error', end);
  far.on('error', end);
}
