import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { CentreMethod } from '../../contracts/centre.ts';
import { startCentre, type Centre, type CentreOptions } from '../centre.ts';
import type { Database } from '../db/database.ts';
import type { TestKey } from './device.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: unknown;
};

/** A centre over HTTPS on a test database, and a client that trusts only its authority. */
export type TestCentre = Centre & {
  send(
    method: string,
    path: string,
    body?: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Calls a method of the contract. */
  call(method: CentreMethod, input: unknown, token?: string): Promise<Answer>;
  /** Logs a device in as a workstation does. */
  session(key: TestKey): Promise<string>;
};

export async function startTestCentre(
  database: Database,
  options: Partial<CentreOptions> = {},
): Promise<TestCentre> {
  const folder = mkdtempSync(join(tmpdir(), 'komis-centre-'));
  const centre = await startCentre({
    dataDir: folder,
    port: 0,
    host: '127.0.0.1',
    names: [],
    databaseUrl: database.url,
    tls: undefined,
    publicUrl: undefined,
    centreName: 'Sınaq',
    log: pino({ level: 'silent' }),
    rateLimits: {},
    ...options,
  });
  const agent = new Agent({ keepAlive: true, ca: readFileSync(centre.caFile) });

  const send: TestCentre['send'] = (method, path, body, headers = {}) => {
    const options: RequestOptions = { agent, method, headers };
    return new Promise((done, failed) => {
      const call = request(new URL(path, centre.url), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = String(response.headers['content-type']).startsWith('application/json');
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson ? JSON.parse(text) : undefined,
          });
        });
        response.once('error', failed);
      });
      call.once('error', failed);
      call.end(body);
    });
  };
  const call: TestCentre['call'] = (method, input, token) =>
    send('POST', `/v1/${method}`, JSON.stringify(input), {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    });
  return {
    ...centre,
    send,
    call,
    async session(key) {
      const { nonce } = (await call('device.challenge', { deviceId: key.deviceId })).body as {
        nonce: string;
      };
      const answer = await call('device.session', {
        deviceId: key.deviceId,
        nonce,
        signature: key.signText(nonce),
      });
      return (answer.body as { token: string }).token;
    },
    async stop() {
      agent.destroy();
      await centre.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The code and detail of a failure's answer. */
export const codeOf = (answer: Answer): string => (answer.body as { error: { code: string } }).error.code;
export const detailOf = (answer: Answer): Record<string, unknown> =>
  (answer.body as { error: { detail?: Record<string, unknown> } }).error.detail ?? {};
