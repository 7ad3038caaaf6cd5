import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import { NO_RECEIPTS, type PosFinding, type PosResult, type PosSettings } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import type { PosAnswer, PosAttempt, PosEvent, PosPort } from '../../core/ports/pos.ts';
import type { PosPlace } from './drivers.ts';
import { createPos, type PosOptions } from './pos.ts';
import { MOST_BYTES, MOST_FRAMES, newRecording } from './recording.ts';
import { benchMachine, mintId, type BenchMachine } from './testing/bench.ts';
import {
  scriptedDrivers,
  terminalAt,
  type ScriptedDriver,
  type ScriptedDrivers,
} from './testing/scripted-drivers.ts';

type Pos = PosPort & { dispose(): Promise<void> };

const TCP: PosPlace = { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '123456' };
const SERIAL: PosPlace = {
  kind: 'zvtSerial',
  path: '/dev/ttyUSB0',
  baudRate: 9600,
  stopBits: 2,
  modemLines: false,
  password: '000000',
};
const RESULT: PosResult = {
  amount: qepik(1010),
  currency: 'AZN',
  terminalId: '99000001',
  receiptNo: '0042',
  trace: '000123',
  reference: null,
  authCode: null,
  cardName: null,
  maskedPan: null,
  terminalTime: null,
};
const CONFIRMED: PosAnswer = { kind: 'confirmed', result: RESULT, receipts: NO_RECEIPTS };

const attemptOf = (amount = 1010): PosAttempt => ({
  attemptId: mintId(),
  kind: 'sale',
  amount: qepik(amount),
  snapshot: { terminalId: '99000001', receiptNo: '0041', trace: '000122', reference: null },
  original: null,
});
const never = (): Promise<boolean> => Promise.reject(new Error('nobody was to hold anything'));

/** A promise and its ends. */
function gate<T>(): { readonly promise: Promise<T>; readonly open: (value: T) => void } {
  let open = (_value: T): void => undefined;
  const promise = new Promise<T>((done) => {
    open = done;
  });
  return { promise, open };
}

let folder: string;
let file: string;
let machine: BenchMachine;
let drivers: ScriptedDrivers;
let all: Pos[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pos-'));
  file = join(folder, 'pos.json');
  machine = benchMachine();
  drivers = scriptedDrivers();
  all = [];
});
afterEach(async () => {
  for (const pos of all) await pos.dispose();
  if (machine.timers() !== 0) throw new Error('a timer was left running');
  rmSync(folder, { recursive: true, force: true });
});

function posOf(options: Partial<PosOptions> = {}): Pos {
  const pos = createPos({ settingsFile: file, machine, drivers, addresses: [], ...options });
  all.push(pos);
  return pos;
}
async function posWith(
  settings: PosSettings = TCP,
): Promise<{ readonly pos: Pos; readonly driver: ScriptedDriver }> {
  const pos = posOf();
  await pos.set(settings);
  return { pos, driver: latest() };
}
function latest(): ScriptedDriver {
  const driver = drivers.made.at(-1);
  if (driver === undefined) throw new Error('no driver was made');
  return driver;
}

describe('a counter without a terminal', () => {
  test('says so everywhere', async () => {
    const pos = posOf();
    const reason = posReason('notSet');
    expect(pos.settings()).toEqual({ kind: 'none' });
    expect(pos.capabilities()).toBeNull();
    expect(pos.health().state).toBe('notSet');
    pos.open();
    for (const move of [pos.pay, pos.reverse, pos.refund])
      expect(await move(attemptOf(), never)).toEqual({ kind: 'notSent', reason });
    expect(await pos.resolve(attemptOf())).toEqual({ kind: 'stillUnknown', reason });
    for (const ask of [pos.snapshot, pos.totals, pos.endOfDay, pos.reprint])
      expect(await ask()).toEqual({ kind: 'failed', reason });
    expect(await pos.abort()).toBe('idle');
    await pos.close();
    expect(drivers.made).toEqual([]);
  });
});

