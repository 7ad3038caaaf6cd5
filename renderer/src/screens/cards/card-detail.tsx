import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardRow, CardStory } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import type { TerminalSlip } from '../../../../contracts/pos.ts';
import { formatBaku } from '../../../../contracts/time.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { say, showCard, showReceipt } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { AttemptStory } from '../counter/attempt-story.tsx';
import { OutcomeChip, useOutcomeWords } from './card-outcome.tsx';
import { TerminalPaper } from './terminal-paper.tsx';
import { useCardStory } from './use-card-story.ts';
import { useRecording } from './use-recording.ts';

type CardDetailProps = { readonly attemptId: string; readonly onBack: () => void };

/** One card operation: what became of it, what it belongs to, and both of the terminal's papers side by side. */
export function CardDetail({ attemptId, onBack }: CardDetailProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const home = useRef<HTMLElement>(null);
  useHome(home);
  const [printed, setPrinted] = useState(0);
  const story = useCardStory(attemptId, printed);
  const printing = useAction();
  const recording = useRecording();
  const hasPrinter = useHostState((state) => state.status?.printer.kind !== 'none');

  const receipts = story?.row.receipts;
  const print = (slip: TerminalSlip): void => {
    if (!hasPrinter || !receipts || receipts[slip].length === 0) return;
    printing.run(
      () => client['card.print']({ attemptId, slip }),
      ({ copy }) => {
        setPrinted((n) => n + 1);
        say('ok', t('archive.printed', { copy }));
      },
      () => setPrinted((n) => n + 1),
    );
  };
  const payment = story?.payment ?? null;
  const toPayment = (): void => {
    if (payment !== null) showReceipt(payment.receiptNo);
  };
  const record = (): void => recording.save({ of: 'attempt', attemptId });
  useKeys({
    F2: () => print('merchant'),
    F3: () => print('customer'),
    F4: record,
    Enter: toPayment,
    Escape: onBack,
  });
  useHint(t('archive.detailHint'));
  return (
    <main className="card-detail" data-testid="card-detail">
      {/* It has the focus, so that arrows scroll it: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className="panel card-facts" aria-label={t('archive.title')} ref={home} tabIndex={0}>
        {story === null ? (
          <p className="quiet">{t('app.loading')}</p>
        ) : (
          <>
            <CardHead row={story.row} />
            <NoticeArea />
            {payment === null ? (
              <p className="quiet">{t('archive.noPayment')}</p>
            ) : payment.stornoReceiptNo === null ? null : (
              <p>{t('archive.stornoed', { no: payment.stornoReceiptNo })}</p>
            )}
            <div className="card-links">
              {payment === null ? null : (
                <Button small keyCap="Enter" onPress={toPayment} testId="to-payment">
                  {t('archive.toPayment')} {payment.receiptNo}
                </Button>
              )}
              {story.related.map((one) => (
                <Button
                  key={one.attemptId}
                  small
                  onPress={() => showCard(one.attemptId)}
                  testId="related-card"
                >
                  {t(`cards.kinds.${one.kind}`)} {formatMoney(one.amount)}:{' '}
                  {t(`cards.outcomes.${one.outcome ?? 'open'}`)}
                </Button>
              ))}
              <Button small keyCap="F4" busy={recording.busy} onPress={record} testId="card-recording">
                {t('archive.recording')}
              </Button>
              <Button small keyCap="Esc" onPress={onBack} testId="card-back">
                {t('archive.back')}
              </Button>
            </div>
            <CardFacts row={story.row} />
            <h2>{t('archive.story')}</h2>
            <AttemptStory attempt={story} whole />
            <Decision story={story} />
          </>
        )}
      </section>
      <div className="terminal-papers" role="group" aria-label={t('archive.papers')}>
        {(['customer', 'merchant'] as const).map((slip) => (
          <TerminalPaper
            key={slip}
            slip={slip}
            lines={receipts?.[slip] ?? []}
            copies={story?.copies[slip] ?? 0}
            keyCap={slip === 'merchant' ? 'F2' : 'F3'}
            primary={slip === 'merchant'}
            busy={printing.busy}
            {...(hasPrinter ? { onPrint: () => print(slip) } : {})}
          />
        ))}
        {hasPrinter ? null : <p className="quiet terminal-papers-foot">{t('archive.noPrinter')}</p>}
      </div>
    </main>
  );
}

function CardHead({ row }: { readonly row: CardRow }) {
  const { t } = useTranslation();
  const words = useOutcomeWords();
  return (
    <header className="card-facts-head">
      <div>
        <h1>{t(`cards.kinds.${row.kind}`)}</h1>
        <OutcomeChip outcome={row.outcome} />
      </div>
      <Money amount={row.amount} className="amount" testId="card-amount" />
      <p data-testid="card-outcome-words">{words(row)}</p>
    </header>
  );
}

function CardFacts({ row }: { readonly row: CardRow }) {
  const { t } = useTranslation();
  const { result } = row;
  const card = [result?.cardName, result?.maskedPan].filter(Boolean).join(' ');
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    [t('archive.time'), formatBaku(row.since)],
    [t('archive.teller'), row.teller],
    [t('archive.card'), card],
    [t('archive.terminal'), result?.terminalId],
    [t('archive.terminalReceipt'), result?.receiptNo],
    [t('archive.trace'), result?.trace],
    [t('archive.authCode'), result?.authCode],
    [t('archive.reference'), result?.reference],
  ];
  return (
    <dl className="facts-two">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="tabular">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Who decided what nobody could find out, and why. */
function Decision({ story: { decision } }: { readonly story: CardStory }) {
  const { t } = useTranslation();
  if (decision === null) return null;
  return (
    <p className="quiet" data-testid="card-decision">
      {t('archive.decidedBy', {
        decision: t(`cards.decisions.${decision.decision}`),
        by: decision.by.name,
        approvedBy: decision.approvedBy.name,
        note: decision.note,
      })}
    </p>
  );
}
