import { useTranslation } from 'react-i18next';
import type { TerminalSlip } from '../../../../contracts/pos.ts';
import { Button } from '../../components/button.tsx';
import { PaperWell } from '../../components/paper-well.tsx';

type TerminalPaperProps = {
  readonly slip: TerminalSlip;
  readonly lines: readonly string[];
  /** Copies given out already; absent: nobody counts them. */
  readonly copies?: number;
  readonly keyCap: string;
  readonly primary?: boolean;
  readonly busy: boolean;
  /** Absent where there is no printer. */
  readonly onPrint?: () => void;
};

/** One of the terminal's own papers, letter for letter, and the key that prints it. */
export function TerminalPaper(props: TerminalPaperProps) {
  const { slip, lines, copies = 0, keyCap, primary = false, busy, onPrint } = props;
  const { t } = useTranslation();
  const name = t(`archive.slips.${slip}`);
  return (
    <section className="terminal-paper" data-testid={`slip-${slip}`}>
      <h2>
        {name}
        {copies > 0 ? <small className="quiet"> {t('archive.copies', { count: copies })}</small> : null}
      </h2>
      <PaperWell label={name}>
        {lines.length === 0 ? (
          <p className="quiet">{t('archive.noPaper')}</p>
        ) : (
          <pre className="slip terminal-slip">{lines.join('\n')}</pre>
        )}
      </PaperWell>
      {lines.length === 0 || onPrint === undefined ? null : (
        <Button primary={primary} keyCap={keyCap} busy={busy} onPress={onPrint} testId={`print-${slip}`}>
          {t(`archive.print.${slip}`)}
        </Button>
      )}
    </section>
  );
}
