import { useTranslation } from 'react-i18next';
import { useHostState } from '../host/host-context.ts';

/** What goes on at the terminal, in our words, with the terminal's own behind them where it says more. */
export function LiveWord() {
  const { t } = useTranslation();
  const live = useHostState((state) => state.terminal?.live ?? null);
  const code = live?.code ?? 'pleaseWait';
  return (
    <>
      {t(`cards.live.${code}`)}
      {code === 'text' && live?.text ? <small className="quiet"> · {live.text}</small> : null}
    </>
  );
}
