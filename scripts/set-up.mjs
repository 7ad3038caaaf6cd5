import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { singleFlight } from './single-flight.mjs';

/** The root of the repository. */
export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

const stamp = join(root, 'node_modules', '.komis-set-up');
const tenSeconds = 10_000;

/** The Node 24 that the repository brings along. */
export const node24 = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** @param {string} text */
const say = (text) => void process.stderr.write(`komis: ${text}\n`);

/**
 * Makes sure that node_modules is what package-lock.json says and that Node 24 is there. Says on stderr what it does;
 * says nothing, and needs no network, when there is nothing to do. Two at once: the second waits for the first.
 * @throws {SetUpError} with what to do
 */
export async function ensureSetUp() {
  if (isSetUp()) return;
  await singleFlight(join(root, '.cache', 'set-up.lock'), 'installing dependencies', async () => {
    if (isSetUp()) return;
    if (!matchesLock()) await install();
    else if (scriptsToRun().some((name) => !hasRun(name))) await runInstallScripts();
    const lacking = scriptsToRun().filter((name) => !hasRun(name));
    if (lacking.length > 0) {
      throw new SetUpError(
        `${lacking.join(' and ')} did not install completely. ` +
          (lacking.includes('node')
            ? `Node 24 is expected at ${node24}; no other Node is used in its place. `
            : '') +
          `Check the network, then run: npm rebuild ${lacking.join(' ')}`,
      );
    }
    writeFileSync(stamp, fingerprint());
  });
}

/** Set-up failed; the message says what to do. */
export class SetUpError extends Error {}

function isSetUp() {
  return existsSync(node24) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

/** What node_modules must have been made from. */
function fingerprint() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/** Whether somebody's own `npm ci` or `npm install` has already put everything in place. */
function matchesLock() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const here = packagesOf(installed);
  const wanted = packagesOf(join(root, 'package-lock.json'));
  return (
    Object.entries(here).every(([path, one]) => wanted[path]?.version === one.version) &&
    Object.entries(wanted).every(([path, one]) => path === '' || one.optional || here[path] !== undefined)
  );
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * The packages whose install scripts are needed, and are here on this platform. All other scripts stay unrun: they
 * would compile what the packages already contain. npm before 11 does not read `allowScripts`, hence our own pass.
 * @returns {string[]}
 */
function scriptsToRun() {
  /** @type {Record<string, boolean>} */
  const allowed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).allowScripts;
  return Object.keys(allowed).filter((name) => allowed[name] && existsSync(join(root, 'node_modules', name)));
}

/** @param {string} name */
function hasRun(name) {
  if (name === 'node') return existsSync(node24);
  const links = join(root, 'node_modules', name, 'native', 'pg-symlinks.json');
  if (!existsSync(links)) return true;
  /** @type {{ target: string }[]} */
  const wanted = JSON.parse(readFileSync(links, 'utf8'));
  return wanted.every(({ target }) => existsSync(join(root, 'node_modules', name, target)));
}

async function install() {
  say(
    `${existsSync(join(root, 'node_modules')) ? 'the dependencies changed' : 'first start'}: installing them (npm ci)`,
  );
  await npm('ci', '--ignore-scripts', '--include=dev', '--include=optional', '--prefer-offline');
  await runInstallScripts();
  say('dependencies installed');
}

async function runInstallScripts() {
  const names = scriptsToRun();
  say(`preparing ${names.join(', ')}`);
  await npm('rebuild', '--ignore-scripts=false', ...names);
}

/** Runs npm with its output on stderr, and says every ten seconds that it is still at work. @param {string[]} args */
async function npm(...args) {
  const script = process.env.npm_execpath;
  const common = ['--no-audit', '--no-fund', '--loglevel=error'];
  const [program, ...first] = script?.endsWith('.js')
    ? [process.env.npm_node_execpath ?? process.execPath, script]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const started = Date.now();
  const ticker = setInterval(() => {
    say(`npm ${args[0]} is still at work, ${Math.round((Date.now() - started) / 1000)} s`);
  }, tenSeconds);
  try {
    const code = await new Promise((done, fail) => {
      const child = spawn(program ?? 'npm', [...first, ...args, ...common], {
        cwd: root,
        stdio: ['ignore', process.stderr, process.stderr],
        shell: program === 'npm.cmd',
      });
      child.on('error', fail);
      child.on('close', (exit, signal) => done(exit ?? signal));
    });
    if (code === 0) return;
    throw new SetUpError(
      `npm ${args[0]} failed (${code}); what it says is above. Nothing was started. ` +
        'Mend the cause (network, disk space, rights on this folder) and give the same command again.',
    );
  } catch (error) {
    if (error instanceof SetUpError) throw error;
    throw new SetUpError(
      `npm could not be started: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    clearInterval(ticker);
  }
}
