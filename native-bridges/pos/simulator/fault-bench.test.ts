import { afterEach, describe, expect, test } from 'vitest';
import type { Message, PtMessage, Reply } from '../zvt/message.ts';
import type { FaultWish } from './faults.ts';
import { startSimulator, type Simulator } from './simulator.ts';
import { idle, PAY, QUICK } from './testing/bench.ts';
import { register, tcpTill, YES, type Till } from './testing/till.ts';

/** Every fault at every place of a payment, over TCP: what the bank holds is what the terminal heard a yes to. */

const PATIENCE_MS = 400;

const open: Simulator[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function start(): Promise<Simulator> {
  const simulator = await startSimulator({
    tcp: { port: 0 },
    speed: 100,
    customer: { ...QUICK, how: 'tap' },
  });
  open.push(simulator);
  return simulator;
}

/** A till that says yes to whatever it can read, as long as there is a line. */
async function payAndSeeWhatComes(simulator: Simulator): Promise<void> {
  let till: Till;
  try {
    till = await tcpTill(simulator.port ?? 0);
  } catch {
    return; // nobody there: nothing was begun
  }
  try {
    await patiently(register(till));
    till.say(PAY);
    for (;;) {
      const message: Message = await patiently(till.hear());
      if (message.name === 'negative') break;
      if (message.name === 'positive') continue;
      till.say(answerTo(message as PtMessage)); // the terminal says nothing else
      if (message.name === 'completion' || message.name === 'aborted') break;
    }
  } catch (error) {
    // The line ended, or what came is no message: this till knows no more.
    if (!(error instanceof Error)) throw error;
  } finally {
    till.close();
    await till.closed;
  }
}
/** A till that hears nothing gives up. What it holds against the bank does not hang on when. */
function patiently<T>(hearing: Promise<T>): Promise<T> {
  hearing.catch(() => undefined);
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error('nothing comes')), PATIENCE_MS);
    void hearing.then(done, fail).finally(() => clearTimeout(late));
  });
}
const answerTo = (_message: PtMessage): Reply => YES;

/** Up again and nothing under way. */
async function atRest(simulator: Simulator): Promise<void> {
  await new Promise<void>((done) => {
    if (simulator.view().isOn) return done();
    const stop = simulator.watch(() => {
      if (!simulator.view().isOn) return;
      stop();
      done();
    });
  });
  await idle(simulator);
}

/** Says from the transcript alone whether a yes to 04 0F and to both papers reached the terminal while it was on. */
function heardYes(simulator: Simulator, from: number): boolean {
  const lines = simulator.transcript().slice(from);
  const at = lines.findLastIndex(({ name }) => name === 'statusInformation');
  if (at === -1) return false;
  let owed = 0;
  let given = 0;
  for (const { direction, name } of lines.slice(at)) {
    if (direction === 'fromTerminal' && (name === 'statusInformation' || name === 'printBlock')) owed += 1;
    if (direction === 'toTerminal' && name === 'positive' && given < owed) given += 1;
  }
  return owed === 3 && given === 3;
}

async function oneFault(simulator: Simulator, fault: FaultWish): Promise<void> {
  const before = simulator.bank().charges.length;
  const from = simulator.transcript().length;
  simulator.fault(fault);
  await payAndSeeWhatComes(simulator);
  await atRest(simulator);
  simulator.clearFaults();
  const yes = heardYes(simulator, from);
  expect([JSON.stringify(fault), simulator.bank().charges.length - before]).toEqual([
    JSON.stringify(fault),
    yes ? 1 : 0,
  ]);
  expect(simulator.durable().memory.pending).toBeNull();
}

describe('faults at every place', () => {
  const cuts = [{ kind: 'cut' }, { kind: 'powerCycle', offMs: 50 }] as const;

  test('04 0F cut off at every byte', async () => {
    const simulator = await start();
    await payAndSeeWhatComes(simulator);
    const length =
      (simulator.transcript().find(({ name }) => name === 'statusInformation')?.hex.length ?? 0) / 2;
    expect(length).toBeGreaterThan(60);
    for (let byte = 0; byte <= length; byte += 5)
      for (const what of cuts)
        await oneFault(simulator, {
          direction: 'fromTerminal',
          message: 'statusInformation',
          at: { byte },
          what,
        });
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('every message of a payment, before and after, lost, late, doubled, broken, cut, without power', async () => {
    const kinds = [
      ...cuts,
      { kind: 'drop' },
      { kind: 'delay', ms: 6000 },
      { kind: 'duplicate' },
      { kind: 'corrupt' },
      { kind: 'garbage', count: 9 },
    ] as const;
    const messages = [
      ['toTerminal', 'authorisation', 1],
      ['fromTerminal', 'positive', 2],
      ['fromTerminal', 'intermediateStatus', 1],
      ['fromTerminal', 'statusInformation', 1],
      ['fromTerminal', 'printBlock', 1],
      ['fromTerminal', 'printBlock', 2],
      ['fromTerminal', 'completion', 2],
      ['toTerminal', 'positive', 2],
      ['toTerminal', 'positive', 3],
      ['toTerminal', 'positive', 4],
      ['toTerminal', 'positive', 5],
      ['toTerminal', 'positive', 6],
      ['toTerminal', 'positive', 7],
    ] as const;
    let [stood, taken] = [0, 0];
    for (const [direction, message, nth] of messages) {
      // One for each: what passed is read from a transcript that does not grow without end.
      const simulator = await start();
      for (const what of kinds)
        for (const at of ['before', 'after'] as const)
          await oneFault(simulator, { direction, message, nth, at, what });
      const { charges, entries } = simulator.bank();
      stood += charges.length;
      taken += entries.filter(({ why }) => why === 'auto').length;
    }
    // Both outcomes were met.
    expect(stood).toBeGreaterThan(20);
    expect(taken).toBeGreaterThan(20);
  });
});
