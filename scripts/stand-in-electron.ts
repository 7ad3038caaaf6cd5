import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './package-contents.ts';

/** Where Electron's binary keeps its fuses: this text, then version, count, and a character per fuse. */
export const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fusesOfElectron = '10110001';

/**
 * Writes something electron-builder takes for an unpacked Electron: it cannot run, but it can be packaged, and its
 * fuses can be set and read. For machines where Electron's own binary cannot be had.
 * @param version as in the `version` file of a real distribution
 */
export function makeStandInElectron(folder: string, platform: Platform, version: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'), { recursive: true });
  const fuses = Buffer.concat([
    Buffer.from(`stand-in for Electron ${version}\n`),
    Buffer.from(fuseSentinel),
    Buffer.from([1, fusesOfElectron.length]),
    Buffer.from(fusesOfElectron),
    Buffer.from('\n'),
  ]);
  writeFileSync(join(folder, platform.os === 'win32' ? 'electron.exe' : 'electron'), fuses, { mode: 0o755 });
  writeFileSync(join(folder, 'version'), version);
  writeFileSync(join(folder, 'LICENSE'), 'stand-in\n');
  writeFileSync(join(folder, 'LICENSES.chromium.html'), 'stand-in\n');
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  if (platform.os === 'linux') writeFileSync(join(folder, 'chrome-sandbox'), '', { mode: 0o755 });
}
