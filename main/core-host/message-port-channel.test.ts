import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { messagePortChannel, type WindowPort } from './message-port-channel.ts';

/** Node's port has what Electron's has, except that it hands over the data itself. */
const windowPort = (port: MessagePort): WindowPort => ({
  postMessage: (message) => port.postMessage(message),
  on(event: 'message' | 'close', listener: ((event: { data: unknown }) => void) & (() => void)) {
    if (event === 'close') port.on('close', listener);
    else port.addListener('message', (data: unknown) => listener({ data }));
  },
  start: () => port.start(),
  close: () => port.close(),
});

test('frames sent before anyone listened arrive in order, and closing is heard on the other side', async () => {
  const { port1, port2 } = new MessageChannel();
  const here = messagePortChannel(windowPort(port1));
  const there = messagePortChannel(windowPort(port2));
  here.send({ kind: 'cancel', id: 1 });
  here.send({ kind: 'cancel', id: 2 });
  const frames = new Array<unknown>();
  there.onFrame((frame) => frames.push(frame));
  await expect
    .poll(() => frames)
    .toEqual([
      { kind: 'cancel', id: 1 },
      { kind: 'cancel', id: 2 },
    ]);
  const closed = new Promise<void>((done) => here.onClose(done));
  there.close();
  await closed;
  expect(() => here.send({ kind: 'cancel', id: 3 })).not.toThrow();
});
