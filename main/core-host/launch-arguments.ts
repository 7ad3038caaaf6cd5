import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What a workstation is started with, whichever shell starts it. */
export type LaunchOptions = {
  /** Journal, replica, key and settings of this workstation. */
  readonly dataDir: string;
  /** The certificate authority of the centre, PEM; null: the one put into the data folder at installation. */
  readonly caFile: string | null;
  /** Demo data is loaded, and the screen says so. */
  readonly demo: boolean;
};

/** Reads `--data-dir D`, `--ca FILE` and `--demo`; what it does not know is somebody else's (Chromium's) and is left alone. */
export function launchArguments(
  args: readonly string[],
  otherwise: { readonly dataDir: string },
): LaunchOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' }, ca: { type: 'string' }, demo: { type: 'boolean' } },
  });
  const { 'data-dir': dataDir, ca, demo } = values;
  return {
    dataDir: resolve(typeof dataDir === 'string' && dataDir !== '' ? dataDir : otherwise.dataDir),
    caFile: typeof ca === 'string' && ca !== '' ? resolve(ca) : null,
    demo: demo === true,
  };
}

/** The same, as arguments for the next process. */
export const passedOn = ({ dataDir, caFile, demo }: LaunchOptions): string[] => [
  '--data-dir',
  dataDir,
  ...(caFile === null ? [] : ['--ca', caFile]),
  ...(demo ? ['--demo'] : []),
];
