import { afterEach, describe, expect, test, vi } from 'vitest';
import { qepik } from '../../../contracts/money.ts';
import type { PosAttempt, PosEvent } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import { createZvtDriver } from './driver.ts';
import { fastMachine, type FastMachine } from './testing/fast-machine.ts';
import { said, scriptedTerminal, type Script, type ScriptedTerminal } from './testing/scripted-terminal.ts';

/** The driver against terminals that say, byte for byte, what a test writes down. */

const SPEED = 20;
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** A terminal that registers, is ready, and holds sale 0041. */
const usual: Script = (apdu) => {
  if (apdu.startsWith('0600')) return [said.yes, said.registered];
  if (apdu.startsWith('0501')) return [said.yes, said.state('00')];
  if (apdu.startsWith('0620'))
    return [said.yes, said.status('00', '000000000500', '0041', '000122'), said.done];
  return undefined;
};
const withSale =
  (...says: string[]): Script =>
  (apdu, terminal) =>
    apdu.startsWith('0601') ? [said.yes, ...says] : usual(apdu, terminal);

const APPROVED = said.status('00', '000000001010', '0042', '000123');

async function setUp(script: Script): Promise<{
  machine: FastMachine;
  terminal: ScriptedTerminal;
  driver: PosDriver;
  events: PosEvent[];
}> {
  const terminal = await scriptedTerminal(script);
  const settings = { kind: 'zvtTcp', host: '127.0.0.1', port: terminal.port, password: '123456' } as const;
  const machine = fastMachine(SPEED);
  const driver = createZvtDriver(settings, machine);
  const events: PosEvent[] = [];
  driver.watch((event) => void events.push(event));
  cleanUp.push(
    () => terminal.close(),
    () => driver.close(),
  );
  driver.open();
  return { machine, terminal, driver, events };
}

const state = (driver: PosDriver): string => driver.health().state;
const until = (so: () => boolean): Promise<void> =>
  vi.waitUntil(so, { timeout: 20_000, interval: 5 }).then(() => undefined);

let count = 0;
function attempt(kind: PosAttempt['kind'] = 'sale'): PosAttempt {
  count += 1;
  return {
    attemptId: `019aa000-0000-7000-8000-${String(count).padStart(12, '0')}`,
    kind,
    amount: qepik(1010),
    snapshot: { terminalId: '99000001', receiptNo: '0041', trace: '000122', reference: null },
    original:
      kind === 'reversal'
        ? { terminalId: '99000001', receiptNo: '0041', trace: '000122', reference: null }
        : null,
  };
}
const stored = (): Promise<boolean> => Promise.resolve(true);
const never = (): Promise<boolean> => new Promise(() => undefined);
const sentOf = (terminal: ScriptedTerminal, command: string): string[] =>
  terminal.heard.filter((apdu) => apdu.startsWith(command));

