import { useTranslation } from 'react-i18next';
import { useHostState } from '../../host/host-context.ts';
import { say } from '../../host/window-store.ts';

/** The card key where no terminal is set: says so, and where whoever may sets it. Nothing where one is set. */
export function useNoTerminal(): () => void {
  const { t } = useTranslation();
  const kind = useHostState((state) => state.terminal?.settings.kind);
  const may = useHostState((state) => state.session?.user?.role === 'supervisor');
  return () => {
    if (kind === 'none')
      say('warning', t('archive.noTerminal'), t(may ? 'archive.noTerminalMay' : 'archive.noTerminalAsk'));
  };
}
