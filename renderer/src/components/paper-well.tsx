import type { ReactNode } from 'react';

/** Where paper lies on screen; long receipts are scrolled with the arrows once it has the focus. */
export function PaperWell({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // A region that scrolls must be reachable by keyboard (WCAG 2.1.1).
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="paper-well" role="region" aria-label={label} aria-live="polite" tabIndex={0}>
      {children}
    </div>
  );
}
