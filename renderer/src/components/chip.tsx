import type { ReactNode } from 'react';
import type { Tone } from '../host/window-store.ts';

/** A few words on a coloured ground; the words alone carry the meaning. */
export function Chip({
  tone,
  children,
  testId,
}: {
  readonly tone: Tone | 'brand';
  readonly children: ReactNode;
  readonly testId?: string;
}) {
  return (
    <span className={`chip chip-${tone}`} {...(testId === undefined ? {} : { 'data-testid': testId })}>
      {children}
    </span>
  );
}
