import { randomBytes } from 'node:crypto';
import type { CardSpec } from './card-state.ts';
import { deckView, type DeckView } from './card-view.ts';
import { openControl, type Control } from './control.ts';
import { createDeck, type Deck } from './deck.ts';
import type { MasterKeys } from './keys.ts';
import { fileStore, memoryStore } from './store.ts';
import { openVpcdLine } from './vpcd-line.ts';

/** Virtual cards in the virtual readers of a real PC/SC daemon, with a page to play with them. */

export type VirtualCardsOptions = {
  /** Where vpcd listens: the first slot's port; the next slot is the next port. */
  readonly vpcd: { readonly host?: string; readonly port: number };
  /** The page's port on 127.0.0.1, 0 for any; left out: no page. */
  readonly control?: { readonly port: number };
  /** Left out: the cards are gone with the process. */
  readonly stateFile?: string;
  readonly keys: MasterKeys;
  /** Made where the state file does not have them yet. */
  readonly cards?: readonly CardSpec[];
  readonly slots?: number;
  readonly nowMs?: () => number;
};

export type VirtualCards = {
  /** Everything that can be done to them. */
  readonly deck: Deck;
  readonly controlPort: number | null;
  view(): DeckView;
  /** Also called when the daemon comes and goes. Answers how to stop. */
  watch(listener: () => void): () => void;
  /** Pulls every card out and closes the page. */
  stop(): Promise<void>;
};

/** Throws where `createDeck` does, and when the page's port cannot be had. */
export async function startVirtualCards(options: VirtualCardsOptions): Promise<VirtualCards> {
  const { vpcd, keys, stateFile, control } = options;
  const deck = createDeck({
    store: stateFile === undefined ? memoryStore() : fileStore(stateFile),
    keys,
    ...(options.cards === undefined ? {} : { cards: options.cards }),
    ...(options.slots === undefined ? {} : { slots: options.slots }),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    nowMs: options.nowMs ?? Date.now,
  });
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const lines = Array.from({ length: deck.slots }, (_, slot) =>
    openVpcdLine(deck, slot, { host: vpcd.host ?? '127.0.0.1', port: vpcd.port + slot }, changed),
  );
  // Behind the lines: whoever is told finds the slots as they are now.
  deck.watch(changed);
  const cards = {
    deck,
    view: (): DeckView => deckView(deck, keys, (slot) => lines[slot]?.state() ?? 'empty'),
    watch(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const closeLines = (): void => {
    for (const line of lines) line.close();
  };
  let page: Control | null = null;
  try {
    page = control === undefined ? null : await openControl(control.port, cards);
  } catch (error) {
    closeLines();
    throw error;
  }
  return {
    ...cards,
    controlPort: page?.port ?? null,
    async stop() {
      closeLines();
      await page?.close();
    },
  };
}
