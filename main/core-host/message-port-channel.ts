import type { Channel } from '../../contracts/rpc/channel.ts';

/** One end of a window's port in this process: Electron's `MessagePortMain`, as far as it is used here. */
export type WindowPort = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
};

/** A MessagePort as a channel: one frame is one message, a plain object. */
export function messagePortChannel(port: WindowPort): Channel {
  let open = true;
  port.on('close', () => {
    open = false;
  });
  return {
    send(frame) {
      if (open) port.postMessage(frame);
    },
    onFrame(receive) {
      port.on('message', ({ data }) => receive(data));
      // Messages wait in the port until it is started; now there is someone to hear them.
      port.start();
    },
    onClose(closed) {
      port.on('close', closed);
    },
    close() {
      port.close();
    },
  };
}
