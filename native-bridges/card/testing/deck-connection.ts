import type { Connection } from '../drivers/connection.ts';
import type { Deck } from '../simulator/deck.ts';
import type { CardFailure } from '../transport/port.ts';
import { parseAtr } from '../atr.ts';

/** A connection to a virtual card with nothing in between: no daemon, no socket, no waiting. */

const lost = (
  code: CardFailure['code'],
  detail: string,
): { readonly ok: false; readonly error: CardFailure } => ({
  ok: false,
  error: { code, cardStateUnknown: true, detail },
});

/** Throws when no card is in the slot. A card that was pulled answers nothing more, also when it is put in again. */
export function connectTo(deck: Deck, slot = 0, reader = 'Virtual PCD 00 00'): Connection {
  const atr = deck.atr(slot);
  if (atr === null) throw new Error('no card is in the slot');
  const card = deck.inside(slot);
  deck.power(slot);
  const isT1 = parseAtr(atr)?.protocols[0] === 1;
  let gone = false;
  const isGone = (): boolean => (gone ||= deck.inside(slot) !== card);
  return {
    reader,
    atr: () => atr,
    protocol: () => (isT1 ? 'T=1' : 'T=0'),
    transmit(apdu) {
      const reply = isGone() ? ({ kind: 'gone' } as const) : deck.transmit(slot, apdu);
      if (reply.kind === 'answer') return Promise.resolve({ ok: true, value: reply.bytes });
      gone ||= reply.kind === 'gone';
      return Promise.resolve(reply.kind === 'gone' ? lost('removed', 'pulled') : lost('timeout', 'mute'));
    },
    reset() {
      if (isGone()) return Promise.resolve(lost('removed', 'pulled'));
      deck.power(slot);
      return Promise.resolve({ ok: true, value: { atr } });
    },
  };
}
