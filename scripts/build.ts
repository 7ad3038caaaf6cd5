/**
 * `npm run build`: the renderer into dist/renderer, and the programs of the workstation into dist/main and
 * dist/preload. `--if-stale` builds only what changed since it was last built; `--renderer` leaves the programs out.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { InlineConfig } from 'vite';
import { singleFlight } from './single-flight.mjs';

const root = resolve(import.meta.dirname, '..');

/** One thing to build: what it is made of, and what of. */
interface Target {
  /** Under dist/. */
  readonly output: string;
  /** The file it starts from. */
  readonly entry: string;
  /** Folders whose every source makes it stale. */
  readonly inputs: readonly string[];
  /** Builds into the folder given. */
  readonly build: (into: string) => Promise<void>;
}

const renderer: Target = {
  output: 'renderer',
  entry: 'renderer/index.html',
  inputs: ['renderer', 'contracts'],
  build: async (into) => {
    const { default: react } = await import('@vitejs/plugin-react');
    await bundle({
      ...quiet,
      root: join(root, 'renderer'),
      base: './',
      plugins: [react()],
      build: {
        outDir: into,
        emptyOutDir: true,
        target: 'es2024',
        // The content security policy allows no data: scripts, styles or fonts.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        // The page comes from this machine's own disk: one large script is as good as many.
        chunkSizeWarningLimit: 4000,
        sourcemap: false,
      },
    });
  },
};

const workstation = ['contracts', 'core', 'native-bridges', 'main', 'preload'];

const programs: readonly Target[] = [
  program('main/core-host.mjs', 'main/core-host/main.ts'),
  program('main/card-process.mjs', 'native-bridges/card/transport/child.ts'),
  program('main/loopback.mjs', 'main/loopback/main.ts'),
  program('main/electron.mjs', 'main/electron/main.ts'),
  program('preload/preload.cjs', 'preload/preload.ts'),
];

/** A program for Node: our own sources in one file, packages left outside. The sandboxed preload has no packages. */
function program(output: string, entry: string): Target {
  const commonJs = output.endsWith('.cjs');
  return {
    output,
    entry,
    inputs: workstation,
    build: (into) =>
      bundle({
        ...quiet,
        root,
        ssr: { noExternal: commonJs ? true : [], external: commonJs ? ['electron'] : true },
        build: {
          ssr: join(root, entry),
          outDir: dirname(into),
          emptyOutDir: false,
          target: 'node24',
          minify: false,
          sourcemap: false,
          rolldownOptions: {
            output: {
              format: commonJs ? 'cjs' : 'es',
              entryFileNames: into.slice(dirname(into).length + 1),
              codeSplitting: false,
            },
          },
        },
      }),
  };
}

const quiet: InlineConfig = { configFile: false, logLevel: 'warn', mode: 'production', publicDir: false };

/** Vite is loaded only when there is something to build: asking whether there is must cost nothing. */
async function bundle(config: InlineConfig): Promise<void> {
  const { build } = await import('vite');
  await build(config);
}

/** Builds the renderer when a source of it changed since the last time. Safe to call from several processes at once. */
export async function ensureRendererBuilt(): Promise<void> {
  await ensureBuilt([renderer]);
}

/** Builds the renderer and the programs of the workstation where they are stale. */
export async function ensureAllBuilt(): Promise<void> {
  await ensureBuilt([renderer, ...programs]);
}

async function ensureBuilt(targets: readonly Target[]): Promise<void> {
  if (!targets.some(isStale)) return;
  await singleFlight(join(root, '.cache', 'build.lock'), 'building', async () => {
    for (const target of targets.filter(isStale)) await make(target);
  });
}

async function buildAll(targets: readonly Target[]): Promise<void> {
  await singleFlight(join(root, '.cache', 'build.lock'), 'building', async () => {
    for (const target of targets) await make(target);
  });
}

/** Builds aside and moves the result into place, so that nobody ever meets half a build. */
async function make(target: Target): Promise<void> {
  if (!existsSync(join(root, target.entry))) {
    throw new Error(`${target.entry} is missing: dist/${target.output} cannot be built`);
  }
  const started = performance.now();
  const made = join(root, 'dist', target.output);
  const aside = join(root, '.cache', 'build', 'making', target.output);
  const old = join(root, '.cache', 'build', 'old', target.output);
  const inputs = fingerprint(target);
  await target.build(aside);
  for (const path of [made, old]) mkdirSync(dirname(path), { recursive: true });
  rmSync(old, { recursive: true, force: true });
  if (existsSync(made)) renameSync(made, old);
  renameSync(aside, made);
  rmSync(old, { recursive: true, force: true });
  mkdirSync(dirname(stampOf(target)), { recursive: true });
  writeFileSync(stampOf(target), inputs);
  process.stderr.write(
    `komis: built dist/${target.output} in ${Math.round(performance.now() - started)} ms\n`,
  );
}

function isStale(target: Target): boolean {
  const made = existsSync(join(root, 'dist', target.output)) && existsSync(stampOf(target));
  return !made || readFileSync(stampOf(target), 'utf8') !== fingerprint(target);
}

const stampOf = (target: Target): string =>
  join(root, '.cache', 'build', `${target.output.replaceAll('/', '-')}.stamp`);

/** A hash over everything that goes into a target: its sources, the packages and this script. */
function fingerprint(target: Target): string {
  const sources = target.inputs.flatMap((folder) => globSync(`${folder}/**/*.*`, { cwd: root }));
  const files = [...sources, 'package-lock.json', 'scripts/build.ts']
    .filter((file) => !/\.test\.tsx?$|\.md$|tsconfig[^/]*\.json$/.test(file))
    .toSorted();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const targets = args.includes('--renderer') ? [renderer] : [renderer, ...programs];
  try {
    await (args.includes('--if-stale') ? ensureBuilt(targets) : buildAll(targets));
  } catch (error) {
    process.stderr.write(
      `komis: the build failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
