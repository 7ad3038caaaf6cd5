import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failureWords } from '../core-host/failure-words.ts';
import { launchArguments } from '../core-host/launch-arguments.ts';
import { startCoreHost } from '../core-host/core-host.ts';
import { testFaults } from '../core-host/test-faults.ts';
import { watchFaults } from '../core-host/watch-faults.ts';
import { keptSecret } from './kept-secret.ts';
import { startLoopback } from './loopback.ts';

/**
 * The loopback shell as a program: `main.ts --data-dir D [--ca FILE] [--port N] [--demo] [--virtual-readers PORT] [--screen DIR]`. Prints one line
 * of JSON on standard output, `{"ready":true,"url":…,"port":…}` or `{"ready":false,"code":…,"message":…}`; logs go to
 * standard error. SIGINT and SIGTERM end it in good order.
 */

const PORT_TAKEN =
  'Bu port məşğuldur. Başqasını seçin: --port N.\n' +
  'This port is taken by another program. Choose another one: --port N.\n' +
  'Порт занят другой программой. Выберите другой: --port N.';

const say = (line: Readonly<Record<string, unknown>>): void =>
  void process.stdout.write(`${JSON.stringify(line)}\n`);

function refuse(code: string, message: string): void {
  say({ ready: false, code, message });
  process.exitCode = 1;
}

/** Where the built page lies: beside the bundled program, or in dist/ of the checkout. */
function screenFolder(given: string | undefined): string {
  const bundled = join(import.meta.dirname, '..', 'renderer');
  if (given !== undefined) return resolve(given);
  return existsSync(join(bundled, 'assets'))
    ? bundled
    : join(import.meta.dirname, '..', '..', 'dist', 'renderer');
}

async function run(): Promise<void> {
  const args = process.argv.slice(2);
  const { values } = parseArgs({
    args,
    options: {
      'data-dir': { type: 'string' },
      ca: { type: 'string' },
      demo: { type: 'boolean' },
      'virtual-readers': { type: 'string' },
      port: { type: 'string', default: '0' },
      screen: { type: 'string' },
    },
  });
  const launch = launchArguments(args, { dataDir: '.data/workstation' });
  const core = startCoreHost({
    ...launch,
    holder: 'KÖMİS, brauzer',
    ...testFaults(process.env),
  });
  if (!core.ok) return refuse(core.error.code, failureWords(core.error));
  const { attach, log, faults, stop } = core.value;
  watchFaults(faults);
  const shell = await startLoopback({
    port: Number(values.port),
    session: keptSecret(join(launch.dataDir, 'browser-session')),
    screenFolder: screenFolder(values.screen),
    attach,
    report: (event, fields) => log('warn', event, fields),
  });
  if (!shell.ok) {
    await stop();
    return refuse(shell.error, PORT_TAKEN);
  }
  let stopping = false;
  const end = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await shell.value.stop();
    await stop();
    process.exit();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
  say({ ready: true, url: shell.value.url, port: shell.value.port, pid: process.pid });
}

await run();