describe('registration', () => {
  test('asks for what it wants, and is ready', async () => {
    const { terminal, driver, events } = await setUp(usual);
    await until(() => state(driver) === 'ready');
    // Password, config BE, currency 944, then TLV.
    expect(terminal.heard[0]).toMatch(/^0600..123456be094406/);
    expect(driver.health()).toMatchObject({ terminalId: '99000001', reason: null, simulator: false });
    const healths = events.filter((event) => event.kind === 'health').map(({ health }) => health.state);
    expect(healths).toEqual(['connecting', 'ready']);
  });

  test.each([
    ['TLV it does not know', 2],
    ['any TLV', 3],
  ])('a terminal that refuses %s is asked for less', async (_name, takes) => {
    let tries = 0;
    const { terminal, driver } = await setUp((apdu, of) => {
      if (!apdu.startsWith('0600')) return usual(apdu, of);
      tries += 1;
      return tries < takes ? ['848300'] : [said.yes, said.registered];
    });
    await until(() => state(driver) === 'ready');
    const [full, empty, none] = sentOf(terminal, '0600');
    expect(full?.length).toBeGreaterThan(empty?.length ?? 0);
    expect(empty).toBe('06000812' + '3456be09440600');
    expect(none).toBe(takes === 3 ? '060006123456be0944' : undefined);
  });

  test.each([
    ['848300', 'passwordWrong'],
    ['848500', 'passwordWrong'],
    ['846f00', 'currencyWrong'],
    ['84df00', 'outOfOrder'],
  ])('refused with %s: nothing is sent to it, and the reason is said', async (refusal, code) => {
    const { terminal, driver } = await setUp((apdu, of) =>
      apdu.startsWith('0600') ? [refusal] : usual(apdu, of),
    );
    await until(() => state(driver) === 'refused');
    expect(driver.health().reason?.code).toBe(code);
    expect(await driver.pay(attempt(), stored)).toMatchObject({ kind: 'notSent', reason: { code } });
    expect(sentOf(terminal, '0601')).toEqual([]);
  });

  test.each([
    ['initialisation', '01', '0693'],
    ['a diagnosis', '02', '0670'],
  ])('a terminal that wants %s gets it', async (_name, needs, command) => {
    const { terminal, driver } = await setUp((apdu, of) => {
      if (apdu.startsWith('0600')) return [said.yes, said.registered.replace('1900', `19${needs}`)];
      if (apdu.startsWith(command)) return [said.yes, said.done];
      return usual(apdu, of);
    });
    await until(() => state(driver) === 'ready');
    expect(sentOf(terminal, command)).toHaveLength(1);
  });

  test.each([
    ['51', '0693', 'initialisationNeeded'],
    ['c2', '0670', 'diagnosisNeeded'],
    ['62', '0670', 'clockWrong'],
  ])('status %s is helped with %s once, and said where that does not help', async (status, command, code) => {
    const { terminal, driver } = await setUp((apdu, of) => {
      if (apdu.startsWith('0501')) return [said.yes, said.state(status)];
      return apdu.startsWith(command) ? [said.yes, said.done] : usual(apdu, of);
    });
    await until(() => state(driver) === 'ready');
    expect(sentOf(terminal, command)).toHaveLength(1);
    expect(driver.health().reason?.code).toBe(code);
  });

  test('a terminal that still waits for a card for a till that is gone is stopped, then registered', async () => {
    let waits = true;
    const { terminal, driver } = await setUp((apdu, of) => {
      if (apdu.startsWith('06b0')) {
        waits = false;
        return [said.yes, said.aborted('6c')];
      }
      return apdu.startsWith('0600') && waits ? ['849c00'] : usual(apdu, of);
    });
    await until(() => state(driver) === 'ready');
    expect(sentOf(terminal, '06b0')).toHaveLength(1);
    // The abort's own last word was answered.
    expect(terminal.heard[2]).toBe('800000');
  });

  test('a terminal that stays busy is not taken for one that refuses', async () => {
    const { terminal, driver } = await setUp((apdu, of) =>
      apdu.startsWith('0600') || apdu.startsWith('06b0') ? ['849c00'] : usual(apdu, of),
    );
    await until(() => terminal.connections() > 1);
    expect(['away', 'connecting']).toContain(state(driver));
    expect(driver.health().reason?.code).toBe('busy');
  });

  test('a terminal that says nothing is away, and is tried again with growing pauses', async () => {
    const { terminal, driver } = await setUp(() => undefined);
    await until(() => state(driver) === 'away');
    expect(driver.health().reason?.code).toBe('silent');
    await until(() => terminal.connections() > 2);
  });
});

