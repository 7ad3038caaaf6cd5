import type { Channel, Frame } from './channel.ts';

/**
 * Two ends of one line in memory, for tests and for a window in the same process. As on a real line, frames arrive
 * later, in order, as copies (JSON), and closing one end closes the other.
 */
export function memoryChannelPair(): readonly [Channel, Channel] {
  const a = end();
  const b = end();
  a.other = b;
  b.other = a;
  return [channelOf(a), channelOf(b)];
}

type End = {
  other: End | undefined;
  open: boolean;
  receive: ((frame: unknown) => void) | undefined;
  /** Frames that arrived before anyone listened. */
  early: unknown[];
  closed: (() => void)[];
};

const end = (): End => ({ other: undefined, open: true, receive: undefined, early: [], closed: [] });

const later = (run: () => void): void => void Promise.resolve().then(run);

function channelOf(own: End): Channel {
  return {
    send(frame: Frame) {
      const other = own.other;
      if (!own.open || !other) return;
      const text = JSON.stringify(frame);
      later(() => {
        if (!other.open) return;
        const copy: unknown = JSON.parse(text);
        if (other.receive) other.receive(copy);
        else other.early.push(copy);
      });
    },
    onFrame(receive) {
      own.receive = receive;
      for (const frame of own.early.splice(0)) receive(frame);
    },
    onClose(closed) {
      if (own.open) own.closed.push(closed);
      else later(closed);
    },
    close() {
      for (const each of [own, own.other]) {
        if (!each?.open) continue;
        each.open = false;
        for (const closed of each.closed.splice(0)) later(closed);
      }
    },
  };
}
