import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file system of its own in a folder: it can be filled up and turned read-only. */
export type SmallDisk = {
  readonly folder: string;
  /** Writes until not one byte more fits. Answers the way to give the space back. */
  fill(): () => void;
  /** Only while nothing on it is open for writing. */
  remount(mode: 'ro' | 'rw'): void;
};

/** Mounts one until the test ends; undefined where that takes root. */
export function smallDisk(sizeMiB: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'komis-disk-'));
  const mounted = mount('-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=700`, 'tmpfs', folder);
  onTestFinished(() => {
    if (mounted) unmount(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  if (!mounted) return undefined;
  return {
    folder,
    fill: () => fill(join(folder, 'filler')),
    remount(mode) {
      if (!mount('-o', `remount,${mode}`, folder)) throw new Error(`${folder} cannot be remounted ${mode}`);
    },
  };
}

const mount = (...args: string[]): boolean =>
  process.platform === 'linux' && spawnSync('mount', args, { stdio: 'ignore' }).status === 0;

function unmount(folder: string): void {
  const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder} stays mounted: ${stderr}`);
}

function fill(path: string): () => void {
  mkdirSync(join(path, '..'), { recursive: true });
  const file = openSync(path, 'w');
  for (let size = 1024 * 1024; size >= 1;) {
    try {
      if (writeSync(file, Buffer.alloc(size)) < size) size = Math.floor(size / 2);
    } catch {
      size = Math.floor(size / 2); // no room for a piece of this size: a smaller one is tried
    }
  }
  closeSync(file);
  return () => rmSync(path);
}
