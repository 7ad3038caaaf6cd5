import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSettings } from './settings.ts';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'komis-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'settings.json');
  const told: string[] = [];
  return { path, told, open: () => createSettings({ path, onUnreadable: (reason) => told.push(reason) }) };
}

test('the language begins as Azerbaijani and is kept', () => {
  const { open, told } = place();
  expect(open().language()).toBe('az');
  open().setLanguage('ru');
  expect(open().language()).toBe('ru');
  expect(told).toEqual([]);
});

test.each(['', '{"version":1', '{"version":1,"language":"de"}', 'null'])(
  'an unreadable file (%j) is told, and replaced by the next choice',
  (text) => {
    const { open, path, told } = place();
    writeFileSync(path, text);
    const settings = open();
    expect(settings.language()).toBe('az');
    expect(told).toHaveLength(1);
    settings.setLanguage('en');
    expect(open().language()).toBe('en');
    expect(told).toHaveLength(1);
  },
);