describe('a sale', () => {
  test('is confirmed when everything is said and stored', async () => {
    const { terminal, driver, events } = await setUp(withSale(said.live('0a'), APPROVED, said.done));
    await until(() => state(driver) === 'ready');
    const sale = attempt();
    const answer = await driver.pay(sale, (result) => {
      // Not a word to the terminal before this is true.
      expect(terminal.heard.at(-1)).toBe('800000');
      expect(result).toMatchObject({ amount: 1010, currency: 'AZN', receiptNo: '0042', trace: '000123' });
      return Promise.resolve(true);
    });
    expect(answer).toMatchObject({
      kind: 'confirmed',
      result: { receiptNo: '0042', terminalId: '99000001' },
    });
    expect(sentOf(terminal, '0601')).toHaveLength(1);
    expect(sentOf(terminal, '0601')[0]).toMatch(/^0601.*04000000001010/);
    const live = events.filter((event) => event.kind === 'live' && event.attemptId === sale.attemptId);
    expect(live.map((event) => (event.kind === 'live' ? event.code : ''))).toEqual([
      'insertCard',
      'approved',
    ]);
    expect((await driver.pay(sale, stored)).kind).toBe('unknown');
    expect(sentOf(terminal, '0601')).toHaveLength(1);
  });

  test('a field nobody knows ends the reading: what was read before it counts, and the rest is logged', async () => {
    const withMore = `${APPROVED.replace('040f18', '040f1b')}7f0102`;
    const { driver, machine } = await setUp(withSale(withMore, said.done));
    await until(() => state(driver) === 'ready');
    expect(await driver.pay(attempt(), stored)).toMatchObject({
      kind: 'confirmed',
      result: { receiptNo: '0042' },
    });
    expect(machine.logged.join()).toContain('pos.zvt.doubts');
  });

  test('a listener that fails does not cost the payment', async () => {
    const { driver } = await setUp(withSale(APPROVED, said.done));
    await until(() => state(driver) === 'ready');
    driver.watch(() => {
      throw new Error('the window is gone');
    });
    expect((await driver.pay(attempt(), stored)).kind).toBe('confirmed');
  });

  test('a journal that is slow: 84 9C, and the terminal asks again', async () => {
    let asked = 0;
    const { terminal, driver } = await setUp((apdu, of) => {
      if (apdu.startsWith('0601')) return [said.yes, APPROVED];
      if (apdu === '849c00') {
        asked += 1;
        return [APPROVED];
      }
      return asked > 0 && apdu === '800000' ? [said.done] : usual(apdu, of);
    });
    await until(() => state(driver) === 'ready');
    let calls = 0;
    let tellStored = (_stored: boolean): void => undefined;
    const paying = driver.pay(attempt(), () => {
      calls += 1;
      return new Promise((done) => {
        tellStored = done;
      });
    });
    await until(() => asked >= 2);
    tellStored(true);
    expect((await paying).kind).toBe('confirmed');
    expect(calls).toBe(1);
    expect(terminal.heard).toContain('849c00');
  });

  test.each([
    ['false', () => Promise.resolve(false)],
    ['a fault', () => Promise.reject(new Error('disk full'))],
  ])('a journal that answers %s: the terminal is refused', async (_name, hold) => {
    const { terminal, driver } = await setUp(withSale(APPROVED, said.aborted('6c')));
    await until(() => state(driver) === 'ready');
    const answer = await driver.pay(attempt(), hold);
    expect(answer).toMatchObject({ kind: 'unknown', reason: { code: 'notStored' } });
    expect(terminal.heard).toContain('846600');
  });

  test('the line is cut after our yes: unknown, and what the terminal holds decides', async () => {
    const { terminal, driver } = await setUp((apdu, of) => {
      if (apdu.startsWith('0601')) return [said.yes, APPROVED];
      return usual(apdu, of);
    });
    await until(() => state(driver) === 'ready');
    const sale = attempt();
    const answer = await driver.pay(sale, () => {
      setTimeout(() => terminal.cut(), 20);
      return Promise.resolve(true);
    });
    expect(answer.kind).toBe('unknown');
    expect(await driver.resolve(sale)).toMatchObject({ kind: 'notCharged', reason: { code: 'nothingHeld' } });
    terminal.script = (apdu, of) =>
      apdu.startsWith('0620') ? [said.yes, APPROVED, said.done] : usual(apdu, of);
    const other = attempt();
    expect(await driver.resolve(other)).toMatchObject({ kind: 'charged', result: { receiptNo: '0042' } });
    expect(sentOf(terminal, '0601')).toHaveLength(1);
  });

  test('a terminal that still waits for the yes after the line was cut hears it only if it is stored', async () => {
    for (const isStored of [true, false]) {
      let waits = false;
      const { terminal, driver } = await setUp((apdu, of) => {
        if (apdu.startsWith('0601')) return [said.yes, APPROVED];
        // The next registration is met by the approval, said again.
        if (apdu.startsWith('0600') && waits) {
          waits = false;
          return [APPROVED, said.done, said.yes, said.registered];
        }
        return usual(apdu, of);
      });
      await until(() => state(driver) === 'ready');
      const answer = await driver.pay(attempt(), () => {
        waits = true;
        terminal.cut();
        return isStored ? Promise.resolve(true) : never();
      });
      expect(answer.kind).toBe('unknown');
      const before = terminal.heard.length;
      await until(() => terminal.heard.slice(before).some((apdu) => /^8[04]/.test(apdu)));
      const first = terminal.heard.slice(before).find((apdu) => /^8[04]/.test(apdu));
      expect(first).toBe(isStored ? '800000' : '846600');
    }
  });

  test('the terminal goes silent after the command: unknown after T3, and the line is given up', async () => {
    const { terminal, driver } = await setUp((apdu, of) =>
      apdu.startsWith('0601') ? undefined : usual(apdu, of),
    );
    await until(() => state(driver) === 'ready');
    const before = terminal.connections();
    expect(await driver.pay(attempt(), stored)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'silent' },
    });
    await until(() => terminal.connections() > before);
    await until(() => state(driver) === 'ready');
    expect(sentOf(terminal, '0601')).toHaveLength(1);
  });

  test('the end of day is open: declined with its reason', async () => {
    const { driver } = await setUp((apdu, of) => (apdu.startsWith('0601') ? ['84f000'] : usual(apdu, of)));
    await until(() => state(driver) === 'ready');
    expect(await driver.pay(attempt(), stored)).toMatchObject({
      kind: 'declined',
      reason: { code: 'endOfDayOpen' },
    });
  });

  test('an answer with data behind its code does not end the conversation', async () => {
    const { driver } = await setUp((apdu, of) => (apdu.startsWith('0601') ? ['841e017d'] : usual(apdu, of)));
    await until(() => state(driver) === 'ready');
    expect((await driver.pay(attempt(), stored)).kind).toBe('declined');
    expect(state(driver)).toBe('ready');
  });

  test('a card number in a field, on paper or in a text is nowhere in what the driver says', async () => {
    const pan = '4169730000010018';
    const line = Buffer.from(`KART ${pan}`).toString('hex');
    const withPan = `${APPROVED.replace('040f18', '040f23')}22f0f8${pan}`;
    const paper = `06d1${(line.length / 2 + 1).toString(16).padStart(2, '0')}00${line}`;
    const { driver, events } = await setUp(withSale(withPan, paper, said.done));
    await until(() => state(driver) === 'ready');
    const held: unknown[] = [];
    const answer = await driver.pay(attempt(), (...all) => {
      held.push(all);
      return Promise.resolve(true);
    });
    expect(answer.kind).toBe('confirmed');
    const everything = JSON.stringify([events, held, answer]);
    for (const secret of [pan, pan.slice(6, 12) + pan.slice(12), line])
      expect(everything).not.toContain(secret);
  });
});

