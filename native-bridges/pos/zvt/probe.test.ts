import { createServer, type Socket } from 'node:net';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, test } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { probeZvt, shown } from './probe.ts';
import { fastMachine } from './testing/fast-machine.ts';
import { said, scriptedTerminal, type Script } from './testing/scripted-terminal.ts';
import { serialPair } from './testing/serial-pair.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

const machine = fastMachine(5);
const look = (port: number, signal = new AbortController().signal) =>
  probeZvt({ kind: 'zvtTcp', host: '127.0.0.1', port, password: '000000' }, machine, signal);

/** Something that is no terminal: says what it says when somebody comes, or when something is said to it. */
async function stranger(at: 'connect' | 'data', says: string | Uint8Array | null): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const say = (): void => {
      if (says === null) socket.destroy();
      else socket.write(says);
    };
    if (at === 'connect') say();
    else socket.once('data', say);
    socket.resume();
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  cleanUp.push(
    () => new Promise((done) => void server.close(done)),
    () => {
      for (const socket of sockets) socket.destroy();
    },
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function terminal(script: Script): Promise<number> {
  const scripted = await scriptedTerminal(script);
  cleanUp.push(() => scripted.close());
  return scripted.port;
}

describe('over TCP', () => {
  test('the simulator is a terminal, and says that it is a simulator', async () => {
    const simulator = await startSimulator({ tcp: { port: 0 } });
    cleanUp.push(() => simulator.stop());
    expect(await look(simulator.port ?? 0)).toMatchObject({ kind: 'terminal', simulator: true });
    expect(simulator.bank().entries).toEqual([]);
  });

  test('a terminal that answers is one, and so is one that refuses the question', async () => {
    const answers = await terminal((apdu) =>
      apdu.startsWith('0501') ? [said.yes, said.state('00')] : undefined,
    );
    const found = await look(answers);
    expect(found).toMatchObject({ kind: 'terminal', simulator: false });
    expect(found.label).toContain('ZVT TEST1');
    expect(await look(await terminal(() => ['846b00']))).toMatchObject({ kind: 'terminal' });
  });

  test('it is asked once, without the password', async () => {
    const heard: string[] = [];
    await look(
      await terminal((apdu) => {
        heard.push(apdu);
        return undefined;
      }),
    );
    expect(heard).toEqual(['050100']);
  });

  test.each<[string, 'connect' | 'data', string | Uint8Array | null, string]>([
    ['a banner', 'connect', 'SSH-2.0-OpenSSH_9.6\r\n', 'notThisProtocol'],
    ['15 03 69', 'data', Uint8Array.of(0x15, 0x03, 0x69), 'notThisProtocol'],
    ['a whole APDU of something else', 'data', Uint8Array.of(0x15, 0x03, 0x01, 0x69), 'notThisProtocol'],
    ['a TLS alert', 'data', Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x16), 'notThisProtocol'],
    ['HTTP', 'data', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'notThisProtocol'],
    ['nothing', 'data', '', 'silent'],
    ['a hang-up', 'data', null, 'silent'],
  ])('%s', async (_name, at, says, code) => {
    const found = await look(await stranger(at, says));
    expect(found).toMatchObject({ kind: 'other', reason: { code } });
  });

  test('nobody there, and called off', async () => {
    const gone = await stranger('connect', '');
    for (const end of cleanUp.splice(0).reverse()) await end();
    expect(await look(gone)).toMatchObject({ kind: 'other', reason: { code: 'refused' } });
    const off = new AbortController();
    const looking = look(await stranger('connect', ''), off.signal);
    off.abort();
    expect(await looking).toMatchObject({ kind: 'other', reason: { code: 'stopped' } });
    expect(machine.timers()).toBe(0);
  });
});

describe('over a serial line', () => {
  test('a terminal, something else, and nobody', async (context) => {
    const pair = await serialPair(needs(context, 'socat'));
    cleanUp.push(() => pair.unplug());
    const place = {
      kind: 'zvtSerial',
      path: pair.till,
      baudRate: 9600,
      stopBits: 2,
      modemLines: false,
      password: '000000',
    } as const;
    const lookAt = () => probeZvt(place, machine, new AbortController().signal);
    expect(await lookAt()).toMatchObject({ kind: 'other', label: pair.till, reason: { code: 'silent' } });

    const simulator = await startSimulator({ serial: { path: pair.terminal, baudRate: 9600 } });
    expect(await lookAt()).toMatchObject({ kind: 'terminal', simulator: true, settings: place });
    await simulator.stop();

    const modem = new SerialPort({ path: pair.terminal, baudRate: 9600, autoOpen: false });
    await new Promise((done) => modem.open(done));
    modem.on('data', () => void modem.write('\r\nERROR\r\n'));
    expect(await lookAt()).toMatchObject({ kind: 'other', reason: { code: 'notThisProtocol' } });
    await new Promise((done) => modem.close(done));
  });
});

test('what was heard is shown as text where it is text', () => {
  expect(shown([...Buffer.from('SSH-2.0\r\n')])).toBe('SSH-2.0');
  expect(shown([0x15, 0x03, 0x69])).toBe('15 03 69');
});
