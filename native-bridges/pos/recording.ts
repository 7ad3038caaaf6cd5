import type { PosEvent } from '../../core/ports/pos.ts';

export type PosFrame = Extract<PosEvent, { readonly kind: 'frame' }>;

/** For a support bundle: a whole morning of payments, and no more memory than that. */
export const MOST_FRAMES = 2000;
export const MOST_BYTES = 512 * 1024;

/** The last frames, as hex letters; the oldest go when there are too many or too long ones. */
export type Recording = { add(frame: PosFrame): void; frames(): readonly PosFrame[] };

export function newRecording(): Recording {
  let kept: PosFrame[] = [];
  let letters = 0;
  return {
    add(frame) {
      const bounded =
        frame.hex.length > MOST_BYTES ? { ...frame, hex: frame.hex.slice(0, MOST_BYTES) } : frame;
      kept.push(bounded);
      letters += bounded.hex.length;
      let gone = 0;
      while (kept.length - gone > MOST_FRAMES || letters > MOST_BYTES) {
        letters -= kept[gone]?.hex.length ?? 0;
        gone += 1;
      }
      if (gone > 0) kept = kept.slice(gone);
    },
    frames: () => [...kept],
  };
}
