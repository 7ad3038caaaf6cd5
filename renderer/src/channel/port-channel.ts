import type { Channel } from '../../../contracts/rpc/channel.ts';
import type { PortGiven, PortWanted } from '../../../contracts/shell.ts';

const WAIT_MS = 10_000;

/** Asks the preload of the Electron shell for a line (contracts/shell.ts). Rejects when none comes. */
export function askForPort(page: Window): Promise<Channel> {
  return new Promise((opened, refused) => {
    const given: PortGiven['kind'] = 'ipw.portGiven';
    const onMessage = (event: MessageEvent<unknown>): void => {
      const port = event.ports[0];
      if (event.source !== page || kindOf(event.data) !== given || !port) return;
      stop();
      opened(channelOf(port));
    };
    const stop = (): void => {
      page.clearTimeout(timer);
      page.removeEventListener('message', onMessage);
    };
    const timer = page.setTimeout(() => {
      stop();
      refused(new Error('the preload gave no port'));
    }, WAIT_MS);
    page.addEventListener('message', onMessage);
    const wanted: PortWanted = { kind: 'ipw.portWanted' };
    page.postMessage(wanted, page.location.origin === 'null' ? '*' : page.location.origin);
  });
}

const kindOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'kind' in data ? data.kind : undefined;

const channelOf = (port: MessagePort): Channel => ({
  send(frame) {
    port.postMessage(frame);
  },
  onFrame(receive) {
    port.addEventListener('message', (event: MessageEvent<unknown>) => receive(event.data));
    port.start();
  },
  onClose(closed) {
    port.addEventListener('close', closed, { once: true });
  },
  close() {
    port.close();
  },
});
