import { screenFile, type ScreenFile } from '../screen/screen-file.ts';

/** The page comes from a scheme of its own, not from file: it has a real origin, and no right to read the disk. */
export const SCHEME = 'ipw';
const PROTOCOL = `${SCHEME}:`;
const HOST = 'app';
export const PAGE_URL = `${PROTOCOL}//${HOST}/`;

/**
 * Whether an address is of our own page. Compared by its parsed parts: `https://x/?ipw://app` is not ours. (`origin` is
 * of no use, Node gives `null` for schemes it does not know.)
 */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  return protocol === PROTOCOL && host === HOST && username === '' && password === '';
}

/** What the scheme answers: a file inside the package, or a refusal. */
export function screenAnswer(
  method: string,
  address: string,
  folder: string,
):
  | { readonly status: 200; readonly file: ScreenFile }
  | { readonly status: 403 | 404 | 405; readonly file: undefined } {
  if (method !== 'GET') return { status: 405, file: undefined };
  if (!isOwnPage(address)) return { status: 403, file: undefined };
  const { pathname, search } = new URL(address);
  const file = screenFile(folder, pathname + search);
  return file ? { status: 200, file } : { status: 404, file: undefined };
}
