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
  /** Virtual card readers listen on this port and the next; absent: none. For the demo, where no real reader is connected. */
  readonly virtualReaders?: number;
};

/** Reads `--data-dir D`, `--ca FILE`, `--demo` and `--virtual-readers PORT`; what it does not know is somebody else's (Chromium's) and is left alone. */
export function launchArguments(
  args: readonly string[],
  otherwise: { readonly dataDir: string },
): LaunchOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      ca: { type: 'string' },
      demo: { type: 'boolean' },
      'virtual-readers': { type: 'string' },
    },
  });
  const { 'data-dir': dataDir, ca, demo } = values;
  return {
    dataDir: resolve(typeof dataDir === 'string' && dataDir !== '' ? dataDir : otherwise.dataDir),
    caFile: typeof ca === 'string' && ca !== '' ? resolve(ca) : null,
    demo: demo === true,
    ...portOf(values['virtual-readers']),
  };
}

const portOf = (given: string | boolean | undefined): { virtualReaders?: number } =>
  typeof given === 'string' && /^[1-9]\d{0,4}$/.test(given) && Number(given) < 65_535
    ? { virtualReaders: Number(given) }
    : {};

/** The same, as arguments for the next process. */
export const passedOn = ({ dataDir, caFile, demo, virtualReaders }: LaunchOptions): string[] => [
  '--data-dir',
  dataDir,
  ...(caFile === null ? [] : ['--ca', caFile]),
  ...(demo ? ['--demo'] : []),
  ...(virtualReaders === undefined ? [] : ['--virtual-readers', String(virtualReaders)]),
];
