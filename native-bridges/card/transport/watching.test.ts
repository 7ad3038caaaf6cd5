import { describe, expect, onTestFinished, test } from 'vitest';
import { fakeWinScard } from '../testing/fake-winscard.ts';
import type { RawSight } from './messages.ts';
import { watchReaders } from './watching.ts';
import type { WinScard } from './winscard.ts';

const ATR = Uint8Array.of(0x3b, 0x00);
const READER = 'ACS ACR39U 0';
const OTHER = 'ACS ACR39U 1';

/** Watches, with pauses that end when the test says so. */
function watching(load?: () => WinScard | string) {
  const fake = fakeWinScard();
  const said: RawSight[] = [];
  const pauses: { readonly ms: number; readonly over: () => void }[] = [];
  let onNews: (() => void)[] = [];
  let stopped = false;
  const news = (): void => {
    const told = onNews;
    onNews = [];
    for (const one of told) one();
  };
  void watchReaders(
    {
      load: load ?? (() => fake.winscard),
      abi: { system: 'win32', plugAndPlay: true },
      say: (sight) => {
        said.push(sight);
        news();
      },
      wait: (ms) =>
        new Promise((over) => {
          pauses.push({ ms, over: () => over(undefined) });
          news();
        }),
    },
    () => stopped,
  );
  onTestFinished(() => {
    stopped = true;
  });
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await new Promise<void>((done) => onNews.push(done));
  };
  return {
    fake,
    said,
    pauses,
    until,
    /** Names and cards as last said; null while the service is away. */
    last: () => {
      const sight = said.at(-1);
      return sight?.state === 'running' ? sight.readers.map(({ name, atr }) => [name, atr.length]) : null;
    },
  };
}

describe('watching readers', () => {
  test('the service stops with the last reader and is found again with the first: every day on Windows', async () => {
    const { fake, said, pauses, until, last } = watching();
    await until(() => pauses.length === 1);
    expect(said).toEqual([{ state: 'away', reason: 'noService', detail: '0x8010001E' }]);
    for (let lap = 0; lap < 3; lap += 1) {
      fake.plugIn(READER);
      pauses.at(-1)?.over();
      await until(() => last()?.length === 1);
      await fake.watched();
      fake.putIn(READER, ATR);
      await until(() => last()?.[0]?.[1] === ATR.length);
      await fake.watched();
      const paused = pauses.length;
      fake.unplug(READER);
      await until(() => pauses.length > paused);
      expect(last()).toBeNull();
      // After a time in which it worked the first pause is short again.
      expect(pauses.at(-1)?.ms).toBe(100);
    }
    expect(fake.held()).toEqual({ contexts: 0, cards: 0 });
    const sessions = said.flatMap((sight) => (sight.state === 'running' ? [sight.session] : []));
    expect(new Set(sessions)).toEqual(new Set([1, 2, 3]));
  });

  test('pauses grow from 100 ms to 5 s while the service is away', async () => {
    const { pauses, until } = watching();
    for (let round = 1; round <= 8; round += 1) {
      await until(() => pauses.length === round);
      pauses.at(-1)?.over();
    }
    expect(pauses.slice(0, 8).map(({ ms }) => ms)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  test('a second reader that comes and goes is seen while the first stays as it is', async () => {
    const { fake, pauses, until, last } = watching();
    fake.plugIn(READER);
    await until(() => pauses.length === 1);
    pauses[0]?.over();
    await until(() => last()?.length === 1);
    await fake.watched();
    fake.plugIn(OTHER);
    await until(() => last()?.length === 2);
    await fake.watched();
    fake.unplug(OTHER);
    await until(() => last()?.length === 1);
    expect(last()).toEqual([[READER, 0]]);
  });

  test('a service that reports changes which are none is asked more slowly', async () => {
    const { fake, pauses, said, until, last } = watching();
    fake.plugIn(READER);
    await until(() => pauses.length === 1);
    pauses[0]?.over();
    await until(() => last()?.length === 1);
    const [before] = said.slice(-1);
    for (let round = 0; round < 2; round += 1) {
      await fake.watched();
      fake.reportNothing();
    }
    await until(() => pauses.length === 2);
    expect(pauses[1]?.ms).toBe(100);
    expect(said.at(-1)).toBe(before);
  });

  test('a reader that goes between the list and the question is no fault', async () => {
    const { fake, pauses, said, until, last } = watching();
    fake.plugIn(READER);
    await until(() => pauses.length === 1);
    fake.failNext('statusChange', 0x8010_0009);
    pauses[0]?.over();
    await until(() => last()?.length === 1);
    expect(said.filter(({ state }) => state === 'away')).toHaveLength(1);
  });

  test('a wait that brings nothing says nothing', async () => {
    const { fake, pauses, said, until, last } = watching();
    fake.plugIn(READER);
    await until(() => pauses.length === 1);
    pauses[0]?.over();
    await until(() => last()?.length === 1);
    for (let round = 0; round < 3; round += 1) {
      await fake.watched();
      fake.elapse();
    }
    await fake.watched();
    expect(said).toHaveLength(2);
  });

  test('a wait that fails ends the session, whatever it fails with, and gives its context back', async () => {
    const { fake, pauses, until, last } = watching();
    fake.plugIn(READER);
    await until(() => pauses.length === 1);
    for (const code of [0x8010_0013, 0x8010_001e, 0x8010_0003, 0x0000_06ba]) {
      fake.failNext('listReaders', code);
      const paused = pauses.length;
      pauses.at(-1)?.over();
      await until(() => pauses.length > paused);
      expect(last()).toBeNull();
      expect(fake.held().contexts).toBe(0);
    }
    pauses.at(-1)?.over();
    await until(() => last()?.length === 1);
  });

  test('a library that is not installed is looked for until it is', async () => {
    const fake = fakeWinScard();
    fake.plugIn(READER);
    let installed = false;
    const { pauses, said, until, last } = watching(() => (installed ? fake.winscard : 'no libpcsclite.so.1'));
    await until(() => pauses.length === 1);
    expect(said).toEqual([{ state: 'away', reason: 'noLibrary', detail: 'no libpcsclite.so.1' }]);
    installed = true;
    pauses[0]?.over();
    await until(() => last()?.length === 1);
  });
});
