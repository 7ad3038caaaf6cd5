import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import type { Channel } from '../../contracts/rpc/channel.ts';
import { CHANNEL_PATH, FRAME_MAX_BYTES } from '../../contracts/shell.ts';
import { screenFile } from '../screen/screen-file.ts';
import { screenHeaders } from '../screen/screen-headers.ts';
import { cookieHeader, cookieValue, hostAllowed, mintSecret, originAllowed, sameSecret } from './locks.ts';
import { webSocketChannel } from './web-socket-channel.ts';

const ADDRESS = '127.0.0.1';
const ENTER_PATH = '/enter';

/** Several windows may watch one workstation, the topics keep them equal. More than this is a page that runs wild. */
const WINDOWS_MAX = 16;
const HEADERS_MAX_BYTES = 8192;
const REQUEST_TIMEOUT_MS = 10_000;
/** `GOING_AWAY` (RFC 6455 §7.4.1): the window knows that it is to come back. */
const GOING_AWAY = 1001;
const STOP_GRACE_MS = 1000;

export type LoopbackOptions = {
  /** 0: any free one. */
  readonly port: number;
  /** What the cookie of an admitted browser holds (keptSecret). Absent: good until the process ends. */
  readonly session?: string;
  /** The built page, `dist/renderer`. */
  readonly screenFolder: string;
  /** Joins a window to the core host. */
  readonly attach: (channel: Channel) => void;
  /** What was refused or broke, for the log; never a secret. */
  readonly report: (event: string, fields: Readonly<Record<string, string | number>>) => void;
};

export type Loopback = {
  /** The address to open, with its secret. Good until the process ends. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
};

/**
 * Serves the page and its line to the core host on 127.0.0.1 (DESIGN §2). Each request is let in by a host name of this
 * machine and the cookie that the printed address was traded for; a WebSocket also by its exact origin.
 */
export async function startLoopback(
  options: LoopbackOptions,
): Promise<
  { readonly ok: true; readonly value: Loopback } | { readonly ok: false; readonly error: 'portTaken' }
> {
  const token = mintSecret();
  const session = options.session ?? mintSecret();
  const server = createServer({
    maxHeaderSize: HEADERS_MAX_BYTES,
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_MAX_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  if (!(await listen(server, options.port))) return { ok: false, error: 'portTaken' };
  const { port } = server.address() as AddressInfo; // a listening TCP server has no other kind of address
  const entitled = (request: IncomingMessage): boolean =>
    sameSecret(cookieValue(request.headers.cookie, port), session);

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.report('loopback.requestFailed', { reason: String(error) });
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(
      screenHeaders([`ws://${ADDRESS}:${port}`, `ws://localhost:${port}`]),
    ))
      response.setHeader(name, value);
    if (!hostAllowed(request.headers.host, port)) {
      options.report('loopback.hostRefused', { host: String(request.headers.host).slice(0, 200) });
      return refuse(response, 421, 'This address is not served here.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'Only reading is possible here.');
    }
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    if (path === ENTER_PATH) {
      if (!sameSecret(new URLSearchParams(query).get('token') ?? undefined, token))
        return refuse(response, 403, STALE_ADDRESS);
      response.setHeader('set-cookie', cookieHeader(port, session));
      response.setHeader('cache-control', 'no-store');
      response.writeHead(303, { location: '/' }).end();
      return;
    }
    if (!entitled(request)) return refuse(response, 403, STALE_ADDRESS);
    const file = screenFile(options.screenFolder, request.url ?? '');
    const found = file && (await stat(file.path).catch(absent));
    if (!file || !found?.isFile()) return refuse(response, 404, 'There is no such page.');
    response.writeHead(200, { 'content-type': file.mediaType, 'content-length': found.size });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(file.path), response);
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => options.report('loopback.socketBroke', { reason: error.message }));
    const refused = upgradeRefusal(request);
    if (refused) {
      options.report('loopback.lineRefused', { reason: refused.reason });
      refuseUpgrade(socket, refused.status);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      options.attach(
        webSocketChannel(webSocket, (error) =>
          options.report('loopback.lineBroke', { reason: error.message }),
        ),
      );
    });
  });

  function upgradeRefusal(request: IncomingMessage): { status: string; reason: string } | undefined {
    const { host, origin } = request.headers;
    if (!hostAllowed(host, port)) return { status: '421 Misdirected Request', reason: 'host' };
    if (!originAllowed(origin, host, port)) return { status: '403 Forbidden', reason: 'origin' };
    if (!entitled(request)) return { status: '403 Forbidden', reason: 'cookie' };
    if (request.url !== CHANNEL_PATH) return { status: '404 Not Found', reason: 'path' };
    if (sockets.clients.size >= WINDOWS_MAX) return { status: '503 Service Unavailable', reason: 'windows' };
    return undefined;
  }

  return {
    ok: true,
    value: {
      url: `http://${ADDRESS}:${port}${ENTER_PATH}?token=${token}`,
      port,
      async stop() {
        for (const client of sockets.clients) client.close(GOING_AWAY);
        const late = setTimeout(() => {
          for (const client of sockets.clients) client.terminate();
          server.closeAllConnections();
        }, STOP_GRACE_MS);
        await new Promise<void>((done) => {
          server.close(() => done());
          server.closeIdleConnections();
        });
        clearTimeout(late);
      },
    },
  };
}

const STALE_ADDRESS =
  'KÖMİS: bu ünvan köhnəlib. İş yerini başladan proqramın göstərdiyi ünvanı açın.\n' +
  'This address is no longer valid. Open the one that the program printed when it started.\n' +
  'Этот адрес устарел. Откройте адрес, показанный программой при запуске.\n';

function refuse(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(text);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // An upgraded socket is no longer the server's: it is ours to destroy, or it would outlive `stop`.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** True when listening, false when another program has the port. */
function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(false);
      else fail(error);
    });
    server.listen(port, ADDRESS, () => {
      server.removeAllListeners('error');
      done(true);
    });
  });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
