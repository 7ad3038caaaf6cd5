import { WebSocket } from 'ws';
import { ipwContract, type IpwContract } from '../../contracts/ipw.ts';
import { connect } from '../../contracts/rpc/client.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import { CHANNEL_PATH } from '../../contracts/shell.ts';
import { webSocketChannel } from '../loopback/web-socket-channel.ts';

/** A window with nobody in front of it: the same contract over the same line that the page uses. */
export type Window = {
  readonly ask: Client<IpwContract>;
  close(): void;
};

/** Opens the address that a loopback workstation printed, as a browser would, and joins its line. */
export async function openWindow(url: string): Promise<Window> {
  const entered = await fetch(url, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`the workstation did not let us in: HTTP ${entered.status}`);
  const { host, origin } = new URL(url);
  const socket = new WebSocket(`ws://${host}${CHANNEL_PATH}`, { headers: { origin, cookie } });
  await new Promise<void>((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  // A line that breaks answers every open question with `connectionLost`; there is nothing to add to that.
  const ask = connect(
    ipwContract,
    webSocketChannel(socket, () => undefined),
  );
  return { ask, close: () => socket.close() };
}
