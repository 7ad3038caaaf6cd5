import type { CardSight, CardTransport } from './port.ts';

/** Real readers where there are any; else the virtual ones. Never both: a teller must not take one for the other. */
export function realElseVirtual(real: CardTransport, virtual: CardTransport): CardTransport {
  const listeners = new Set<(sight: CardSight) => void>();
  let ofReal: CardSight | null = null;
  let ofVirtual: CardSight | null = null;
  const shown = (): CardSight | null => (ofReal && ofReal.readers.length > 0 ? ofReal : ofVirtual);
  const tell = (): void => {
    const now = shown();
    if (now) for (const listener of listeners) listener(now);
  };
  const stopReal = real.watch((sight) => {
    ofReal = sight;
    tell();
  });
  const stopVirtual = virtual.watch((sight) => {
    ofVirtual = sight;
    tell();
  });
  return {
    watch(listener) {
      listeners.add(listener);
      const now = shown();
      if (now) listener(now);
      return () => void listeners.delete(listener);
    },
    readers: () => shown()?.readers ?? [],
    connect: (reader, options) =>
      (ofReal?.readers.some(({ name }) => name === reader) ? real : virtual).connect(reader, options),
    async dispose() {
      stopReal();
      stopVirtual();
      listeners.clear();
      await Promise.all([real.dispose(), virtual.dispose()]);
    },
  };
}
