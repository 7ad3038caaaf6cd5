import { statSync } from 'node:fs';

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];

/** SoftHSM's library, where its packages put it. */
export const hsmLibrary = (): string | undefined =>
  LIBRARIES.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
