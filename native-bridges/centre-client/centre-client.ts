import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';
import {
  CENTRE_ACCESS,
  centreContract,
  type CentreContract,
  type CentreMethod,
} from '../../contracts/centre.ts';
import { ERRORS } from '../../contracts/errors.ts';
import { fail, ok, type Failure, type Result } from '../../contracts/result.ts';
import { BOUNDARY_CODES, type ClientMethodOf } from '../../contracts/rpc/definition.ts';
import type { CentrePort } from '../../core/ports/centre.ts';
import type { DeviceKeyPort, MachinePort } from '../../core/ports/machine.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

export type CentreClientOptions = {
  /** Where the centre's address is kept between starts. */
  readonly addressFile: string;
  /**
   * The certificate authority that the centre's certificate must come from and no other, as a PEM file or its text.
   * Absent: the system's authorities.
   */
  readonly caFile?: string;
  readonly caPem?: string;
  readonly deviceKey: Pick<DeviceKeyPort, 'identity' | 'signText'>;
  readonly machine: Pick<MachinePort, 'monotonicMs' | 'log'>;
  /** Overrides the time-outs of all methods, for tests. Milliseconds. */
  readonly timeoutMs?: number;
};

/** Answers above this are not read: the largest page is some 3 MiB. */
const ANSWER_MAX_BYTES = 64 * 2 ** 20;
const TIMEOUT_MS = 10_000;
/** Methods that a person waits for, and those that carry much. */
const TIMEOUTS_MS: Partial<Record<CentreMethod, number>> = {
  'account.fetch': 4_000,
  'subscriber.fetch': 4_000,
  'journal.push': 60_000,
  'replica.changes': 60_000,
};

