import { join } from 'node:path';

/** The kinds of file the page consists of. Anything else that lies in its folder is not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  woff2: 'font/woff2',
  woff: 'font/woff',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
};

/** Letters, digits, `_`, `-` and inner dots: no empty, hidden, parent or encoded segment can be written with these. */
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const PATH_MAX = 300;

export type ScreenFile = { readonly path: string; readonly mediaType: string };

/**
 * The file in `folder` that a request's raw path names, `/` being `/index.html`; `undefined` when the path is not one
 * of ours. By allow-list: a path with `%`, `\`, `..`, a drive, a query or anything unusual is not decoded but refused.
 */
export function screenFile(folder: string, rawPath: string): ScreenFile | undefined {
  if (rawPath.length > PATH_MAX || !rawPath.startsWith('/')) return undefined;
  const segments = rawPath === '/' ? ['index.html'] : rawPath.slice(1).split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) return undefined;
  const extension = /\.([a-z0-9]+)$/.exec(segments.at(-1) ?? '')?.[1];
  const mediaType = extension === undefined ? undefined : MEDIA_TYPES[extension];
  return mediaType === undefined ? undefined : { path: join(folder, ...segments), mediaType };
}
