import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the centre does with one request. `body` is what was sent, parsed. */
export type Act = (response: ServerResponse, request: IncomingMessage, body: unknown) => void;

/** A centre over real HTTPS that does what it is told, method by method, and counts what it was asked. */
export type ScriptedCentre = {
  readonly url: string;
  readonly port: number;
  /** Methods in the order asked. */
  readonly asked: string[];
  connections(): number;
  close(): Promise<void>;
};

export async function scriptedCentre(
  certificate: { key: string; cert: string },
  script: Readonly<Record<string, Act>>,
  port = 0,
): Promise<ScriptedCentre> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  let connections = 0;
  const server = createServer(certificate, (request, response) => {
    const method = (request.url ?? '').replace('/v1/', '');
    asked.push(method);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const act = script[method];
      if (act === undefined) response.writeHead(404).end();
      else act(response, request, JSON.parse(Buffer.concat(parts).toString('utf8')));
    });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
  });
  server.on('secureConnection', () => connections++);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${bound}`,
    port: bound,
    asked,
    connections: () => connections,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export const answers =
  (value: unknown): Act =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

export const refuses =
  (status: number, code: string, detail?: Record<string, string | number>): Act =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { code, ...(detail ? { detail } : {}) } }));
