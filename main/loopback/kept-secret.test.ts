import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptSecret } from './kept-secret.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a window admitted before a restart is admitted after it; nobody else can read why', () => {
  const path = join(folder, 'browser-session');
  const secret = keptSecret(path);
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(keptSecret(path)).toBe(secret);
  expect(statSync(path).mode & 0o077).toBe(0);
});

test('a damaged or emptied file never admits by a short secret', () => {
  const path = join(folder, 'browser-session');
  writeFileSync(path, 'abc\n');
  const secret = keptSecret(path);
  expect(secret).toHaveLength(43);
  expect(keptSecret(path)).toBe(secret);
});
