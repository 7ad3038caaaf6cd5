import { connect, type Socket } from 'node:net';
import type { Deck } from './deck.ts';
import { frameOf, messagesOf, type VpcdMessage } from './vpcd-frames.ts';

/** One slot of a virtual reader: a card is in it as long as there is a connection to vpcd's port. */

export type VpcdLine = {
  /** `in`: the daemon has the card. `waiting`: a card is there and no daemon is. */
  state(): 'empty' | 'in' | 'waiting';
  close(): void;
};

/** How soon a daemon that is not there, or has gone, is tried again. */
const AGAIN_MS = 250;

/**
 * Keeps a slot's connection as the deck says: on when a card is put in, cut when it is out.
 * @param changed called when the daemon has taken the card, or has gone
 */
export function openVpcdLine(
  deck: Deck,
  slot: number,
  at: { readonly host: string; readonly port: number },
  changed: () => void,
): VpcdLine {
  let socket: Socket | null = null;
  /** The card that the connection stands for: another one in the slot is another connection. */
  let shown: string | null = null;
  let isIn = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function follow(): void {
    const card = closed ? null : deck.inside(slot);
    if (card === shown && (card === null || socket !== null || again !== undefined)) return;
    drop();
    shown = card;
    if (card !== null) dial();
  }

  function drop(): void {
    clearTimeout(again);
    again = undefined;
    socket?.destroy();
    socket = null;
    isIn = false;
  }

  function dial(): void {
    const own = connect({ ...at, noDelay: true });
    socket = own;
    let rest: Uint8Array = new Uint8Array();
    own.on('connect', () => {
      deck.power(slot);
      isIn = true;
      changed();
    });
    own.on('data', (chunk: Buffer) => {
      const read = messagesOf(Uint8Array.from([...rest, ...chunk]));
      rest = read.rest;
      for (const message of read.messages) if (own === socket) hear(own, message);
    });
    // Whatever ends it, 'close' comes after it.
    own.on('error', () => undefined);
    own.on('close', () => {
      if (own !== socket) return;
      socket = null;
      const wasIn = isIn;
      isIn = false;
      again = setTimeout(() => {
        again = undefined;
        if (shown !== null) dial();
      }, AGAIN_MS);
      if (wasIn) changed();
    });
  }

  function hear(own: Socket, message: VpcdMessage): void {
    switch (message.kind) {
      case 'off':
      case 'on':
      case 'reset':
        deck.power(slot);
        return;
      case 'atr': {
        const atr = deck.atr(slot);
        if (atr !== null) own.write(frameOf(atr));
        return;
      }
      case 'apdu': {
        const reply = deck.transmit(slot, message.apdu);
        if (reply.kind !== 'answer') return;
        const say = (): void => {
          if (own === socket) own.write(frameOf(reply.bytes));
        };
        if (reply.afterMs === 0) say();
        else setTimeout(say, reply.afterMs);
        return;
      }
    }
  }

  const stopWatching = deck.watch(follow);
  follow();
  return {
    state: () => (deck.inside(slot) === null ? 'empty' : isIn ? 'in' : 'waiting'),
    close() {
      closed = true;
      stopWatching();
      follow();
    },
  };
}
