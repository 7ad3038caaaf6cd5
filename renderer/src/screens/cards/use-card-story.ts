import { useEffect, useState } from 'react';
import type { CardStory } from '../../../../contracts/ipw.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { tell } from '../../host/window-store.ts';

/** One card operation whole; asked for again when the journal grows or the terminal was asked. Null until it is there. */
export function useCardStory(attemptId: string, version: number): CardStory | null {
  const { client } = useHost();
  const entries = useHostState((state) => state.status?.journal.entries);
  const steps = useHostState(
    (state) => state.terminal?.open.find((one) => one.attemptId === attemptId)?.steps.at(-1)?.at,
  );
  const [story, setStory] = useState<CardStory | null>(null);
  useEffect(() => {
    let current = true;
    void client['card.get']({ attemptId }).then((answer) => {
      if (!current) return;
      if (answer.ok) setStory(answer.value);
      else tell(answer.error);
    });
    return () => {
      current = false;
    };
  }, [client, attemptId, version, entries, steps]);
  return story?.row.attemptId === attemptId ? story : null;
}
