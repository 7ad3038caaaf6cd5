import type { Channel } from '../../../contracts/rpc/channel.ts';

/** A WebSocket of the loopback shell as a channel. Resolves when it is open, rejects when it does not open. */
export function openWebSocket(address: string): Promise<Channel> {
  return new Promise((opened, refused) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => opened(channelOf(socket)), { once: true });
    socket.addEventListener('error', () => refused(new Error('the WebSocket did not open')), { once: true });
  });
}

const channelOf = (socket: WebSocket): Channel => ({
  send(frame) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  },
  onFrame(receive) {
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (typeof event.data !== 'string') return socket.close();
      const frame = parsed(event.data);
      // Whoever sends us what is no JSON is not our core host: leave the line, another one is opened.
      if (frame === undefined) return socket.close();
      receive(frame.value);
    });
  },
  onClose(closed) {
    socket.addEventListener('close', closed, { once: true });
  },
  close() {
    socket.close();
  },
});

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
