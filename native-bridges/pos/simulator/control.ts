import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CARD_KEYS } from './cards.ts';
import { customerActSchema, customerScriptSchema } from './customer.ts';
import { faultSchema } from './faults.ts';
import type { Simulator } from './simulator.ts';
import { conditionsSchema } from './terminal-state.ts';

/** The simulator's page and its commands, for this machine alone. */

export const controlCommandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('act'), act: customerActSchema }),
  z.object({ do: z.literal('customer'), script: customerScriptSchema }),
  z.object({ do: z.literal('mode'), mode: z.enum(['auto', 'hand']) }),
  z.object({ do: z.literal('fault'), fault: faultSchema }),
  z.object({ do: z.literal('clearFaults') }),
  z.object({ do: z.literal('conditions'), conditions: conditionsSchema.partial() }),
  z.object({
    do: z.literal('keypadSale'),
    amount: z.int().min(1).max(99_999_999),
    card: z.enum(CARD_KEYS).default('visa'),
  }),
  z.object({ do: z.literal('powerCycle'), offMs: z.int().min(0).max(600_000).default(2000) }),
  z.object({ do: z.literal('cut'), ms: z.int().min(0).max(600_000).default(0) }),
]);
export type ControlCommand = z.infer<typeof controlCommandSchema>;
export type Controlled = Omit<Simulator, 'controlPort'>;

/** Carries out one command. */
export function obey(simulator: Controlled, command: ControlCommand): void {
  switch (command.do) {
    case 'act':
      return simulator.act(command.act);
    case 'customer':
      return simulator.customer(command.script);
    case 'mode':
      return simulator.mode(command.mode);
    case 'fault':
      return simulator.fault(command.fault);
    case 'clearFaults':
      return simulator.clearFaults();
    case 'conditions':
      return simulator.conditions(command.conditions);
    case 'keypadSale':
      return simulator.keypadSale(command.amount, command.card);
    case 'powerCycle':
      return void simulator.powerCycle(command.offMs);
    case 'cut':
      return simulator.cut(command.ms);
  }
}

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
 * Opens the page on 127.0.0.1. Rejects when the port cannot be had.
 * @param port 0 for any free one
 */
export async function openControl(port: number, simulator: Controlled): Promise<Control> {
  const watching = new Set<ServerResponse>();
  const stopWatching = simulator.watch(() => {
    const text = eventOf(simulator);
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
    if (request.method === 'GET' && pathname === '/state') return say(response, 200, simulator.view());
    if (request.method === 'GET' && pathname === '/bank') return say(response, 200, simulator.bank());
    if (request.method === 'GET' && pathname === '/transcript')
      return say(response, 200, simulator.transcript());
    if (request.method === 'GET' && pathname === '/events') return follow(request, response);
    if (request.method === 'POST' && pathname === '/commands') return command(request, response);
    return say(response, 404, { error: 'not found' });
  }

  function follow(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(eventOf(simulator));
    watching.add(response);
    request.on('close', () => void watching.delete(response));
  }

  async function command(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin } = request.headers;
    if (origin !== undefined && !isOurs(origin.replace(/^http:\/\//, '')))
      return say(response, 403, { error: 'origin' });
    if (request.headers['content-type']?.split(';')[0] !== 'application/json')
      return say(response, 415, { error: 'application/json' });
    const body = jsonOf(await textOf(request));
    const parsed = controlCommandSchema.safeParse(body);
    if (!parsed.success) return say(response, 400, { error: z.prettifyError(parsed.error) });
    obey(simulator, parsed.data);
    return say(response, 200, simulator.view());
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

const eventOf = (simulator: Controlled): string => `data: ${JSON.stringify(simulator.view())}\n\n`;

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
