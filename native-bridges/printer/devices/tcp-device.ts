import { connect, type Socket } from 'node:net';
import type { PrinterReason } from '../../../contracts/printer-reasons.ts';
import { statusRequest } from '../esc-pos/commands.ts';
import { reasonOf, type Delivery } from './delivery.ts';

/**
 * A network printer (raw port, 9100). Where it answers DLE EOT, paper and cover are known before a job is sent; where it
 * is silent, they stay unknown and the job is sent all the same. Paper that runs out in the middle of a job is not noticed.
 */

export type TcpTimes = {
  readonly connectMs: number;
  /** How long the printer may take to answer a status request, ms. */
  readonly statusMs: number;
  /** How long it may take no byte before the job is given up, ms. */
  readonly stalledMs: number;
};
export type TcpAddress = { readonly host: string; readonly port: number };

/** Sends a job. `null` when the printer's side took all of it and closed, or took all of it and stays silent. */
export const sendOverTcp = (address: TcpAddress, job: Uint8Array, times: TcpTimes): Promise<Delivery> =>
  withSocket(
    address,
    times,
    async (wire) => (await readiness(wire, times)) ?? (await wire.send(job, times.stalledMs)),
  );

/** Does somebody answer there, and does it have paper, as far as it says? */
export const probeTcp = (address: TcpAddress, times: TcpTimes): Promise<Delivery> =>
  withSocket(address, times, (wire) => readiness(wire, times));

/** A printer that answers nothing to the first question is not asked the others. */
async function readiness(wire: Wire, times: TcpTimes): Promise<Delivery> {
  const paper = await wire.ask(4, times.statusMs);
  if (paper === undefined) return null;
  if (typeof paper === 'string') return paper;
  // Bits 5 and 6: the roll's end sensor; bits 2 and 3, near end, are no reason not to print.
  if ((paper & 0x60) !== 0) return 'paperOut';
  const printer = await wire.ask(1, times.statusMs);
  if (typeof printer === 'string') return printer;
  if (printer === undefined || (printer & 0x08) === 0) return null;
  const cause = await wire.ask(2, times.statusMs);
  if (typeof cause === 'string') return cause;
  if (cause === undefined) return 'printerOffline';
  if ((cause & 0x04) !== 0) return 'coverOpen';
  return (cause & 0x20) !== 0 ? 'paperOut' : 'printerOffline';
}

type Wire = {
  /** A status byte, `undefined` for silence, or why the line is gone. */
  ask(which: 1 | 2 | 4, withinMs: number): Promise<number | PrinterReason | undefined>;
  send(job: Uint8Array, stalledMs: number): Promise<Delivery>;
};

async function withSocket(
  address: TcpAddress,
  times: TcpTimes,
  use: (wire: Wire) => Promise<Delivery>,
): Promise<Delivery> {
  const socket = connect({ host: address.host, port: address.port });
  try {
    const refusal = await connected(socket, times.connectMs);
    return refusal ?? (await use(wireOf(socket)));
  } finally {
    socket.destroy();
  }
}

const connected = (socket: Socket, withinMs: number): Promise<Delivery> =>
  new Promise((settle, reject) => {
    const timer = setTimeout(() => settle('timedOut'), withinMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      settle(null);
    });
    // Stays for the socket's life: an error without a listener would end the process.
    socket.on('error', (error) => {
      clearTimeout(timer);
      const reason = reasonOf(error);
      if (reason === undefined) reject(error);
      else settle(reason);
    });
  });

function wireOf(socket: Socket): Wire {
  let lost: PrinterReason | undefined;
  let heard: (byte: number | PrinterReason) => void = () => {};
  socket.on('error', (error) => {
    lost = reasonOf(error) ?? 'connectionLost';
    heard(lost);
  });
  socket.on('close', () => heard((lost ??= 'connectionLost')));
  // Bits 0, 1, 4 and 7 are fixed in every answer to DLE EOT; other bytes (an automatic status, a banner) are not one.
  socket.on('data', (data: Buffer) => {
    for (const byte of data) if ((byte & 0x93) === 0x12) heard(byte);
  });
  return {
    ask: (which, withinMs) =>
      new Promise((settle) => {
        const finish = (answer: number | PrinterReason | undefined): void => {
          clearTimeout(timer);
          heard = () => {};
          settle(answer);
        };
        const timer = setTimeout(() => finish(undefined), withinMs);
        heard = finish;
        if (lost === undefined) socket.write(Uint8Array.from(statusRequest(which)));
        else finish(lost);
      }),
    send: (job, stalledMs) =>
      new Promise((settle) => {
        let sent = false;
        // A close after everything was sent is the printer hanging up, before that it is a loss.
        heard = (what) => {
          if (typeof what === 'string') settle(sent && socket.errored === null ? null : what);
        };
        if (lost !== undefined) return settle(lost);
        // Counts idle time only: a slow printer that keeps taking bytes is not given up.
        socket.setTimeout(stalledMs, () => settle('timedOut'));
        socket.once('finish', () => {
          // All is with the operating system. A printer that keeps the line open is waited for briefly, so that a reset on
          // arrival is still seen.
          sent = true;
          socket.setTimeout(0);
          setTimeout(() => settle(lost ?? null), LINGER_MS);
        });
        socket.end(job);
      }),
  };
}

const LINGER_MS = 300;
