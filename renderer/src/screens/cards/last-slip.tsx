import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NO_RECEIPTS, type TerminalReceipts, type TerminalSlip } from '../../../../contracts/pos.ts';
import { printerReasonText } from '../../../../contracts/printer-reasons.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { hush, say } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { TerminalPaper } from './terminal-paper.tsx';

/** The papers the terminal itself still holds, asked for anew; either can be printed here. */
export function LastSlip({ onBack }: { readonly onBack: () => void }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const home = useRef<HTMLElement>(null);
  useHome(home);
  const [receipts, setReceipts] = useState<TerminalReceipts | null>(null);
  const { busy, run } = useAction();
  const hasPrinter = useHostState((state) => state.status?.printer.kind !== 'none');
  useEffect(() => {
    run(
      () => client['terminal.reprint']({}),
      (answer) => setReceipts(answer.receipts),
      () => setReceipts(NO_RECEIPTS),
    );
  }, [client, run]);
  const print = (slip: TerminalSlip): void => {
    if (!hasPrinter || !receipts || receipts[slip].length === 0) return;
    run(
      () => client['terminal.reprint']({ print: slip }),
      (answer) => {
        setReceipts(answer.receipts);
        if (answer.print?.printed === true) return say('ok', t('archive.lastSlipPrinted'));
        const reason = printerReasonText(answer.print?.reason ?? 'deviceFault', language);
        say('warning', t('archive.lastSlipNotPrinted', { reason }));
      },
    );
  };
  const back = (): void => {
    hush();
    onBack();
  };
  useKeys({ F2: () => print('merchant'), F3: () => print('customer'), Escape: back });
  useHint(t('archive.detailHint'));
  return (
    <main className="card-detail" data-testid="last-slip-view">
      <section className="panel card-facts" aria-label={t('archive.lastSlip')} ref={home} tabIndex={-1}>
        <h1>{t('archive.lastSlip')}</h1>
        <p className="quiet">{t('archive.lastSlipLead')}</p>
        {receipts === null ? <p role="status">{t('archive.asking')}</p> : null}
        <NoticeArea />
        <div className="card-links">
          <Button small keyCap="Esc" onPress={back} testId="last-slip-back">
            {t('archive.back')}
          </Button>
        </div>
      </section>
      <div className="terminal-papers" role="group" aria-label={t('archive.papers')}>
        {receipts === null
          ? null
          : (['customer', 'merchant'] as const).map((slip) => (
              <TerminalPaper
                key={slip}
                slip={slip}
                lines={receipts[slip]}
                keyCap={slip === 'merchant' ? 'F2' : 'F3'}
                primary={slip === 'merchant'}
                busy={busy}
                {...(hasPrinter ? { onPrint: () => print(slip) } : {})}
              />
            ))}
        {hasPrinter ? null : <p className="quiet terminal-papers-foot">{t('archive.noPrinter')}</p>}
      </div>
    </main>
  );
}
