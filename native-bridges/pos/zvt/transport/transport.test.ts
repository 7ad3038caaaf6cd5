import { mkdtempSync, rmSync, chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { needs } from '../../../../scripts/needs.ts';
import type { PosReason } from '../../../../contracts/pos.ts';
import { serialPair } from '../testing/serial-pair.ts';
import { testClock } from '../testing/clock.ts';
import { hexOf } from '../testing/wire.ts';
import { openingReason, serialTransport } from './serial.ts';
import { tcpTransport, CONNECT_MS } from './tcp.ts';
import type { OpenTransport, Transport } from './transport.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

type Heard = { hex: string; closed: PosReason[] };

async function opened(open: OpenTransport): Promise<{ transport: Transport; heard: Heard }> {
  const heard: Heard = { hex: '', closed: [] };
  const opening = await open({
    data: (bytes) => void (heard.hex += hexOf(bytes)),
    closed: (reason) => void heard.closed.push(reason),
  });
  if (opening.kind !== 'open') throw new Error(opening.reason.code);
  cleanUp.push(() => opening.transport.close());
  return { transport: opening.transport, heard };
}

async function failure(open: OpenTransport): Promise<string> {
  const opening = await open({ data: () => undefined, closed: () => undefined });
  if (opening.kind === 'open') await opening.transport.close();
  return opening.kind === 'open' ? 'open' : opening.reason.code;
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const serial = (path: string): OpenTransport =>
  serialTransport({ path, baudRate: 115_200, stopBits: 2, modemLines: false });

describe('serial', () => {
  async function cable(context: Parameters<typeof needs>[0]) {
    const pair = await serialPair(needs(context, 'socat'));
    cleanUp.push(() => pair.unplug());
    return pair;
  }

  test('carries every byte both ways, unchanged', async (context) => {
    const { till, terminal } = await cable(context);
    const a = await opened(serial(till));
    const b = await opened(serial(terminal));
    await a.transport.write(EVERY_BYTE);
    await b.transport.write(EVERY_BYTE);
    await expect.poll(() => b.heard.hex).toBe(hexOf(EVERY_BYTE));
    await expect.poll(() => a.heard.hex).toBe(hexOf(EVERY_BYTE));
  });

  test('a cable that is pulled is told once, and nothing can be written any more', async (context) => {
    const { till, unplug } = await cable(context);
    const { transport, heard } = await opened(serial(till));
    await unplug();
    await expect.poll(() => heard.closed.map(({ code }) => code), { timeout: 10_000 }).toEqual(['lineLost']);
    expect(transport.open).toBe(false);
    await expect(transport.write(EVERY_BYTE)).rejects.toThrow();
  });

  test('a port that was closed can be opened again, and tells nothing of our own closing', async (context) => {
    const { till } = await cable(context);
    const first = await opened(serial(till));
    await first.transport.close();
    expect(first.heard.closed).toEqual([]);
    expect(await failure(serial(till))).toBe('open');
  });

  test('a port that another program has', async (context) => {
    const { till } = await cable(context);
    await opened(serial(till));
    expect(await failure(serial(till))).toBe('portInUse');
  });

  test('no port there, and something that is none', async () => {
    expect(await failure(serial('/dev/nothing-here'))).toBe('portAbsent');
    const folder = mkdtempSync(join(tmpdir(), 'port-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await failure(serial(file))).toBe('portAbsent');
  });

  test('no permission', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may open every port');
    const { till } = await cable(context);
    chmodSync(till, 0);
    expect(await failure(serial(till))).toBe('noPermission');
  });

  test.each([
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'linux', 'portAbsent'],
    ['Error: Permission denied, cannot open /dev/ttyS0', 'linux', 'noPermission'],
    ['Error Resource temporarily unavailable Cannot lock port', 'linux', 'portInUse'],
    ['Error: Device or resource busy, cannot open /dev/ttyS0', 'linux', 'portInUse'],
    ['Opening COM3: File not found', 'win32', 'portAbsent'],
    ['Opening COM3: Access denied', 'win32', 'portInUse'],
  ] as const)('%s on %s: %s', (message, platform, code) => {
    expect(openingReason(message, platform)).toBe(code);
  });
});

describe('tcp', () => {
  async function listening(accepted: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const server = createServer(accepted);
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    cleanUp.push(() => new Promise((done) => void server.close(done)));
    return { server, port: address.port };
  }
  const tcp = (port: number, clock = testClock()): OpenTransport =>
    tcpTransport({ host: '127.0.0.1', port }, clock);

  test('carries every byte both ways, unchanged', async () => {
    let atTerminal = '';
    const { port } = await listening((socket) => {
      socket.on('data', (bytes) => {
        atTerminal += hexOf(bytes);
        socket.write(bytes);
      });
    });
    const { transport, heard } = await opened(tcp(port));
    await transport.write(EVERY_BYTE);
    await expect.poll(() => atTerminal).toBe(hexOf(EVERY_BYTE));
    await expect.poll(() => heard.hex).toBe(hexOf(EVERY_BYTE));
  });

  test('what was sent before the terminal hung up is heard first', async () => {
    const { port } = await listening((socket) => void socket.end(EVERY_BYTE));
    const { heard, transport } = await opened(tcp(port));
    await expect.poll(() => heard.closed.map(({ code }) => code)).toEqual(['lineLost']);
    expect(heard.hex).toBe(hexOf(EVERY_BYTE));
    expect(transport.open).toBe(false);
    await expect(transport.write(EVERY_BYTE)).rejects.toThrow();
  });

  test('a reset is told once', async () => {
    const { port } = await listening((socket) => void socket.on('data', () => void socket.resetAndDestroy()));
    const { heard, transport } = await opened(tcp(port));
    await transport.write(EVERY_BYTE);
    await expect.poll(() => heard.closed.map(({ code }) => code)).toEqual(['lineLost']);
  });

  test('our own closing is told to the terminal, not to us', async () => {
    const seen: string[] = [];
    const { port } = await listening((socket) => {
      socket.on('end', () => void seen.push('end'));
      socket.resume();
    });
    const { heard, transport } = await opened(tcp(port));
    await transport.close();
    await expect.poll(() => seen).toEqual(['end']);
    expect(heard.closed).toEqual([]);
  });

  test('nobody listens', async () => {
    const { server, port } = await listening(() => undefined);
    await new Promise((done) => void server.close(done));
    expect(await failure(tcp(port))).toBe('refused');
  });

  test('an address that does not answer is given up', async () => {
    const clock = testClock();
    // 192.0.2.0/24 is kept for documentation: whoever answers there, it is not at once.
    const found = failure(tcpTransport({ host: '192.0.2.1', port: 20_007 }, clock));
    await clock.advance(CONNECT_MS);
    expect(await found).toBe('unreachable');
  });
});
