import { useEffect, type RefObject } from 'react';

const homes: RefObject<HTMLElement | null>[] = [];

/** Puts the focus where the present screen wants it: the find field at the counter. */
export function focusHome(): void {
  homes.at(-1)?.current?.focus();
}

/** Focus that fell on nothing (a removed button, a click on paper) goes home. Returns the way to stop. */
export function keepFocus(page: Window): () => void {
  const check = (): void => {
    page.setTimeout(() => {
      const { activeElement, body } = page.document;
      if (activeElement !== null && activeElement !== body) return;
      // Somebody is marking text to copy it: leave them.
      if ((page.getSelection()?.toString() ?? '') !== '') return;
      focusHome();
    }, 0);
  };
  page.document.addEventListener('focusout', check);
  page.addEventListener('pointerup', check);
  page.addEventListener('keyup', check);
  return () => {
    page.document.removeEventListener('focusout', check);
    page.removeEventListener('pointerup', check);
    page.removeEventListener('keyup', check);
  };
}

/** Makes an element the place the focus returns to while mounted, and puts it there now. */
export function useHome(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    homes.push(element);
    element.current?.focus();
    return () => void homes.splice(homes.indexOf(element), 1);
  }, [element]);
}
