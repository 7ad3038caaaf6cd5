/**
 * The card process: the only one that loads the system's PC/SC library. Does what its parent asks over the channel it was
 * started with, and nothing else can ask it. Its parent ends it by killing it; without a parent it ends itself.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { abiHere } from './abi.ts';
import type { CardRequest, FromCardProcess } from './messages.ts';
import { openCards } from './open-cards.ts';
import { watchReaders } from './watching.ts';
import { loadWinScard, type WinScard } from './winscard.ts';

const abi = abiHere();
let loaded: WinScard | undefined;

function load(): WinScard | string {
  if (abi === undefined) return `no PC/SC on ${process.platform}`;
  try {
    loaded ??= loadWinScard(abi);
    return loaded;
  } catch (error) {
    // Not installed, or not yet: koffi says which file.
    return error instanceof Error ? error.message : String(error);
  }
}

const say = (message: FromCardProcess): void => void process.send?.(message);

// A thread may be waiting for a card that is silent for ever: only a kill ends this process for certain.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C and the end of a session reach the whole group; an order under way is ended by our parent when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const cards = openCards(load, abi?.rawProtocol ?? 0);
process.on('message', (message) => {
  const request = message as CardRequest; // the channel has one other end, and it sends nothing else
  void cards.run(request).then((answer) => say({ kind: 'answer', answer }));
});

await watchReaders({
  load,
  abi: abi ?? { system: 'linux', plugAndPlay: false },
  say: (sight) => say({ kind: 'sight', sight }),
  wait,
});
