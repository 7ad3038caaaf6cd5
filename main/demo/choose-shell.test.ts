import { expect, test } from 'vitest';
import { chooseShell, worthInstalling, type Surroundings } from './choose-shell.ts';

const desk: Surroundings = {
  asked: null,
  open: true,
  display: true,
  binary: '/e/electron',
  installFailure: null,
};

test.each<[string, Partial<Surroundings>, string, RegExp]>([
  ['a desk with Electron', {}, 'electron', /are here/],
  ['no display', { display: false }, 'browser', /no display/],
  ['nothing to be opened', { open: false }, 'browser', /--no-open/],
  ['no binary', { binary: null }, 'browser', /not here$/],
  [
    'not to be installed',
    { binary: null, installFailure: 'no network' },
    'browser',
    /could not be installed \(no network\)/,
  ],
  ['browser asked for', { asked: 'browser' }, 'browser', /--shell browser/],
  [
    'electron asked for without a display we know of',
    { asked: 'electron', display: false },
    'electron',
    /--shell electron/,
  ],
  [
    'electron asked for in vain',
    { asked: 'electron', binary: null, installFailure: 'x' },
    'browser',
    /could not be installed/,
  ],
])('%s', (_name, change, shell, why) => {
  const choice = chooseShell({ ...desk, ...change });
  expect(choice.shell).toBe(shell);
  expect(choice.why).toMatch(why);
});

test('Electron is fetched only for somebody who could see it', () => {
  expect(worthInstalling({ ...desk, binary: null })).toBe(true);
  expect(worthInstalling(desk)).toBe(false);
  expect(worthInstalling({ ...desk, binary: null, open: false })).toBe(false);
  expect(worthInstalling({ ...desk, binary: null, display: false })).toBe(false);
  expect(worthInstalling({ ...desk, binary: null, display: false, asked: 'electron' })).toBe(true);
  expect(worthInstalling({ ...desk, binary: null, asked: 'browser' })).toBe(false);
});
