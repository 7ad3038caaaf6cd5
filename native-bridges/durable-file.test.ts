import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFileIfThere, writeFileDurably } from './durable-file.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'komis-file-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('a file is made with its folder, for the owner only, and replaced whole', () => {
  const path = join(folder(), 'deeper', 'small.json');
  expect(readFileIfThere(path)).toBeUndefined();
  writeFileDurably(path, 'one');
  writeFileDurably(path, 'two ə₼');
  expect(readFileIfThere(path)).toBe('two ə₼');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(existsSync(`${path}.new`)).toBe(false);
});

test('what a crash left beside the file neither stops the next write nor is written through', () => {
  const inside = folder();
  const path = join(inside, 'small.json');
  const victim = join(inside, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, `${path}.new`);
  writeFileDurably(path, 'new');
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
  expect(readFileIfThere(path)).toBe('new');
});

test('a write that fails leaves the old text and nothing beside it', () => {
  const path = join(folder(), 'taken');
  writeFileDurably(join(path, 'inside'), 'x');
  expect(() => writeFileDurably(path, 'a folder is in the way')).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  expect(existsSync(`${path}.new`)).toBe(false);
  expect(readFileIfThere(join(path, 'inside'))).toBe('x');
});
