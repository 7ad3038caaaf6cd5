/**
 * The centre. `--data-dir D --port N`; prints one JSON line on standard output when it is ready, its log on standard error.
 * SIGTERM and SIGINT stop it: requests under way get their answers first.
 */
import { parseArgs } from 'node:util';
import pino from 'pino';
import { AlreadyRunningError, startCentre } from './centre.ts';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.data' },
    port: { type: 'string', default: '8443' },
    host: { type: 'string', default: '127.0.0.1' },
    name: { type: 'string', multiple: true, default: [] },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'tls-ca': { type: 'string' },
    'public-url': { type: 'string' },
    proxies: { type: 'string', default: '0' },
    'centre-name': { type: 'string', default: 'KÖMİS' },
    'log-level': { type: 'string', default: process.env['KOMIS_LOG_LEVEL'] ?? 'info' },
  },
});

const log = pino(
  { level: values['log-level'], base: { pid: process.pid } },
  pino.destination({ dest: 2, sync: true }),
);

/** One place for what nobody expected: it is written down, and the process ends rather than go on in doubt. */
function giveUp(error: unknown): never {
  log.fatal({ err: error }, 'fault');
  process.exit(70);
}
process.on('uncaughtException', giveUp);
process.on('unhandledRejection', giveUp);

/** Asked to stop, even while still starting: what was started is stopped in order. */
const stopAsked = new Promise<NodeJS.Signals>((asked) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, asked);
});

const certFile = values['tls-cert'];
const keyFile = values['tls-key'];
try {
  const centre = await startCentre({
    dataDir: values['data-dir'],
    port: Number(values.port),
    host: values.host,
    names: values.name,
    databaseUrl: process.env['DATABASE_URL'],
    tls:
      certFile !== undefined && keyFile !== undefined
        ? { certFile, keyFile, caFile: values['tls-ca'] ?? certFile }
        : undefined,
    publicUrl: values['public-url'],
    proxies: Number(values.proxies),
    centreName: values['centre-name'],
    log,
  });
  void centre.failed.then(giveUp);
  log.info({ url: centre.url }, 'ready');
  process.stdout.write(`${JSON.stringify({ ready: true, url: centre.url, caFile: centre.caFile })}\n`);
  log.info({ signal: await stopAsked }, 'stopping');
  await centre.stop();
  process.exit(0);
} catch (error) {
  if (!(error instanceof AlreadyRunningError)) throw error;
  log.error(error.message);
  process.exit(3);
}
