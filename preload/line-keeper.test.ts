import { expect, test } from 'vitest';
import { keepLine } from './line-keeper.ts';

function setUp() {
  let fromPage: (data: unknown, fromThisPage: boolean) => void = () => undefined;
  let fromProgram: (port: string | undefined) => void = () => undefined;
  const posted = new Array<unknown>();
  let asked = 0;
  keepLine<string>(
    { onMessage: (listen) => (fromPage = listen), post: (message, port) => posted.push([message, port]) },
    { askForPort: () => (asked += 1), onPort: (listen) => (fromProgram = listen) },
  );
  return {
    posted,
    asked: () => asked,
    page: (data: unknown, fromThisPage = true) => fromPage(data, fromThisPage),
    program: (port: string | undefined) => fromProgram(port),
  };
}

test('the page asks for a line, as often as it loses one, and gets the port', () => {
  const { page, program, posted, asked } = setUp();
  page({ kind: 'ipw.portWanted' });
  program('one');
  page({ kind: 'ipw.portWanted' });
  program('two');
  expect(asked()).toBe(2);
  expect(posted).toEqual([
    [{ kind: 'ipw.portGiven' }, 'one'],
    [{ kind: 'ipw.portGiven' }, 'two'],
  ]);
});

test('nothing else reaches the program, and nobody else is listened to', () => {
  const { page, asked, program, posted } = setUp();
  for (const data of [
    null,
    undefined,
    'ipw.portWanted',
    7,
    [],
    {},
    { kind: 'ipw.portGiven' },
    { kind: 'eval', code: '1' },
  ])
    page(data);
  page({ kind: 'ipw.portWanted' }, false);
  expect(asked()).toBe(0);
  program(undefined);
  expect(posted).toEqual([]);
});
