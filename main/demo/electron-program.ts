import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An attempt to fetch Electron's program gives up after this; on a cut-off network it would hang far longer. */
const INSTALL_LIMIT_MS = 180_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Electron's program, if it is on this machine. Looks at the same places as the package does, but without loading it:
 * loading it starts a download.
 */
export function findElectron(root: string, environment: Environment): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : '';
  const elsewhere = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  if (elsewhere) return existing(join(elsewhere, named || 'electron'));
  return named === '' ? null : existing(join(folder, 'dist', named));
}

const existing = (path: string): string | null => (existsSync(path) ? path : null);

/** Lets the package fetch its program. Null when it did, else why not, in a few words. */
export function installElectron(root: string): Promise<string | null> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: INSTALL_LIMIT_MS,
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) done(null);
      else done(signal ? `gave up after ${INSTALL_LIMIT_MS / 1000} s` : firstLine(words) || `code ${code}`);
    });
  });
}

/** The first line that says something, cut to what fits into a sentence. */
const firstLine = (words: string): string =>
  (words.split('\n').find((line) => line.trim() !== '') ?? '').trim().slice(0, 160);

/** Whether somebody could look at a window here. */
export const hasDisplay = (platform: NodeJS.Platform, environment: Environment): boolean =>
  platform === 'win32' ||
  platform === 'darwin' ||
  Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY']);
