import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { commandSchema, obey } from './commands.ts';
import { DeckError } from './deck.ts';
import type { VirtualCards } from './virtual-cards.ts';

/** The virtual cards' page and its commands, for this machine alone. */

export type Controlled = Pick<VirtualCards, 'deck' | 'view' | 'watch'>;
export type Control = { readonly port: number; close(): Promise<void> };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MOST_BYTES = 64 * 1024;

const PAGE = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/texts.js': ['texts.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const satisfies Record<string, readonly [string, string]>;

const isPage = (path: string): path is keyof typeof PAGE => Object.hasOwn(PAGE, path);

/**
 * Opens the page on 127.0.0.1: `GET /state`, `/events`, `POST /commands`. Rejects when the port cannot be had.
 * @param port 0 for any free one
 */
export async function openControl(port: number, cards: Controlled): Promise<Control> {
  const watching = new Set<ServerResponse>();
  const stopWatching = cards.watch(() => {
    const text = eventOf(cards);
    for (const response of watching) response.write(text);
  });

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) say(response, 500, { error: String(error) });
      else response.end();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    // Another site's page must not reach it, neither under a name of its own nor by a form.
    if (!isOurs(request.headers.host)) return say(response, 403, { error: 'host' });
    if (request.method === 'GET' && isPage(pathname)) return page(response, pathname);
    if (request.method === 'GET' && pathname === '/favicon.ico') return void response.writeHead(204).end();
    if (request.method === 'GET' && pathname === '/state') return say(response, 200, cards.view());
    if (request.method === 'GET' && pathname === '/events') return follow(request, response);
    if (request.method === 'POST' && pathname === '/commands') return command(request, response);
    return say(response, 404, { error: 'not found' });
  }

  function follow(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(eventOf(cards));
    watching.add(response);
    request.on('close', () => void watching.delete(response));
  }

  async function command(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin } = request.headers;
    if (origin !== undefined && !isOurs(origin.replace(/^http:\/\//, '')))
      return say(response, 403, { error: 'origin' });
    if (request.headers['content-type']?.split(';')[0] !== 'application/json')
      return say(response, 415, { error: 'application/json' });
    const parsed = commandSchema.safeParse(jsonOf(await textOf(request)));
    if (!parsed.success) return say(response, 400, { error: z.prettifyError(parsed.error) });
    try {
      obey(cards.deck, parsed.data);
    } catch (error) {
      if (error instanceof DeckError) return say(response, 409, { error: error.message });
      throw error;
    }
    return say(response, 200, cards.view());
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP port has an address');
  return {
    port: address.port,
    async close() {
      stopWatching();
      for (const response of watching) response.end();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const isOurs = (host: string | undefined): boolean =>
  host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);

const eventOf = (cards: Controlled): string => `data: ${JSON.stringify(cards.view())}\n\n`;

function page(response: ServerResponse, path: keyof typeof PAGE): void {
  const [file, type] = PAGE[path];
  response.writeHead(200, {
    'content-type': type,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(readFileSync(join(import.meta.dirname, 'page', file)));
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks = new Array<Buffer>();
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MOST_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What is no JSON is undefined, which no command is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