const addressSchema = z.object({ version: z.literal(1), url: z.url({ protocol: /^https$/ }) });
const refusalSchema = z.object({
  error: z.object({
    code: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
});

type Answer = { readonly status: number; readonly body: unknown };
type Session = { readonly token: string; readonly staleAtMs: number };

/**
 * The centre over HTTPS (core/ports/centre.ts). One attempt per call: whoever calls decides about asking again. The only
 * exception is a session that the centre no longer accepts: it is opened anew and the call made once more, for a request
 * that was not let in has done nothing.
 */
export function createCentreClient(options: CentreClientOptions): CentrePort & { close(): void } {
  const { deviceKey, machine } = options;
  let url = loadAddress(options.addressFile, machine);
  let session: Promise<Result<Session>> | null = null;
  const ca =
    options.caPem ?? (options.caFile === undefined ? undefined : readFileSync(options.caFile, 'utf8'));
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 6,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
  });
  const http = axios.create({
    httpsAgent: agent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: ANSWER_MAX_BYTES,
    responseType: 'json',
    validateStatus: () => true,
    headers: { 'content-type': 'application/json' },
  });

  async function ask(method: CentreMethod, input: unknown, token: string | null): Promise<Answer | null> {
    if (url === null) return null;
    try {
      const timeoutMs = options.timeoutMs ?? TIMEOUTS_MS[method] ?? TIMEOUT_MS;
      return await post(http, `${url}/v1/${method}`, input, token, timeoutMs);
    } catch (error) {
      machine.log('info', 'centre.lost', { method, ...reasonOf(error) });
      return null;
    }
  }

  /** Reads an answer by the method's contract. What cannot be read is a lost answer: nobody knows what was done. */
  function read(method: CentreMethod, answer: Answer | null): Result<unknown> {
    if (answer === null) return fail('connectionLost');
    if (answer.status === 200) {
      const value = centreContract[method].output.safeParse(answer.body);
      if (value.success) return ok(value.data);
    } else {
      const refusal = refusalSchema.safeParse(answer.body);
      if (refusal.success && mayAnswer(method, refusal.data.error.code)) {
        return { ok: false, error: refusal.data.error as Failure };
      }
    }
    machine.log('warn', 'centre.unreadable', { method, status: answer.status });
    return fail('connectionLost');
  }

  /** A refused session, as an answer of the method it was opened for: its own code, or `unauthorised`. */
  const refused = (method: CentreMethod, error: Failure): Result<unknown> =>
    mayAnswer(method, error.code) ? { ok: false, error } : fail('unauthorised');

  async function openSession(): Promise<Result<Session>> {
    const identity = deviceKey.identity();
    if (identity === null) return fail('unauthorised');
    const { deviceId } = identity;
    const challenge = read('device.challenge', await ask('device.challenge', { deviceId }, null));
    if (!challenge.ok) return challenge;
    const { nonce } = centreContract['device.challenge'].output.parse(challenge.value);
    const request = { deviceId, nonce, signature: deviceKey.signText(nonce) };
    const opened = read('device.session', await ask('device.session', request, null));
    if (!opened.ok) return opened;
    const { token, validForSeconds } = centreContract['device.session'].output.parse(opened.value);
    // A token is renewed in its last fifth, by the monotonic clock: the wall clock of a counter PC may jump.
    return ok({ token, staleAtMs: machine.monotonicMs() + validForSeconds * 800 });
  }

  /** The present session, or a new one. Callers at the same time share one opening; a failed one is not kept. */
  async function currentSession(): Promise<Result<Session>> {
    const held = session;
    if (held !== null) {
      const result = await held;
      if (result.ok && machine.monotonicMs() < result.value.staleAtMs) return result;
      if (session === held) session = null;
    }
    session ??= openSession();
    const opening = session;
    const result = await opening;
    if (!result.ok && session === opening) session = null;
    return result;
  }

  /** Forgets a session that the centre did not accept, unless another call has put a new one in its place already. */
  async function dropSession(stale: Session): Promise<void> {
    const held = session;
    const result = await held;
    if (session === held && result?.ok && result.value === stale) session = null;
  }

  async function callAsDevice(method: CentreMethod, input: unknown): Promise<Result<unknown>> {
    const first = await currentSession();
    if (!first.ok) return refused(method, first.error);
    const answer = await ask(method, input, first.value.token);
    if (answer?.status !== 401) return read(method, answer);
    await dropSession(first.value);
    const second = await currentSession();
    if (!second.ok) return refused(method, second.error);
    return read(method, await ask(method, input, second.value.token));
  }

  const callMethod = async (method: CentreMethod, input: unknown): Promise<Result<unknown>> =>
    CENTRE_ACCESS[method] === 'device'
      ? callAsDevice(method, input)
      : read(method, await ask(method, input, null));

  /** `read` has proved the answer to be the method's own, or one of its failures. */
  const bound = <M extends CentreMethod>(method: M): ClientMethodOf<CentreContract[M]> =>
    ((input: unknown) => callMethod(method, input)) as ClientMethodOf<CentreContract[M]>;

  return {
    'device.enrol': bound('device.enrol'),
    'device.challenge': bound('device.challenge'),
    'device.session': bound('device.session'),
    'device.state': bound('device.state'),
    'auth.login': bound('auth.login'),
    'journal.push': bound('journal.push'),
    'replica.changes': bound('replica.changes'),
    'replica.billers': bound('replica.billers'),
    'account.fetch': bound('account.fetch'),
    'subscriber.fetch': bound('subscriber.fetch'),
    'codes.lease': bound('codes.lease'),
    'payments.accept': bound('payments.accept'),
    'receipts.verify': bound('receipts.verify'),
    'meterCard.nonce': bound('meterCard.nonce'),
    'meterCard.read': bound('meterCard.read'),
    'load.quote': bound('load.quote'),
    'load.authorise': bound('load.authorise'),
    'load.confirm': bound('load.confirm'),
    'load.cancel': bound('load.cancel'),
    'load.writeOff': bound('load.writeOff'),
    'load.list': bound('load.list'),
    'health.board': bound('health.board'),
    configured: () => url !== null,
    configure(centreUrl) {
      const address = addressSchema.safeParse({ version: 1, url: centreUrl.trim().replace(/\/+$/, '') });
      if (!address.success) {
        // A person typed it: nothing answers there, which is what every call will say.
        machine.log('warn', 'centre.addressRefused', { reason: 'not an https address' });
        [url, session] = [null, null];
        return;
      }
      writeFileDurably(options.addressFile, `${JSON.stringify(address.data)}\n`);
      if (address.data.url !== url) session = null;
      url = address.data.url;
    },
    close: () => agent.destroy(),
  };
}

/** One request. `axios` times out a silent connection only; the signal bounds the whole exchange, drip-fed answers too. */
async function post(
  http: AxiosInstance,
  address: string,
  input: unknown,
  token: string | null,
  timeoutMs: number,
): Promise<Answer> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const { status, data } = await http.post<unknown>(address, input, {
    headers,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status, body: data };
}

/** A code that is in the table and that this method or the boundary may answer. */
function mayAnswer(method: CentreMethod, code: string): boolean {
  const codes: readonly string[] = [...BOUNDARY_CODES, ...centreContract[method].errors];
  return codes.includes(code) && code in ERRORS;
}

/** Why an answer was lost, for the log: the code that TLS or the socket gave, and its words. */
function reasonOf(error: unknown): { code: string; reason: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return { code, reason: error instanceof Error ? error.message : String(error) };
}

/** The kept address. One that cannot be read is as none: the counter works on without the centre, and the log says why. */
function loadAddress(path: string, machine: Pick<MachinePort, 'log'>): string | null {
  const text = readFileIfThere(path);
  if (text === undefined) return null;
  try {
    return addressSchema.parse(JSON.parse(text)).url;
  } catch (error) {
    machine.log('error', 'file.unreadable', { reason: `${path}: ${reasonOf(error).reason}` });
    return null;
  }
}
