import { createServer, type Server } from 'node:https';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import {
  claimFolder,
  openDataFolder,
  readRuntime,
  releaseFolder,
  writeRuntime,
  type DataFolder,
} from './data-folder.ts';
import { centreSecret, replicaEpoch } from './db/centre-meta.ts';
import { openDatabase } from './db/database.ts';
import { startEmbedded, type EmbeddedServer } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import { centreApp } from './http/app.ts';
import { deviceCache } from './http/device-cache.ts';
import { RATE_LIMITS, type RateLimits } from './http/limits.ts';
import { tokens } from './http/tokens.ts';
import { acceptPayments } from './intake/accept-payment.ts';
import { startSignatureCheck } from './intake/signature-check.ts';
import { keyStoreKind, openKeyStore, openWhenNeeded } from './keys/open-key-store.ts';
import { findDevice } from './registry/workstations.ts';
import { ownCertificate, type ServerCertificate } from './tls/certificates.ts';
import { startWatch } from './vending/watch.ts';

export type CentreOptions = {
  readonly dataDir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Other names and addresses the server certificate must cover; the first is used in receipt addresses. */
  readonly names: readonly string[];
  /** A PostgreSQL of one's own instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** A certificate of one's own instead of one by our authority. */
  readonly tls: { readonly certFile: string; readonly keyFile: string; readonly caFile: string } | undefined;
  /** How the world reaches this centre, when a proxy stands before it; else its own address. */
  readonly publicUrl: string | undefined;
  /** How many proxies of one's own stand before it: whose word on the caller's address is believed. */
  readonly proxies?: number;
  readonly centreName: string;
  readonly rateLimits?: RateLimits;
  readonly timeouts?: Timeouts;
  readonly log: Logger;
};

/** How long a client may take, in milliseconds: to send its headers, its whole request, and between requests. */
export type Timeouts = {
  readonly headers: number;
  readonly request: number;
  readonly idle: number;
  readonly look: number;
};
const TIMEOUTS: Timeouts = { headers: 10_000, request: 60_000, idle: 65_000, look: 2_000 };

export type Centre = {
  readonly url: string;
  readonly caFile: string;
  readonly pgUrl: string;
  /** Resolves when the centre cannot go on: the database it started has ended. */
  readonly failed: Promise<Error>;
  /** Takes no new requests, answers those under way, stops the database it started. */
  stop(): Promise<void>;
};

const VERSION = '0.1.0';
const GRACE_MS = 10_000;

/** Another centre runs on this data folder. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/** Starts the centre: database, migrations, certificates, HTTPS. Whatever was started is stopped again when a step fails. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const folder = openDataFolder(options.dataDir);
  if (!claimFolder(folder)) {
    throw new AlreadyRunningError(
      `process ${readRuntime(folder)?.pid ?? '?'} runs on ${folder.root} already`,
    );
  }
  const undo: (() => Promise<void>)[] = [async () => releaseFolder(folder)];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const own = options.databaseUrl === undefined ? await embedded(folder, options.log, undo) : undefined;
    const pgUrl = options.databaseUrl ?? own?.url ?? '';
    writeRuntime(folder, { url: null, pgUrl });
    const applied = await migrate(pgUrl);
    if (applied.migrations.length + applied.functions.length > 0) options.log.info(applied, 'migrated');
    const server = await listen(options, await certificate(options, folder), folder.keys, pgUrl, undo);
    writeRuntime(folder, { url: server.url, pgUrl });
    return { ...server, pgUrl, failed: own?.died ?? new Promise<Error>(() => undefined), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function embedded(
  folder: DataFolder,
  log: Logger,
  undo: (() => Promise<void>)[],
): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dir: folder.pg, durable: true });
  log.info({ postgresPid: server.pid }, 'database');
  undo.push(() => server.stop());
  return server;
}

async function certificate(
  { tls, names, host }: CentreOptions,
  folder: DataFolder,
): Promise<ServerCertificate> {
  if (tls)
    return {
      key: readFileSync(tls.keyFile, 'utf8'),
      cert: readFileSync(tls.certFile, 'utf8'),
      caFile: tls.caFile,
    };
  const own = [
    'localhost',
    '127.0.0.1',
    '::1',
    ...names,
    ...(host === '0.0.0.0' || host === '::' ? [] : [host]),
  ];
  return ownCertificate(folder.certs, [...new Set(own)]);
}

async function listen(
  options: CentreOptions,
  { key, cert, caFile }: ServerCertificate,
  keysFolder: string,
  pgUrl: string,
  undo: (() => Promise<void>)[],
): Promise<{ readonly url: string; readonly caFile: string }> {
  const database = openDatabase(pgUrl, 20);
  undo.push(() => database.close());
  const payments = acceptPayments(database);
  undo.push(() => payments.idle());
  const signatures = startSignatureCheck(database, options.log);
  undo.push(() => signatures.stop());
  const keys = openWhenNeeded(
    keyStoreKind(),
    () => openKeyStore(keysFolder),
    (error) => options.log.error({ err: error }, 'keyStoreAway'),
  );
  undo.push(() => keys.close());
  const watch = startWatch({ database, keys }, options.log);
  undo.push(() => watch.stop());
  const server = guarded({ key, cert, minVersion: 'TLSv1.2' }, options.timeouts ?? TIMEOUTS);
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, done);
  });
  undo.push(() => close(server));
  const { port } = server.address() as AddressInfo; // listening on TCP
  const url = `https://${options.names[0] ?? 'localhost'}:${port}`;
  const publicUrl = options.publicUrl ?? url;
  const app = centreApp({
    database,
    payments,
    keys,
    tokens: tokens(await centreSecret(database.db, 'tokenSecret')),
    replicaEpoch: await replicaEpoch(database.db),
    centreName: options.centreName,
    receiptVerifyUrl: `${publicUrl.replace(/\/+$/, '')}/q`,
    version: VERSION,
    log: options.log,
    rateLimits: options.rateLimits ?? RATE_LIMITS,
    proxies: options.proxies ?? 0,
    findDevice: deviceCache((deviceId) => findDevice(database.db, deviceId)),
  });
  server.on('request', app);
  return { url, caFile };
}

/** A client that sends its request drop by drop, or none at all, is cut off; a workstation keeps its line for a while. */
function guarded(
  tls: { key: string; cert: string; minVersion: 'TLSv1.2' },
  { headers, request, idle, look }: Timeouts,
): Server {
  const server = createServer({
    ...tls,
    headersTimeout: headers,
    requestTimeout: request,
    keepAliveTimeout: idle,
    connectionsCheckingInterval: look,
    handshakeTimeout: headers,
  });
  server.timeout = 2 * request;
  server.maxHeadersCount = 100;
  server.maxConnections = 10_000;
  return server;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(late);
}
