import { useEffect, useRef } from 'react';
import { isFunctionKey } from './key-map.ts';

/** What a layer does with keys, by `KeyboardEvent.key`. Returning false passes the key on to the layer below. */
export type KeyLayer = Readonly<Record<string, (event: KeyboardEvent) => boolean | void>>;

/** Dialogues before screens before the frame; a dialogue hides what lies below it. */
const LEVELS = { frame: 0, screen: 1, dialogue: 2 } as const;
export type LayerLevel = keyof typeof LEVELS;

type Entry = { readonly layer: () => KeyLayer; readonly level: LayerLevel };
const layers: Entry[] = [];

/** Serves the window's keys that no field or button has taken, from the top layer down. Returns the way to stop. */
export function serveKeys(page: Window): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    // The browser's own meanings (help, find, reload, full screen) have no place at a counter.
    if (isFunctionKey(event.key)) event.preventDefault();
    // A key held down does its work once.
    if (event.repeat) return;
    for (const { layer, level } of layers.toSorted((a, b) => LEVELS[b.level] - LEVELS[a.level])) {
      const act = layer()[event.key];
      if (act && act(event) !== false) {
        event.preventDefault();
        return;
      }
      if (level === 'dialogue') return;
    }
  };
  page.addEventListener('keydown', onKeyDown);
  return () => page.removeEventListener('keydown', onKeyDown);
}

/** Serves a layer of keys while the component is mounted. */
export function useKeys(layer: KeyLayer, level: LayerLevel = 'screen'): void {
  const latest = useRef(layer);
  useEffect(() => {
    latest.current = layer;
  });
  useEffect(() => {
    const entry: Entry = { layer: () => latest.current, level };
    layers.unshift(entry);
    return () => void layers.splice(layers.indexOf(entry), 1);
  }, [level]);
}
