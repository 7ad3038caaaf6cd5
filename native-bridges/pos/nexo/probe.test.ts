import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { benchMachine, pause, until } from '../testing/bench.ts';
import { startNexoSimulator } from '../nexo-simulator/simulator.ts';
import { probeNexo } from './probe.ts';
import { fakeTerminal } from './testing/fake-terminal.ts';
import { settingsFor } from './testing/nexo-bench.ts';

const settings = (port: number) =>
  ({ kind: 'nexo', over: 'tcp', host: '127.0.0.1', port, poiId: 'P1', saleId: 'WS07' }) as const;

const probe = (port: number, over: 'tcp' | 'ws' = 'tcp', signal = new AbortController().signal) =>
  probeNexo({ ...settings(port), over }, benchMachine(), signal);

test('a probe finds the simulator and says what it is, over TCP and over WebSocket', async () => {
  for (const over of ['tcp', 'ws'] as const) {
    const simulator = await startNexoSimulator({ port: 0, over });
    onTestFinished(simulator.stop);
    const machine = benchMachine();
    const found = await probeNexo(settingsFor(simulator, over), machine, new AbortController().signal);
    expect(found).toMatchObject({ kind: 'terminal', simulator: true, terminalId: simulator.poiId });
    await until('the line is down', () => simulator.lines() === 0);
    expect(machine.timers()).toBe(0);
    expect(simulator.received()).toEqual(['Login', 'Logout']);
  }
});

test('a probe says what else there is', async () => {
  const web = createHttpServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo;
  expect(await probe(port, 'ws')).toMatchObject({ kind: 'other', reason: { code: 'notThisProtocol' } });
  web.closeAllConnections();
  await new Promise((resolve) => web.close(resolve));
  expect(await probe(port)).toMatchObject({ kind: 'other', reason: { code: 'refused' } });
  const silent = await fakeTerminal(() => Buffer.alloc(0));
  const ended = new AbortController();
  const looking = probe(silent.port, 'tcp', ended.signal);
  await until('it is looking', () => silent.asked.length > 0);
  ended.abort();
  expect((await looking).kind).toBe('other');
  await pause(20);
  expect(silent.sockets.size).toBe(0);
});
