import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A checkout of its own for a test: the scripts are copies, the rest is what the test puts there. */
export interface Checkout {
  readonly root: string;
  /** Writes files, by path relative to the checkout. */
  readonly write: (files: Readonly<Record<string, string>>) => void;
  readonly [Symbol.dispose]: () => void;
}

/** Makes a checkout in the temporary folder; `using` removes it. */
export function makeCheckout(options: { readonly nodeModules: boolean }): Checkout {
  const work = mkdtempSync(join(tmpdir(), 'komis-checkout-'));
  cpSync(join(root, 'scripts'), join(work, 'scripts'), { recursive: true });
  if (options.nodeModules) {
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.base.json'])
      cpSync(join(root, file), join(work, file));
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));
  }
  return {
    root: work,
    write: (files) => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true });
        writeFileSync(join(work, path), content);
        if (content.startsWith('#!')) chmodSync(join(work, path), 0o755);
      }
    },
    [Symbol.dispose]: () => rmSync(work, { recursive: true, force: true }),
  };
}
