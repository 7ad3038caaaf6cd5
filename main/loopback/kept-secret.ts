import { readFileIfThere, writeFileDurably } from '../../native-bridges/durable-file.ts';
import { mintSecret } from './locks.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/**
 * The secret of admitted browsers, kept in a file that only its owner reads: a window that is open when the core host dies
 * takes up its line again as soon as it is back, in the middle of a payment too. Removing the file shuts every window out.
 */
export function keptSecret(path: string): string {
  const kept = readFileIfThere(path)?.trim();
  if (kept !== undefined && SECRET.test(kept)) return kept;
  const secret = mintSecret();
  writeFileDurably(path, `${secret}\n`);
  return secret;
}
