import { useEffect, useState } from 'react';
import type { CardRow, PosKind, PosOutcome } from '../../../../contracts/ipw.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { tell } from '../../host/window-store.ts';

const PAUSE_MS = 120;
const ROWS_MAX = 100;

/** What the archive is asked for. */
export type CardsWanted = {
  readonly text: string;
  readonly kind: PosKind | null;
  readonly outcome: PosOutcome | 'open' | null;
};
export const ALL_CARDS: CardsWanted = { text: '', kind: null, outcome: null };

/** Card operations of this workstation, newest first; asked again when the journal grows. Null until the first answer. */
export function useCardRows({ text, kind, outcome }: CardsWanted): readonly CardRow[] | null {
  const { client } = useHost();
  const entries = useHostState((state) => state.status?.journal.entries);
  const [rows, setRows] = useState<readonly CardRow[] | null>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () =>
        void client['card.list']({ text: text.trim(), kind, outcome, limit: ROWS_MAX }).then((answer) => {
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
  }, [client, text, kind, outcome, entries]);
  return rows;
}