describe('settings', () => {
  test('are there after a restart, for the owner alone to read', async () => {
    await posWith(SERIAL);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(SERIAL);
    expect(posOf().settings()).toEqual(SERIAL);
    expect(latest().settings).toEqual(SERIAL);
  });

  test.each(['', '{', '{"kind":"zvtTcp"}', '{"kind":"other"}', 'null'])(
    'a file that is none of ours: none, and logged: %s',
    (text) => {
      writeFileSync(file, text);
      const pos = posOf();
      expect(pos.settings()).toEqual({ kind: 'none' });
      expect(machine.logged.filter((line) => line.startsWith('["error","pos.settings"'))).toHaveLength(1);
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  test('that cannot be kept are not taken: the old ones stand', async () => {
    const { pos, driver } = await posWith();
    rmSync(file);
    mkdirSync(file);
    chmodSync(file, 0o500);
    await expect(pos.set(SERIAL)).rejects.toThrow();
    expect(pos.settings()).toEqual(TCP);
    expect(driver.calls).toEqual([]);
    expect(drivers.made).toHaveLength(1);
    rmSync(file, { recursive: true });
    await pos.set(SERIAL);
    expect(pos.settings()).toEqual(SERIAL);
  });

  test('new ones close the old terminal before they are told to be set', async () => {
    const { pos, driver } = await posWith();
    pos.open();
    const closing = gate<undefined>();
    driver.acts.push(() => closing.promise);
    let isSet = false;
    const setting = pos.set(SERIAL).then(() => {
      isSet = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(driver.calls).toEqual(['open', 'close']);
    expect(isSet).toBe(false);
    closing.open(undefined);
    await setting;
    expect(driver.watchers()).toBe(0);
    expect(latest().calls).toEqual([]);
  });

  test('what waits in line for the old terminal is not done at the new one', async () => {
    const { pos, driver } = await posWith();
    const first = gate<PosAnswer>();
    driver.acts.push(() => first.promise);
    const running = pos.pay(attemptOf(1), never);
    const waiting = pos.pay(attemptOf(2), never);
    const asked = pos.resolve(attemptOf(3));
    await pos.set(SERIAL);
    first.open({ kind: 'unknown', reason: posReason('stopped') });
    expect(await running).toEqual({ kind: 'unknown', reason: posReason('stopped') });
    expect(await waiting).toEqual({ kind: 'notSent', reason: posReason('stopped') });
    expect(await asked).toEqual({ kind: 'stillUnknown', reason: posReason('stopped') });
    expect(driver.calls.filter((call) => call.startsWith('pay'))).toEqual(['pay 1']);
    expect(latest().calls).toEqual([]);
    // And the new line does not wait for what the old terminal never answered.
    expect(await pos.pay(attemptOf(4), never)).toMatchObject({ kind: 'notSent' });
    expect(latest().calls).toEqual(['pay 4', 'end:pay 4']);
  });

  test('two changes at once come one after the other', async () => {
    const { pos } = await posWith();
    await Promise.all([pos.set(SERIAL), pos.set({ kind: 'none' }), pos.set(TCP)]);
    expect(pos.settings()).toEqual(TCP);
    expect(posOf().settings()).toEqual(TCP);
    expect(drivers.made.slice(0, 2).map(({ calls }) => calls)).toEqual([
      ['close', 'end:close'],
      ['close', 'end:close'],
    ]);
  });

  test('a driver that does not come into being: away with a reason, and nothing is sent', async () => {
    drivers.failNext = new Error('no such thing');
    const pos = posOf();
    await pos.set(TCP);
    expect(pos.health()).toMatchObject({ state: 'away', reason: { detail: 'no such thing' } });
    expect(await pos.pay(attemptOf(), never)).toMatchObject({ kind: 'notSent' });
    expect(pos.settings()).toEqual(TCP);
  });
});

describe('operations', () => {
  test('come one at a time, in the order asked for', async () => {
    const { pos, driver } = await posWith();
    const gates = [gate<unknown>(), gate<unknown>(), gate<unknown>()];
    driver.acts.push(
      ...gates.map(
        ({ promise }) =>
          () =>
            promise,
      ),
    );
    const answers = [pos.pay(attemptOf(7), never), pos.totals(), pos.snapshot()];
    gates[2]?.open({ kind: 'failed', reason: posReason('busy') });
    gates[1]?.open({ kind: 'failed', reason: posReason('busy') });
    await new Promise((done) => setTimeout(done, 5));
    expect(driver.calls).toEqual(['pay 7']);
    gates[0]?.open(CONFIRMED);
    expect(await answers[0]).toEqual(CONFIRMED);
    await Promise.all(answers);
    expect(driver.calls).toEqual(['pay 7', 'end:pay 7', 'totals', 'end:totals', 'snapshot', 'end:snapshot']);
  });

  test('abort and health go past the line', async () => {
    const { pos, driver } = await posWith();
    const first = gate<PosAnswer>();
    driver.acts.push(() => first.promise);
    const paying = pos.pay(attemptOf(), never);
    expect(await pos.abort()).toBe('asked');
    driver.health = { ...driver.health, state: 'busy' };
    expect(pos.health().state).toBe('busy');
    first.open(CONFIRMED);
    expect(await paying).toEqual(CONFIRMED);
  });

  test.each(['rejects', 'throws'] as const)(
    'a driver that %s: logged, unknown, and the line goes on',
    async (how) => {
      const { pos, driver } = await posWith();
      const fault = (): Promise<never> => {
        if (how === 'throws') throw new Error('broken');
        return Promise.reject(new Error('broken'));
      };
      const reason = posReason('answerUnclear', 'broken');
      driver.acts.push(...Array.from({ length: 8 }, () => fault));
      for (const move of [pos.pay, pos.reverse, pos.refund])
        expect(await move(attemptOf(), never)).toEqual({ kind: 'unknown', reason });
      expect(await pos.resolve(attemptOf())).toEqual({ kind: 'stillUnknown', reason });
      expect(await pos.endOfDay()).toEqual({ kind: 'unknown', reason });
      for (const ask of [pos.totals, pos.snapshot, pos.reprint])
        expect(await ask()).toEqual({ kind: 'failed', reason });
      expect(machine.logged.filter((line) => line.includes('"pos.fault"'))).toHaveLength(8);
      driver.acts.push(() => Promise.resolve(CONFIRMED));
      expect(await pos.pay(attemptOf(), never)).toEqual(CONFIRMED);
    },
  );

  test('an approval that could not be stored is refused, whatever went wrong', async () => {
    const heard: boolean[] = [];
    const real = scriptedDrivers();
    const make = real.zvtTcp;
    drivers = {
      ...real,
      zvtTcp: (settings, on) => ({
        ...make(settings, on),
        async pay(_attempt, hold) {
          heard.push(await hold(RESULT, NO_RECEIPTS));
          return { kind: 'unknown', reason: posReason('notStored') };
        },
      }),
    };
    const pos = posOf();
    await pos.set(TCP);
    await pos.pay(attemptOf(), () => Promise.resolve(true));
    await pos.pay(attemptOf(), () => Promise.resolve(false));
    await pos.pay(attemptOf(), () => Promise.reject(new Error('disk full')));
    await pos.pay(attemptOf(), () => {
      throw new Error('disk full');
    });
    expect(heard).toEqual([true, false, false, false]);
  });

  test('a check that breaks says that it knows nothing of the connection', async () => {
    const { pos, driver } = await posWith();
    driver.acts.push(() => Promise.reject(new Error('broken')));
    const checks: unknown[] = [];
    await pos.check((check) => checks.push(check));
    expect(checks.at(-1)).toEqual({
      what: 'connection',
      state: 'unsure',
      reason: posReason('answerUnclear', 'broken'),
    });
  });

  test('after the end nothing is sent any more, and no line stays open', async () => {
    const { pos, driver } = await posWith();
    pos.open();
    const first = gate<PosAnswer>();
    driver.acts.push(() => first.promise);
    const running = pos.pay(attemptOf(), never);
    const waiting = pos.reverse(attemptOf(), never);
    await new Promise((done) => setTimeout(done, 1));
    await pos.dispose();
    first.open({ kind: 'unknown', reason: posReason('stopped') });
    expect(await running).toMatchObject({ kind: 'unknown' });
    expect(await waiting).toEqual({ kind: 'notSent', reason: posReason('stopped') });
    expect(await pos.pay(attemptOf(), never)).toEqual({ kind: 'notSent', reason: posReason('stopped') });
    pos.open();
    await expect(pos.set(SERIAL)).rejects.toThrow();
    expect(driver.calls.filter((call) => call === 'open' || call.startsWith('pay'))).toEqual([
      'open',
      'pay 1010',
    ]);
    expect(driver.watchers()).toBe(0);
    expect(pos.settings()).toEqual(TCP);
  });
});

describe('events', () => {
  test('all of them to everybody, before and after new settings; a bad listener costs nobody anything', async () => {
    const { pos, driver } = await posWith();
    const heard: PosEvent[] = [];
    pos.watch(() => {
      throw new Error('bad listener');
    });
    const unwatch = pos.watch((event) => heard.push(event));
    const live: PosEvent = { kind: 'live', attemptId: null, code: 'enterPin', text: null };
    driver.tell(live);
    await pos.set(SERIAL);
    driver.tell(live);
    latest().tell({ ...live, code: 'approved' });
    unwatch();
    latest().tell(live);
    expect(heard.map((event) => (event.kind === 'live' ? event.code : event.kind))).toEqual([
      'enterPin',
      'health',
      'approved',
    ]);
    expect(machine.logged.some((line) => line.includes('bad listener'))).toBe(true);
  });

  test('frames are kept, the last ones, and bounded', async () => {
    const { pos, driver } = await posWith();
    const frame = (hex: string): PosEvent => ({ kind: 'frame', direction: 'toTerminal', atMs: 1, hex });
    for (let at = 0; at < MOST_FRAMES + 5; at += 1) driver.tell(frame(String(at)));
    expect(pos.recording()).toHaveLength(MOST_FRAMES);
    expect(pos.recording()[0]?.hex).toBe('5');
    expect(pos.recording().at(-1)?.hex).toBe(String(MOST_FRAMES + 4));
  });

  test('neither many small frames nor a few huge ones take more memory', () => {
    const recording = newRecording();
    const letters = (): number => recording.frames().reduce((sum, { hex }) => sum + hex.length, 0);
    const add = (length: number): void =>
      recording.add({ kind: 'frame', direction: 'fromTerminal', atMs: 0, hex: 'a'.repeat(length) });
    for (let at = 0; at < 20; at += 1) add(MOST_BYTES / 8);
    expect(recording.frames()).toHaveLength(8);
    add(1);
    expect(recording.frames()).toHaveLength(8);
    add(MOST_BYTES * 2);
    expect(recording.frames()).toHaveLength(1);
    expect(letters()).toBe(MOST_BYTES);
    add(10);
    expect(recording.frames().map(({ hex }) => hex.length)).toEqual([10]);
  });
});

describe('the search', () => {
  const searched = async (pos: Pos, cancelled = (): boolean => false): Promise<PosFinding[]> => {
    const findings: PosFinding[] = [];
    await pos.search((finding) => findings.push(finding), cancelled);
    return findings;
  };
  const bauds = (path: string): number[] =>
    drivers.probed.flatMap((place) =>
      place.kind === 'zvtSerial' && place.path === path ? [place.baudRate] : [],
    );

  test('goes over every port at every speed, and says why there is none', async () => {
    drivers.ports = ['/dev/ttyS0', '/dev/ttyUSB1'];
    drivers.probe = (place) =>
      Promise.resolve({
        kind: 'other',
        label: 'x',
        reason: posReason(
          place.kind === 'zvtSerial' && place.baudRate === 19_200 ? 'notThisProtocol' : 'silent',
        ),
      });
    const findings = await searched(posOf({ extraPaths: ['/tmp/pair'], addresses: [TCP] }));
    expect(findings.map((finding) => finding.kind === 'other' && finding.reason.code)).toEqual([
      'silent',
      'notThisProtocol',
      'notThisProtocol',
      'notThisProtocol',
    ]);
    for (const path of ['/tmp/pair', '/dev/ttyS0', '/dev/ttyUSB1'])
      expect(bauds(path)).toEqual([115_200, 9600, 19_200, 57_600, 38_400]);
  });

  test('a terminal ends the tries at its port', async () => {
    drivers.ports = ['/dev/ttyUSB0'];
    drivers.probe = (place) =>
      Promise.resolve(
        place.kind === 'zvtSerial' && place.baudRate === 9600
          ? terminalAt(place, 'found')
          : { kind: 'other', label: 'x', reason: posReason('silent') },
      );
    expect(await searched(posOf())).toEqual([terminalAt({ ...SERIAL, password: '000000' }, 'found')]);
    expect(bauds('/dev/ttyUSB0')).toEqual([115_200, 9600]);
  });

  test('a port that cannot be opened is not opened again; a listed one without a plug is not mentioned', async () => {
    drivers.ports = ['/dev/ttyS0', '/dev/ttyS9'];
    drivers.probe = (place) =>
      Promise.resolve({
        kind: 'other',
        label: 'x',
        reason: posReason(
          place.kind === 'zvtSerial' && place.path === '/dev/ttyS0' ? 'portInUse' : 'portAbsent',
        ),
      });
    const findings = await searched(posOf({ extraPaths: ['/tmp/none'] }));
    expect(findings.map((finding) => finding.kind === 'other' && finding.reason.code)).toEqual([
      'portAbsent',
      'portInUse',
    ]);
    expect(drivers.probed).toHaveLength(3);
  });

  test('a probe that breaks and ports that cannot be listed are reasons, too', async () => {
    drivers.ports = new Error('no udev');
    drivers.probe = () => Promise.reject(new Error('broken'));
    expect(await searched(posOf({ addresses: [TCP] }))).toEqual([
      { kind: 'other', label: '127.0.0.1:20007', reason: posReason('other', 'broken') },
    ]);
    expect(machine.logged.some((line) => line.includes('no udev'))).toBe(true);
  });

  test('ends soon after nobody wants it any more', async () => {
    drivers.ports = ['/dev/a', '/dev/b'];
    drivers.probe = (place, _machine, signal) =>
      new Promise((done) => {
        const end = (): void => done({ kind: 'other', label: place.kind, reason: posReason('stopped') });
        if (signal.aborted) end();
        else signal.addEventListener('abort', end);
      });
    let asked = 0;
    expect(await searched(posOf(), () => (asked += 1) > 2)).toEqual([]);
    expect(drivers.probed).toHaveLength(1);
  });

  test('the terminal that is connected is found without being disturbed', async () => {
    const { pos, driver } = await posWith(SERIAL);
    pos.open();
    drivers.ports = ['/dev/ttyUSB0'];
    expect(await searched(pos)).toEqual([
      { kind: 'terminal', settings: SERIAL, label: '/dev/ttyUSB0', terminalId: '99000001', simulator: false },
    ]);
    expect(drivers.probed).toEqual([]);
    expect(driver.calls).toEqual(['open']);
  });

  test('one that does not connect lets go of its port for the search, and what is asked meanwhile waits', async () => {
    const { pos, driver } = await posWith(SERIAL);
    pos.open();
    driver.health = { ...driver.health, state: 'away' };
    drivers.ports = ['/dev/ttyUSB0'];
    const looking = gate<PosFinding>();
    drivers.probe = () => looking.promise;
    const search = searched(pos);
    const paying = pos.pay(attemptOf(), never);
    await new Promise((done) => setTimeout(done, 5));
    expect(driver.calls).toEqual(['open', 'close', 'end:close']);
    looking.open(terminalAt(SERIAL, 'found'));
    expect(await search).toEqual([terminalAt(SERIAL, 'found')]);
    await paying;
    expect(driver.calls).toEqual(['open', 'close', 'end:close', 'open', 'pay 1010', 'end:pay 1010']);
    // As it is set first, with its own password.
    expect(drivers.probed).toEqual([SERIAL]);
  });
});
