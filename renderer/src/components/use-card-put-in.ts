import { useEffect, useRef } from 'react';
import { useHost, useHostState } from '../host/host-context.ts';
import { goTo, insertionSeen, useWindow } from '../host/window-store.ts';

/**
 * A meter card put in opens its screen, and so does a load that begins. A card never does so over a payment or anything that
 * is being typed: then its banner says which key does.
 */
export function useCardPutIn(): void {
  const { store } = useHost();
  const screen = useWindow((state) => state.screen);
  const insertion = useHostState((state) => state.meterCard?.card?.insertion ?? null);
  const loadId = useHostState((state) => state.meterCard?.load?.loadId ?? null);
  const taken = useRef<number | null>(null);

  useEffect(() => {
    if (insertion === null || taken.current === insertion) return;
    taken.current = insertion;
    const { counter, session } = store.getState();
    const free = session?.shift?.state === 'open' && counter?.stage === 'draft' && counter.lines.length === 0;
    if (free && !isTyping(document) && !useWindow.getState().board) goTo('meterCard');
  }, [insertion, store]);

  useEffect(() => {
    if (loadId !== null) goTo('meterCard');
  }, [loadId]);

  useEffect(() => {
    if (screen === 'meterCard' && insertion !== null) insertionSeen(insertion);
  }, [screen, insertion]);
}

/** Whether leaving the screen now could lose something typed: a field holds text, or a question is open over it. */
const isTyping = (page: Document): boolean =>
  page.querySelector('[role="alertdialog"], [role="dialog"]') !== null ||
  [...page.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('main input, main textarea')].some(
    (field) => field.type !== 'radio' && field.type !== 'checkbox' && field.value !== '',
  );