describe('a reversal', () => {
  const reversing =
    (...says: string[]): Script =>
    (apdu, terminal) =>
      apdu.startsWith('0630') ? says : usual(apdu, terminal);

  test.each([
    ['84 B4', ['84b400']],
    ['06 1E B4', [said.yes, said.aborted('b4')]],
  ])('%s: it is reversed already, which is what was wanted', async (_name, says) => {
    const { terminal, driver } = await setUp(reversing(...says));
    await until(() => state(driver) === 'ready');
    expect(await driver.reverse(attempt('reversal'), stored)).toMatchObject({
      kind: 'confirmed',
      result: { receiptNo: '0041', amount: 1010 },
    });
    expect(sentOf(terminal, '0630')[0]).toMatch(/^0630..123456.*870041/);
  });

  test('B5: it cannot be reversed any more', async () => {
    const { driver } = await setUp(reversing(said.yes, said.aborted('b5')));
    await until(() => state(driver) === 'ready');
    expect(await driver.reverse(attempt('reversal'), stored)).toMatchObject({
      kind: 'declined',
      reason: { code: 'reversalImpossible' },
    });
  });

  test('without a receipt number nothing is sent', async () => {
    const { terminal, driver } = await setUp(reversing());
    await until(() => state(driver) === 'ready');
    const nameless = { ...attempt('reversal'), original: null };
    expect((await driver.reverse(nameless, stored)).kind).toBe('notSent');
    const original = { terminalId: null, receiptNo: 'BV0q001', trace: null, reference: null };
    expect((await driver.reverse({ ...attempt('reversal'), original }, stored)).kind).toBe('notSent');
    expect(sentOf(terminal, '0630')).toEqual([]);
  });
});

describe('the last transaction', () => {
  test('a terminal that answers 06 20 with a bare completion gives no snapshot, and leaves outcomes unknown', async () => {
    const { driver } = await setUp((apdu, of) =>
      apdu.startsWith('0620') ? [said.yes, said.done] : usual(apdu, of),
    );
    await until(() => state(driver) === 'ready');
    expect((await driver.snapshot()).kind).toBe('failed');
    expect(await driver.resolve(attempt())).toMatchObject({
      kind: 'stillUnknown',
      reason: { code: 'answerUnclear' },
    });
  });

  test('a terminal that holds nothing', async () => {
    const { driver } = await setUp((apdu, of) => (apdu.startsWith('0620') ? ['848300'] : usual(apdu, of)));
    await until(() => state(driver) === 'ready');
    expect(await driver.snapshot()).toEqual({
      kind: 'snapshot',
      snapshot: { terminalId: '99000001', receiptNo: null, trace: null, reference: null },
    });
    // It held something before the attempt, and says now that it holds nothing: that is not evidence.
    expect((await driver.resolve(attempt())).kind).toBe('stillUnknown');
  });

  test('a terminal that is busy is waited for, and not for ever', async () => {
    let asks = 0;
    const { terminal, driver } = await setUp((apdu, of) => {
      if (!apdu.startsWith('0501')) return usual(apdu, of);
      asks += 1;
      return [said.yes, said.state(asks === 1 || asks > 4 ? '00' : '9c')];
    });
    await until(() => state(driver) === 'ready');
    expect((await driver.resolve(attempt())).kind).toBe('notCharged');
    expect(asks).toBe(5);
    expect(sentOf(terminal, '06b0')).toHaveLength(1);
    terminal.script = (apdu, of) =>
      apdu.startsWith('0501') ? [said.yes, said.state('9c')] : usual(apdu, of);
    expect(await driver.resolve(attempt())).toMatchObject({ kind: 'stillUnknown', reason: { code: 'busy' } });
  });
});
