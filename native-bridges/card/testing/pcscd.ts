import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sendAtOnce } from './no-delay.ts';

/**
 * A real PC/SC daemon with two virtual readers (vpcd), as many at once as there are tests. It knows one place for its
 * socket, so each gets a /run of its own in a mount namespace; who is not root gets a user namespace with it, where the
 * kernel allows that.
 */

export type VirtualReader = {
  /** As PC/SC lists it. */
  readonly name: string;
  /** On this port of 127.0.0.1 a virtual card is put in by connecting. */
  readonly port: number;
};

export type Pcscd = {
  /** For whoever is to find this daemon and no other. */
  readonly environment: Readonly<Record<string, string>>;
  readonly readers: readonly [VirtualReader, VirtualReader];
  /** Its process; null while it does not run. */
  pid(): number | null;
  /** Until it answers; it has its readers, or none. They cannot be plugged in while it runs: it watches USB for that. */
  start(readers?: 'both' | 'none'): Promise<void>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Its last lines. */
  log(): string;
};

/** What a vitest test hands to its function, as far as it is needed here. */
type TestContext = {
  skip(note: string): never;
  onTestFinished(clean: () => Promise<void>): void;
};

/** The name that vpcd gives itself where it is installed. */
const READER_NAME = 'Virtual PCD';
const DRIVERS = [
  '/usr/lib/pcsc/drivers/serial/libifdvpcd.so',
  '/usr/lib64/pcsc/drivers/serial/libifdvpcd.so',
  '/usr/lib/*/pcsc/drivers/serial/libifdvpcd.so',
];
/** Below those that the system gives to connections of its own. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const PORT_TRIES = 20;
const STOP_MS = 5000;
const READY_MS = 30_000;
const LAST_LINES = 60;

/** Hides /run behind an empty one with the daemon's folder, and becomes the daemon, which ends with its parent. */
const IN_NAMESPACE = `
mount -t tmpfs -o mode=755 none /run &&
mkdir /run/pcscd &&
mount --bind "$1" /run/pcscd &&
exec setpriv --pdeathsig KILL "$2" --foreground --info --config "$3"
`;

/**
 * A daemon for one test, stopped and cleaned away at its end; not started yet. Skips the test, with the reason, where it
 * cannot be had.
 * @param needs of scripts/needs.ts: the path of a program of the system
 */
export async function pcscdFor(
  context: TestContext,
  needs: (context: TestContext, program: string) => string,
): Promise<Pcscd> {
  const program = needs(context, 'pcscd');
  needs(context, 'vpcd');
  const driver = DRIVERS.flatMap((path) => globSync(path)).find((path) => existsSync(path));
  if (driver === undefined) context.skip('vpcd is installed without its driver libifdvpcd.so');
  const why = whyNoNamespace();
  if (why !== undefined) context.skip(why);
  const folder = mkdtempSync(join(tmpdir(), 'komis-pcscd-'));
  const daemon = pcscdIn(folder, program, driver, await freePorts());
  context.onTestFinished(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return daemon;
}

const unshare = (): readonly string[] =>
  process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];

/** Why no mount namespace is to be had; undefined when one is. */
export function whyNoNamespace(): string | undefined {
  if (process.platform !== 'linux') return 'the virtual reader is set up on Linux only';
  const tried = spawnSync('unshare', [...unshare(), 'mount', '-t', 'tmpfs', 'none', '/run'], {
    encoding: 'utf8',
  });
  if (tried.status === 0) return undefined;
  const reason = tried.error?.message ?? tried.stderr.trim();
  return `the system allows no mount namespace for a PC/SC daemon of our own: ${reason}`;
}

function pcscdIn(folder: string, program: string, driver: string, port: number): Pcscd {
  const run = join(folder, 'run');
  const config = join(folder, 'reader.conf');
  mkdirSync(run);
  const readers = [
    { name: `${READER_NAME} 00 00`, port },
    { name: `${READER_NAME} 00 01`, port: port + 1 },
  ] as const;
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();

  async function start(which: 'both' | 'none' = 'both'): Promise<void> {
    if (child !== undefined) throw new Error('pcscd runs already');
    writeFileSync(config, which === 'none' ? '' : readerConfig(driver, port));
    lines.length = 0;
    const started = spawn(
      'unshare',
      [...unshare(), 'sh', '-c', IN_NAMESPACE, 'pcscd', run, program, config],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child = started;
    for (const input of [started.stdout, started.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        if (lines.length > LAST_LINES) lines.shift();
        started.emit('said', line);
      });
    }
    ended = new Promise((done) => {
      const end = (): void => {
        if (child === started) child = undefined;
        done();
      };
      started.on('close', end);
      started.on('error', end);
    });
    await said(started, /daemon ready/);
    if (which === 'both' && lines.some((line) => line.includes('Could not initialize'))) {
      throw new Error(`the virtual readers did not start:\n${lines.join('\n')}`);
    }
    quicken(started);
  }

  /** Where that is not allowed everything works, 40 ms a command later. */
  function quicken({ pid }: ChildProcess): void {
    if (pid !== undefined) sendAtOnce(pid, [port, port + 1]);
  }

  /** Until it has written such a line. */
  function said(one: ChildProcess, what: RegExp): Promise<void> {
    return new Promise((done, failed) => {
      const late = setTimeout(() => fail('was not ready'), READY_MS);
      const fail = (how: string): void => failed(new Error(`pcscd ${how}:\n${lines.join('\n')}`));
      one.on('said', (line: string) => {
        if (!what.test(line)) return;
        clearTimeout(late);
        done();
      });
      void ended.then(() => {
        clearTimeout(late);
        fail('ended');
      });
    });
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const one = child;
    if (one === undefined) return;
    one.kill(signal);
    const late = setTimeout(() => one.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  return {
    environment: { PCSCLITE_CSOCK_NAME: join(run, 'pcscd.comm') },
    readers,
    pid: () => child?.pid ?? null,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log: () => lines.join('\n'),
  };
}

const readerConfig = (driver: string, port: number): string =>
  [
    `FRIENDLYNAME "${READER_NAME}"`,
    `DEVICENAME /dev/null:0x${port.toString(16)}`,
    `LIBPATH ${driver}`,
    `CHANNELID 0x${port.toString(16)}`,
    '',
  ].join('\n');

/** The first of two neighbouring ports that nobody listens on. */
async function freePorts(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const taken = await Promise.allSettled([listenOn(port), listenOn(port + 1)]);
    await Promise.all(taken.flatMap((one) => (one.status === 'fulfilled' ? [closed(one.value)] : [])));
    if (taken.every(({ status }) => status === 'fulfilled')) return port;
  }
  throw new Error('no two neighbouring ports are free');
}

function listenOn(port: number): Promise<Server> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', failed);
    server.listen(port, '0.0.0.0', () => done(server));
  });
}

const closed = (server: Server): Promise<void> => new Promise((done) => server.close(() => done()));
