import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { charges } from './bank.ts';
import { QUICK } from './testing/bench.ts';
import { startProcess, type SimulatorProcess } from './testing/process.ts';
import { complete, register, tcpTill, YES, type Till } from './testing/till.ts';
import { durableSchema, type Durable } from './terminal-state.ts';

let folder = '';
let stateFile = '';
const running: SimulatorProcess[] = [];
const tills: Till[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pos-simulator-'));
  stateFile = join(folder, 'state.json');
});
afterEach(async () => {
  for (const till of tills.splice(0)) till.close();
  for (const one of running.splice(0))
    if (one.child.exitCode === null && one.child.signalCode === null) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** As fast as life: a busy machine may keep either process from running for a while, and T3 is five seconds. */
async function start(...args: readonly string[]): Promise<SimulatorProcess> {
  const one = await startProcess(['--tcp', '0', '--state', stateFile, ...args]);
  running.push(one);
  return one;
}
/** @param customer who stands there; `hand`: whoever the test plays */
async function connect(one: SimulatorProcess, customer: 'quick' | 'hand' = 'quick'): Promise<Till> {
  if (customer === 'quick') expect(await command(one, { do: 'customer', script: QUICK })).toBe(200);
  const till = await tcpTill(Number(one.ready['tcp']));
  tills.push(till);
  await register(till);
  return till;
}
async function command({ ready }: SimulatorProcess, body: object): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${String(ready['control'])}/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.status;
}
const onDisk = (): Durable => durableSchema.parse(JSON.parse(readFileSync(stateFile, 'utf8')));
const PAY = { name: 'authorisation', amount: 1010, currency: 944 } as const;

async function until(till: Till, name: string): Promise<void> {
  for (;;) {
    const message = await till.hear();
    if (message.name === name) return;
    if (message.name !== 'positive') till.say(YES);
  }
}

describe('killed', () => {
  test('counters, batch and charges are there again', async () => {
    const first = await start();
    await complete(await connect(first), PAY);
    await first.kill();
    const till = await connect(await start());
    const said = await complete(till, { name: 'repeatReceipt', password: '000000', serviceByte: 3 });
    expect(said[1]).toMatchObject({ result: 0, amount: 1010, receiptNo: '0001', trace: '000001' });
    await complete(till, PAY);
    expect(charges(onDisk().bank).map(({ receiptNo }) => receiptNo)).toEqual(['0001', '0002']);
  });

  test('before 04 0F was answered: taken back at the next start', async () => {
    const first = await start();
    const till = await connect(first);
    till.say(PAY);
    await until(till, 'statusInformation');
    await first.kill();
    expect(charges(onDisk().bank)).toHaveLength(1);
    const next = await connect(await start());
    // Busy until it has been taken back, for a registration, too.
    for (;;) {
      const said = await complete(next, { name: 'statusEnquiry' });
      const last = said.at(-1);
      if (last?.name === 'completion' && last.terminalStatus === 0) break;
    }
    expect(charges(onDisk().bank)).toHaveLength(0);
    await register(next);
    const said = await complete(next, { name: 'repeatReceipt', password: '000000', serviceByte: 3 });
    expect(said[1]).toMatchObject({ receiptNo: '0001', result: 0x6c });
  });

  test('after the last yes, before 06 0F was answered: it stands', async () => {
    const first = await start();
    const till = await connect(first);
    till.say(PAY);
    await until(till, 'completion');
    await first.kill();
    await connect(await start());
    expect(charges(onDisk().bank)).toHaveLength(1);
    expect(onDisk().memory.pending).toBeNull();
  });
});

describe('the program', () => {
  test('says that it is ready, ends on SIGTERM', async () => {
    const one = await start();
    expect(one.ready).toMatchObject({ ready: true, tcp: expect.any(Number), control: expect.any(Number) });
    expect(await one.term()).toBe(0);
  });

  test('ends when its standard input does, where it was told so', async () => {
    const one = await start('--exit-with-parent');
    const exited = once(one.child, 'exit');
    one.child.stdin?.end();
    expect((await exited)[0]).toBe(0);
  });

  test('a state file of something else is no reason to begin from nothing', async () => {
    writeFileSync(stateFile, '{"hello":1}');
    const one = await start();
    expect(one.ready).toMatchObject({ ready: false });
    await once(one.child, 'exit');
    expect(one.child.exitCode).toBe(1);
    expect(readFileSync(stateFile, 'utf8')).toBe('{"hello":1}');
  });

  test('unknown options are refused in words', async () => {
    const one = await start('--nonsense');
    expect(one.ready).toMatchObject({ ready: false, message: expect.stringContaining('nonsense') });
  });

  test('the customer at the keyboard', async () => {
    const one = await start('--hand');
    const till = await connect(one, 'hand');
    till.say(PAY);
    await until(till, 'intermediateStatus');
    one.child.stdin?.write('nonsense\ninsert mastercard\n');
    till.say(YES);
    await until(till, 'intermediateStatus');
    one.child.stdin?.write('pin ok\n');
    till.say(YES);
    await until(till, 'printBlock');
    till.say(YES);
    expect(charges(onDisk().bank)).toMatchObject([{ maskedPan: '552209******0016' }]);
  });

  test('the same from its page’s commands; a fault set there strikes', async () => {
    const one = await start('--hand');
    const till = await connect(one, 'hand');
    const cut = { direction: 'fromTerminal', message: 'statusInformation', what: { kind: 'cut' } };
    expect(await command(one, { do: 'fault', fault: cut })).toBe(200);
    expect(await command(one, { do: 'customer', script: QUICK })).toBe(200);
    till.say(PAY);
    await expect(until(till, 'statusInformation')).rejects.toThrow('closed');
  });
});
