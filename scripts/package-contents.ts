import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseSync, Visitor } from 'vite';
import { packageOf } from './layers.ts';

/** What an installed client runs on. */
export interface Platform {
  readonly os: 'linux' | 'win32';
  readonly cpu: 'x64';
}

interface LockedPackage {
  readonly version: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** package-lock.json's packages, by their path below the root. */
export type Lock = Readonly<Record<string, LockedPackage>>;

const programs = ['dist/main/core-host.mjs', 'dist/main/electron.mjs'];

/**
 * The packages that a bundled program loads: what it imports, and files of packages that it names in a string
 * (`import.meta.resolve('@expo-google-fonts/…/x.ttf')`). Electron and Node's own modules are not among them.
 */
export function packagesLoadedBy(source: string, dependencies: readonly string[]): string[] {
  const found = new Set<string>();
  const note = (text: string, whole: boolean): void => {
    const name = packageOf(text);
    if (dependencies.includes(name) && (whole || text.startsWith(`${name}/`))) found.add(name);
  };
  const { program, module } = parseSync('program.mjs', source);
  for (const one of module.staticImports) note(one.moduleRequest.value, true);
  for (const one of module.staticExports) {
    for (const entry of one.entries) if (entry.moduleRequest) note(entry.moduleRequest.value, true);
  }
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') note(node.value, false);
    },
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        note(node.source.value, true);
    },
    CallExpression(node) {
      const [argument] = node.arguments;
      if (argument?.type === 'Literal' && typeof argument.value === 'string') note(argument.value, true);
    },
  }).visit(program);
  return [...found].toSorted();
}

/** The paths (`node_modules/…`) of packages and of all they need on a platform, as the lock file lays them out. */
export function closureOf(names: readonly string[], lock: Lock, platform: Platform): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string, optional: boolean): void => {
    const path = resolveIn(lock, name, from);
    const one = path === undefined ? undefined : lock[path];
    if (path === undefined || one === undefined) {
      if (optional) return;
      throw new Error(`${name}, needed by ${from || 'the workstation'}, is not in package-lock.json`);
    }
    if (found.has(path) || !runsOn(one, platform)) return;
    found.add(path);
    for (const dependency of Object.keys(one.dependencies ?? {})) visit(dependency, path, false);
    for (const dependency of Object.keys(one.optionalDependencies ?? {})) visit(dependency, path, true);
    for (const dependency of Object.keys(one.peerDependencies ?? {})) {
      visit(dependency, path, one.peerDependenciesMeta?.[dependency]?.optional === true);
    }
  };
  for (const name of names) visit(name, '', false);
  return [...found].toSorted();
}

/** Node's own search: beside the package, then in every folder above. */
function resolveIn(lock: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

function runsOn(one: LockedPackage, { os, cpu }: Platform): boolean {
  const fits = (allowed: readonly string[] | undefined, value: string): boolean =>
    allowed === undefined || (allowed.includes(value) && !allowed.includes(`!${value}`));
  return fits(one.os, os) && fits(one.cpu, cpu) && (os !== 'linux' || fits(one.libc, 'glibc'));
}

/** What was laid out, for the person who reads along. */
export interface Layout {
  readonly folder: string;
  /** The packages the programs load directly. */
  readonly loaded: readonly string[];
  /** All packages laid out. */
  readonly modules: readonly string[];
  /** Packages of the platform that are not installed here. */
  readonly absent: readonly string[];
}

/**
 * Lays out what is packaged for a platform: package.json, dist/, and modules/ with the packages the programs load.
 * @param root the checkout, built
 * @param folder emptied first
 * @param fetched where packages of a foreign platform were fetched to, if they were
 */
export function layOut(root: string, folder: string, platform: Platform, fetched?: string): Layout {
  const manifest: { version: string; description: string; dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const lock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const dependencies = Object.keys(manifest.dependencies);
  const loaded = [
    ...new Set(
      programs.flatMap((file) => packagesLoadedBy(readFileSync(join(root, file), 'utf8'), dependencies)),
    ),
  ].toSorted();
  const closure = closureOf(loaded, lock, platform);

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of [...programs, 'dist/preload/preload.cjs', 'dist/renderer']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const absent: string[] = [];
  for (const path of closure) {
    const source = [join(root, path), ...(fetched === undefined ? [] : [join(fetched, path)])].find(
      existsSync,
    );
    if (source === undefined) absent.push(path);
    else copyPackage(source, join(folder, path.replace(/^node_modules/, 'modules')), platform);
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify(
      {
        name: 'komis-ipw',
        version: manifest.version,
        description: manifest.description,
        author: 'KÖMİS',
        private: true,
        type: 'module',
        main: 'dist/main/electron.mjs',
      },
      null,
      2,
    ),
  );
  return { folder, loaded, modules: closure.filter((path) => !absent.includes(path)), absent };
}

/** Copies a package without the packages nested in it, its sources in C, and prebuilds (a file or a folder each) of others. */
function copyPackage(from: string, to: string, { os, cpu }: Platform): void {
  for (const entry of readdirSync(from)) {
    if (['node_modules', 'src', 'deps', 'binding.gyp'].includes(entry) && isNative(from)) continue;
    if (entry === 'node_modules') continue;
    cpSync(join(from, entry), join(to, entry), {
      recursive: true,
      filter: (path) =>
        !path.endsWith('.musl.node') &&
        (basename(dirname(path)) !== 'prebuilds' ||
          basename(path).startsWith(`${os}-${cpu}`) ||
          (!path.endsWith('.node') && !statSync(path).isDirectory())),
    });
  }
}

const isNative = (folder: string): boolean => existsSync(join(folder, 'binding.gyp'));
