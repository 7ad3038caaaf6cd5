import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openLine, type Line } from './line.ts';

const opened = new Array<{ stop(): unknown }>();
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

/** A centre that repeats what it hears, and remembers it. */
async function setUp(): Promise<{ line: Line; heard: () => string; client: () => Promise<Socket> }> {
  let heard = '';
  const sockets = new Set<Socket>();
  const centre: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes.toString('utf8');
      socket.write(bytes);
    });
  });
  await new Promise<void>((done) => centre.listen(0, '127.0.0.1', done));
  const line = await openLine((centre.address() as AddressInfo).port); // TCP
  opened.push(line, {
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((done) => centre.close(() => done()));
    },
  });
  const client = (): Promise<Socket> =>
    new Promise((done) => {
      const socket = connect(line.port, '127.0.0.1');
      socket.on('error', () => undefined);
      opened.push({ stop: () => socket.destroy() });
      socket.on('connect', () => done(socket));
      socket.on('close', () => done(socket));
    });
  return { line, heard: () => heard, client };
}

const answer = (socket: Socket): Promise<string> =>
  new Promise((done) => {
    if (socket.closed) return done('closed');
    socket.once('data', (bytes) => done(bytes.toString('utf8')));
    socket.once('close', () => done('closed'));
  });

test('a whole line carries both ways', async () => {
  const { client } = await setUp();
  const socket = await client();
  socket.write('salam');
  expect(await answer(socket)).toBe('salam');
});

test('a cut line breaks what is open and lets nothing through, until it is restored', async () => {
  const { line, heard, client } = await setUp();
  const before = await client();
  before.write('one');
  await answer(before);
  line.cut();
  expect(await answer(before)).toBe('closed');
  const during = await client();
  during.write('two');
  expect(await answer(during)).toBe('closed');
  line.restore();
  const after = await client();
  after.write('three');
  expect(await answer(after)).toBe('three');
  expect(heard()).toBe('onethree');
});

test('with answers lost the centre hears the request and the workstation hears nothing', async () => {
  const { line, heard, client } = await setUp();
  const socket = await client();
  line.loseAnswers();
  socket.write('x'.repeat(100));
  expect(await answer(socket)).toBe('x'.repeat(100)); // a handshake passes
  socket.write('y'.repeat(3000));
  expect(await answer(socket)).toBe('closed');
  expect(heard()).toBe('x'.repeat(100) + 'y'.repeat(3000));
  expect(line.answersLost()).toBe(1);
});
