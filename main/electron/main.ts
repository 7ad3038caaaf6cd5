import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  protocol,
  session,
  utilityProcess,
  type MessagePortMain,
} from 'electron';
import { launchArguments, passedOn } from '../core-host/launch-arguments.ts';
import { screenHeaders } from '../screen/screen-headers.ts';
import { superviseCore, type CoreSupervisor } from './core-supervisor.ts';
import { lockContents, lockSession, mayHaveLine } from './page-locks.ts';
import { afterDeath } from '../supervision/restart-policy.ts';
import { PAGE_URL, SCHEME, screenAnswer } from './screen-scheme.ts';
import { windowKey, windowOptions } from './window-options.ts';

/** The one channel between the page and this process; preload/preload.ts asks on it. */
const CHANNEL = 'ipw.port';
const SCREEN_FOLDER = join(import.meta.dirname, '..', 'renderer');
const PRELOAD = join(import.meta.dirname, '..', 'preload', 'preload.cjs');
const CORE_HOST = join(import.meta.dirname, 'core-host.mjs');

const STOPPED =
  'KÖMİS iş yeri dayandı. Qəbul edilmiş hər ödəniş jurnaldadır. Dəstəyi çağırın.\n\n' +
  'The workstation has stopped. Every payment taken is in the journal. Call support.\n\n' +
  'Рабочее место остановлено. Каждый принятый платёж записан в журнале. Вызовите поддержку.';

/** One JSON line on standard error per event, as the core host writes them. */
function log(event: string, fields: Readonly<Record<string, string | number>>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
}

const refused = (what: string, detail: string): void => log('page.refused', { what, detail });

/** The page's files, from inside the package, each with the headers that bind it. */
async function serveScreen(request: Request): Promise<Response> {
  const { status, file } = screenAnswer(request.method, request.url, SCREEN_FOLDER);
  const headers = screenHeaders([]);
  if (!file) return new Response(null, { status, headers });
  try {
    return new Response(await readFile(file.path), {
      headers: { ...headers, 'content-type': file.mediaType },
    });
  } catch (error) {
    log('page.fileMissing', { reason: String(error) });
    return new Response(null, { status: 404, headers });
  }
}

function openWindow(core: CoreSupervisor<MessagePortMain>): BrowserWindow {
  const window = new BrowserWindow(windowOptions(PRELOAD));
  let deaths: readonly number[] = [];
  window.once('ready-to-show', () => window.show());
  window.webContents.on('before-input-event', (event, press) => {
    const action = windowKey(press);
    if (!action) return;
    event.preventDefault();
    const { webContents } = window;
    if (action === 'reload') webContents.reload();
    else if (action === 'zoomReset') webContents.setZoomLevel(0);
    else webContents.setZoomLevel(webContents.getZoomLevel() + (action === 'zoomIn' ? 0.5 : -0.5));
  });
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log('page.gone', { reason, exitCode });
    const decision = afterDeath(deaths, performance.now());
    deaths = decision.deaths;
    if (decision.restart) window.webContents.reload();
    else stopWithWords(core, null);
  });
  void window.loadURL(PAGE_URL);
  return window;
}

let stopping = false;

/** Ends the core host, then the program. */
function quit(core: CoreSupervisor<MessagePortMain>): void {
  if (stopping) return;
  stopping = true;
  core.stop().then(
    () => app.exit(0),
    (error: unknown) => {
      log('core.stopFailed', { reason: String(error) });
      app.exit(1);
    },
  );
}

function stopWithWords(core: CoreSupervisor<MessagePortMain> | undefined, text: string | null): void {
  dialog.showErrorBox('KÖMİS', text ?? STOPPED);
  if (core) quit(core);
  else app.exit(1);
}

async function run(): Promise<void> {
  await app.whenReady();
  Menu.setApplicationMenu(null);
  lockSession(session.defaultSession, refused);
  protocol.handle(SCHEME, serveScreen);

  const options = launchArguments(process.argv.slice(1), { dataDir: app.getPath('userData') });
  let core: CoreSupervisor<MessagePortMain> | undefined = undefined;
  core = superviseCore<MessagePortMain>({
    start: () => utilityProcess.fork(CORE_HOST, passedOn(options), { serviceName: 'KOMIS core host' }),
    monotonicMs: () => performance.now(),
    after: (delayMs, act) => {
      const timer = setTimeout(act, delayMs);
      return () => clearTimeout(timer);
    },
    log,
    gaveUp: (text) => stopWithWords(core, text),
  });
  const running = core;

  ipcMain.on(CHANNEL, (event) => {
    if (!mayHaveLine(event.senderFrame)) return refused('line', event.senderFrame?.url ?? 'no frame');
    const { port1, port2 } = new MessageChannelMain();
    running.give(port1);
    event.senderFrame?.postMessage(CHANNEL, null, [port2]);
  });

  const window = openWindow(running);
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('window-all-closed', () => quit(running));
  app.on('before-quit', (event) => {
    event.preventDefault();
    quit(running);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => quit(running));
}

// Dumps stay on this machine: whoever supports it collects them.
crashReporter.start({ uploadToServer: false });
app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
app.on('child-process-gone', (_event, { type, reason, exitCode }) =>
  log('process.gone', { type, reason, exitCode }),
);
app.on('web-contents-created', (_event, contents) => lockContents(contents, refused));
if (app.requestSingleInstanceLock()) {
  run().catch((error: unknown) => {
    log('shell.failed', { reason: String(error) });
    stopWithWords(undefined, null);
  });
} else {
  app.exit(0);
}
