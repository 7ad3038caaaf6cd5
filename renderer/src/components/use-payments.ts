import { useCallback, useEffect, useState } from 'react';
import type { PaymentRow } from '../../../contracts/ipw.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { tell } from '../host/window-store.ts';

const PAUSE_MS = 120;
const ROWS_MAX = 100;

/** Payments of this workstation that match a text, newest first; asked again when the journal grows or is sent. */
export function usePayments(text: string): { readonly rows: readonly PaymentRow[] | null; refresh(): void } {
  const { client } = useHost();
  const entries = useHostState((state) => state.status?.journal.entries);
  const waiting = useHostState((state) => state.status?.centre.waiting);
  const [rows, setRows] = useState<readonly PaymentRow[] | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () =>
        void client['receipts.list']({ text: text.trim(), limit: ROWS_MAX }).then((answer) => {
          if (!current) return;
          if (answer.ok) setRows(answer.value.rows);
          else tell(answer.error);
        }),
      text === '' ? 0 : PAUSE_MS,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, text, turn, entries, waiting]);
  return { rows, refresh: useCallback(() => setTurn((n) => n + 1), []) };
}
