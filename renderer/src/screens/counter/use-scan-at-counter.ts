import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useHost } from '../../host/host-context.ts';
import { goTo, hush, say, tell } from '../../host/window-store.ts';

/**
 * What a scan means at the counter, by the stage of the payment in hand: into the basket; the next customer after a
 * payment; nothing while money is being taken, and that is said. From any screen it leads to the counter.
 */
export function useScanAtCounter(): (text: string) => void {
  const { t } = useTranslation();
  const { client, store } = useHost();
  return useCallback(
    (text) => {
      const { counter, session } = store.getState();
      goTo('counter');
      if (!session?.shift) return tell({ code: 'shiftNotOpen' });
      if (counter?.stage === 'tendering') return say('warning', t('counter.scanElsewhere'));
      const scan = async (): Promise<void> => {
        if (counter?.stage === 'accepted') {
          const cleared = await client['basket.clear']({});
          if (!cleared.ok) return tell(cleared.error);
        }
        const answer = await client['basket.scan']({ text });
        if (!answer.ok) tell(answer.error);
        else if (answer.value.found === 'nothing')
          say('warning', t('find.nothing', { text }), t('find.nothingNext'));
        else hush();
      };
      void scan();
    },
    [client, store, t],
  );
}
