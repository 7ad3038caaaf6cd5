/**
 * node https-load.ts FILE: sends the requests of FILE (JSON: url, ca, token, bodies, inFlight) over HTTPS with so many in
 * flight, and prints how long it took and the statuses. A process of its own, so that it does not take the centre's time.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export type Load = {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
  readonly bodies: readonly string[];
  readonly inFlight: number;
};
export type LoadResult = {
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly p99Ms: number;
};

const load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Load; // written by centre-bench.ts
const bodies = load.bodies.map((body) => Buffer.from(body));
const agent = new Agent({ keepAlive: true, maxSockets: load.inFlight, ca: load.ca });
const target = new URL(load.url);

const statuses: Record<string, number> = {};
const latenciesMs: number[] = [];

function send(body: Buffer): Promise<void> {
  return new Promise((done, failed) => {
    const started = performance.now();
    const call = request(
      {
        agent,
        host: target.hostname,
        port: target.port,
        path: target.pathname,
        method: 'POST',
        headers: {
          authorization: `Bearer ${load.token}`,
          'content-type': 'application/json',
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          const status = String(response.statusCode);
          statuses[status] = (statuses[status] ?? 0) + 1;
          latenciesMs.push(performance.now() - started);
          done();
        });
      },
    );
    call.once('error', failed);
    call.end(body);
  });
}

let next = 0;
const started = performance.now();
await Promise.all(
  Array.from({ length: load.inFlight }, async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) await send(body);
  }),
);
const seconds = (performance.now() - started) / 1000;
latenciesMs.sort((a, b) => a - b);
const result: LoadResult = {
  seconds,
  statuses,
  p99Ms: latenciesMs[Math.max(0, Math.ceil(latenciesMs.length * 0.99) - 1)] ?? 0,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
agent.destroy();
