import { connect, type Socket } from 'node:net';
import { WebSocket, type RawData } from 'ws';
import { posReason, type PosReasonCode } from '../../../contracts/pos-reasons.ts';
import type { PosReason, PosSettings } from '../../../contracts/pos.ts';
import { encodeFrame, frameReader, LONGEST_MESSAGE } from './frames.ts';

export type NexoSettings = Extract<PosSettings, { readonly kind: 'nexo' }>;

/** A line to a terminal. `closed` comes once, and is the last thing heard. */
export type Line = {
  /** Gives a message to the operating system; from here on it may have left. */
  readonly send: (text: string) => void;
  /** Drops the line at once. */
  readonly close: () => void;
};
export type LineListener = {
  readonly opened: () => void;
  readonly message: (text: string) => void;
  readonly closed: (reason: PosReason) => void;
};

const CODES: Readonly<Record<string, PosReasonCode>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'unreachable',
};

function reasonOf(error: Error): PosReason {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return posReason(CODES[code] ?? 'lineLost', code === '' ? error.message : code);
}

/**
 * Ends a connection with a reset: what it still has to send is forgotten. Closed in peace, the operating system would go on
 * delivering a request after its outcome had been asked for.
 */
const drop = (socket: Socket): void => void (socket.connecting ? socket.destroy() : socket.resetAndDestroy());

/** Opens the line that the settings name. */
export const openLine = (settings: NexoSettings, heard: LineListener): Line =>
  settings.over === 'tcp' ? openTcp(settings, heard) : openWebSocket(settings, heard);

function openTcp({ host, port }: NexoSettings, heard: LineListener): Line {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
  const frames = frameReader();
  let reason = posReason('lineLost');
  socket.on('connect', heard.opened);
  socket.on('data', (chunk) => {
    const messages = frames.push(chunk);
    if (messages === null) {
      reason = posReason('notThisProtocol');
      socket.destroy();
      return;
    }
    for (const message of messages) heard.message(message);
  });
  // A terminal that ends its half has nothing more to say.
  socket.on('end', () => socket.destroy());
  socket.on('error', (error) => {
    reason = reasonOf(error);
  });
  socket.on('close', () => heard.closed(reason));
  return {
    send: (text) => {
      if (!socket.destroyed) socket.write(encodeFrame(text));
    },
    close: () => drop(socket),
  };
}

function openWebSocket({ host, port }: NexoSettings, heard: LineListener): Line {
  const address = host.includes(':') ? `[${host}]` : host;
  const socket = new WebSocket(`ws://${address}:${port}/nexo`, {
    maxPayload: LONGEST_MESSAGE,
    perMessageDeflate: false,
  });
  let reason = posReason('lineLost');
  let carrier: Socket | null = null;
  socket.on('upgrade', (response) => {
    carrier = response.socket;
  });
  socket.on('open', heard.opened);
  socket.on('message', (data) => {
    heard.message(textOf(data));
  });
  socket.on('unexpected-response', (_request, response) => {
    reason = posReason('notThisProtocol', `HTTP ${response.statusCode}`);
    socket.terminate();
  });
  socket.on('error', (error) => {
    const known = reasonOf(error);
    // What is no errno is the handshake's or the frames' own complaint.
    if (reason.code === 'lineLost') {
      reason = 'code' in error && known.code !== 'lineLost' ? known : notOurs(error, known);
    }
  });
  socket.on('close', () => heard.closed(reason));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => (carrier === null ? socket.terminate() : drop(carrier)),
  };
}

const notOurs = (error: Error, known: PosReason): PosReason =>
  /parse error|invalid|unexpected server response|max payload/i.test(error.message)
    ? posReason('notThisProtocol', error.message)
    : known;

const textOf = (data: RawData): string => {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
};
