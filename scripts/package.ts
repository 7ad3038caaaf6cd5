/**
 * `npm run package`: the installable client, unpacked (`electron-builder --dir`) for Linux and Windows.
 *   --linux, --win    only that platform
 *   --installers      AppImage, deb and nsis instead of the unpacked folder
 *   --e2e             the flavour that Playwright can attach to
 *   --stand-in        a stand-in for Electron's binary: proves what is packaged where Electron cannot be downloaded
 *   --out DIR         instead of dist/package
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, DIR_TARGET, Platform as BuilderPlatform, type Configuration } from 'electron-builder';
import { ensureAllBuilt } from './build.ts';
import { layOut, type Layout, type Platform } from './package-contents.ts';
import { singleFlight } from './single-flight.mjs';
import { makeStandInElectron } from './stand-in-electron.ts';

const root = resolve(import.meta.dirname, '..');
const work = join(root, '.cache', 'package');

/** What to make, and how. */
export interface PackageOptions {
  readonly platforms: readonly Platform[];
  readonly output: string;
  readonly installers: boolean;
  readonly e2e: boolean;
  readonly standIn: boolean;
}

export const linux: Platform = { os: 'linux', cpu: 'x64' };
export const windows: Platform = { os: 'win32', cpu: 'x64' };

/**
 * Builds what is stale and packages it.
 * @returns what went in, per platform
 */
export async function packageClient(options: PackageOptions): Promise<Layout[]> {
  await ensureAllBuilt();
  return singleFlight(join(root, '.cache', 'package.lock'), 'packaging', async () => {
    const layouts: Layout[] = [];
    for (const platform of options.platforms) layouts.push(await packageFor(platform, options));
    return layouts;
  });
}

async function packageFor(platform: Platform, options: PackageOptions): Promise<Layout> {
  const folder = join(work, platform.os, 'app');
  let layout = layOut(root, folder, platform);
  if (layout.absent.length > 0 && !options.standIn) {
    layout = layOut(root, folder, platform, fetchAbsent(layout.absent, platform));
    if (layout.absent.length > 0)
      throw new Error(`these packages could not be had: ${layout.absent.join(', ')}`);
  }
  const builder = platform.os === 'linux' ? BuilderPlatform.LINUX : BuilderPlatform.WINDOWS;
  await build({
    projectDir: root,
    targets: builder.createTarget(options.installers ? null : DIR_TARGET, 1),
    config: configurationFor(platform, folder, options),
    publish: 'never',
  });
  return layout;
}

/** electron-builder.yml, and what this run adds to it. */
function configurationFor(platform: Platform, folder: string, options: PackageOptions): Configuration {
  const version: string = JSON.parse(
    readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'),
  ).version;
  return {
    extends: join(root, 'electron-builder.yml'),
    electronVersion: version,
    directories: { app: folder, output: join(options.output, platform.os) },
    // Asked only while npmRebuild is on; the answer `false` means that node_modules is our affair: electron-builder
    // then neither rebuilds packages nor collects its own idea of them, which would be the whole repository's.
    npmRebuild: true,
    beforeBuild: () => Promise.resolve(false),
    ...(options.e2e ? { electronFuses: { enableNodeCliInspectArguments: true } } : {}),
    ...(options.standIn ? standIn(platform, version) : {}),
  };
}

/** A stand-in is no valid program file: nothing can be written into it but its fuses. */
function standIn(platform: Platform, version: string): Configuration {
  const folder = join(work, platform.os, 'stand-in');
  rmSync(folder, { recursive: true, force: true });
  makeStandInElectron(folder, platform, version);
  return {
    electronDist: folder,
    ...(platform.os === 'win32' ? { disableAsarIntegrity: true, win: { signAndEditExecutable: false } } : {}),
  };
}

/** Fetches packages of a foreign platform at the version and with the hash of the lock file. */
function fetchAbsent(absent: readonly string[], { os, cpu }: Platform): string {
  const folder = join(work, os, 'fetched');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const wanted = absent.map((path) => path.replace(/^node_modules\//, ''));
  const dependencies = Object.fromEntries(absent.map((path, at) => [wanted[at], packages[path].version]));
  const manifest = { name: 'fetched', version: '0.0.0', dependencies };
  const locked = Object.fromEntries(
    absent.map((path) => [path, { ...packages[path], dev: undefined, optional: undefined }]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      ...manifest,
      dependencies: undefined,
      lockfileVersion: 3,
      packages: { '': manifest, ...locked },
    }),
  );
  process.stderr.write(`komis: fetching ${wanted.join(', ')}\n`);
  const { status } = spawnSync(
    'npm',
    // --force: npm is to take a package that this machine cannot run. The lock file's hash holds all the same.
    [
      'ci',
      '--force',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `--os=${os}`,
      `--cpu=${cpu}`,
    ],
    {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`npm ci failed (${status}); what it says is above`);
  return folder;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      linux: { type: 'boolean', default: false },
      win: { type: 'boolean', default: false },
      installers: { type: 'boolean', default: false },
      e2e: { type: 'boolean', default: false },
      'stand-in': { type: 'boolean', default: false },
      out: { type: 'string', default: join(root, 'dist', 'package') },
    },
  });
  try {
    const both = values.linux === values.win;
    const layouts = await packageClient({
      platforms: [...(both || values.linux ? [linux] : []), ...(both || values.win ? [windows] : [])],
      output: resolve(values.out),
      installers: values.installers,
      e2e: values.e2e,
      standIn: values['stand-in'],
    });
    for (const { folder, loaded, modules, absent } of layouts) {
      console.log(`${folder}: ${loaded.join(', ')}; ${modules.length} packages in all`);
      if (absent.length > 0) console.log(`  left out, not installed here: ${absent.join(', ')}`);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`komis: packaging failed: ${why}\n`);
    if (/getaddrinfo|ENOTFOUND|fetch failed|ECONNREFUSED/.test(why)) {
      process.stderr.write(
        "komis: Electron's own binary comes from its maker, not from the npm registry. With no way there, " +
          '--stand-in proves what is packaged; ELECTRON_MIRROR names another source.\n',
      );
    }
    process.exitCode = 1;
  }
}
