import { ipwContract } from '../../../contracts/ipw.ts';
import type { Channel } from '../../../contracts/rpc/channel.ts';
import { reconnecting } from '../../../contracts/rpc/client.ts';
import { CHANNEL_PATH, ELECTRON_PROTOCOL } from '../../../contracts/shell.ts';
import type { HostClient } from '../host/host-store.ts';
import { askForPort } from './port-channel.ts';
import { openWebSocket } from './web-socket-channel.ts';

const RETRY_MS = [200, 500, 1000, 2000] as const;

/** How this page gets a channel: by the address it was loaded from. */
export function channelOpener(page: Window): () => Promise<Channel> {
  if (page.location.protocol === ELECTRON_PROTOCOL) return () => askForPort(page);
  const scheme = page.location.protocol === 'https:' ? 'wss:' : 'ws:';
  return () => openWebSocket(`${scheme}//${page.location.host}${CHANNEL_PATH}`);
}

/**
 * Keeps a client on a line for ever: opens a channel, and when it goes down opens the next one. `changed` hears
 * whether the line is up. What was asked and not answered comes back as `connectionLost`: unknown, and shown again by
 * the topics once the line is back.
 */
export function keepLine(open: () => Promise<Channel>, changed: (up: boolean) => void): HostClient {
  const { client, use } = reconnecting(ipwContract);
  const again = (failures: number): void => {
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    setTimeout(() => begin(failures + 1), wait);
  };
  const begin = (failures: number): void => {
    void open().then(
      (channel) => {
        channel.onClose(() => {
          changed(false);
          again(0);
        });
        use(channel);
        changed(true);
      },
      () => {
        changed(false);
        again(failures);
      },
    );
  };
  begin(0);
  return client;
}
