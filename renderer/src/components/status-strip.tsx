import { useTranslation } from 'react-i18next';
import { formatBaku } from '../../../contracts/time.ts';
import type { SessionState, StatusState } from '../../../contracts/ipw.ts';
import { shortMoment } from '../format/moments.ts';
import { useHostState } from '../host/host-context.ts';
import { PersonMenu } from './person-menu.tsx';
import { HealthOnStrip, ReaderOnStrip } from './reader-chip.tsx';
import { TerminalOnStrip } from './terminal-state.tsx';
import { useNow } from './use-now.ts';
import { usePrinterWords } from './use-printer-words.ts';
import { useSpan } from './use-span.ts';

/** The strip on top: the truth about every line and device in words; the dot repeats it in colour. */
export function StatusStrip() {
  const { t } = useTranslation();
  const session = useHostState((state) => state.session);
  const status = useHostState((state) => state.status);
  const link = useHostState((state) => state.link);
  const now = useNow();
  return (
    <header className={link === 'lost' ? 'strip strip-stale' : 'strip'}>
      <div className="strip-place">
        <strong className="strip-name">{t('app.name')}</strong>
        {session?.workstation ? (
          <span className="strip-branch">
            {session.workstation.branchName} · {t('strip.workstation', { code: session.workstation.code })}
          </span>
        ) : null}
        {session?.demo ? (
          <span className="strip-demo" data-testid="demo">
            {t('app.demo')}
          </span>
        ) : null}
      </div>
      <ul className="strip-states" aria-label={t('strip.label')} aria-live="polite">
        {status === null ? null : <States status={status} now={now} />}
        <TerminalOnStrip />
        <ReaderOnStrip />
        {session?.shift ? <ShiftState shift={session.shift} /> : null}
        <HealthOnStrip />
      </ul>
      {session?.user ? <PersonMenu /> : null}
      <time className="strip-clock">{formatBaku(new Date(now).toISOString()).slice(11)}</time>
    </header>
  );
}

type Light = 'ok' | 'warning' | 'bad' | 'quiet';

function State({
  light,
  text,
  testId,
  device = false,
}: {
  readonly light: Light;
  readonly text: string;
  readonly testId: string;
  readonly device?: boolean;
}) {
  return (
    <li className={`state ${device ? 'state-device ' : ''}state-${light}`} data-testid={testId}>
      <span className={`dot dot-${light}`} aria-hidden="true" />
      <span className="state-text">{text}</span>
    </li>
  );
}

function States({ status, now }: { readonly status: StatusState; readonly now: number }) {
  const { t } = useTranslation();
  const span = useSpan();
  const printerWords = usePrinterWords();
  const { centre, replica, printer, journal } = status;
  const lost = journal.state !== 'ready';
  const since = span(centre.since, now);
  const oldest = centre.oldestWaiting === null ? '—' : shortMoment(centre.oldestWaiting, now);
  const skewMinutes = Math.round((centre.clockSkewMs ?? 0) / 60_000);
  const centreText = {
    online:
      centre.waiting > 0
        ? t('strip.centreOnlineWaiting', { count: centre.waiting })
        : t('strip.centreOnline'),
    offline:
      centre.waiting > 0
        ? t('strip.centreOfflineWaiting', { since, count: centre.waiting, oldest })
        : t('strip.centreOffline', { since }),
    quarantined: t('strip.centreQuarantined'),
    notEnrolled: t('strip.centreNotEnrolled'),
  }[centre.link];
  const centreLight: Light = { online: 'ok', offline: 'warning', quarantined: 'bad', notEnrolled: 'quiet' }[
    centre.link
  ] as Light;
  return (
    <>
      {lost ? (
        <State
          light="bad"
          testId="state-journal"
          text={t(journal.state === 'damaged' ? 'strip.journalDamaged' : 'strip.journalUnwritable')}
        />
      ) : null}
      <State light={centreLight} testId="state-centre" text={centreText} />
      {centre.link === 'notEnrolled' ? null : (
        <State
          light={replica.state === 'ready' ? (centre.link === 'online' ? 'ok' : 'quiet') : 'warning'}
          testId="state-replica"
          text={
            replica.state === 'loading'
              ? t('strip.replicaLoading', { accounts: replica.accounts })
              : replica.state === 'empty' || replica.trueAt === null
                ? t('strip.replicaEmpty')
                : t('strip.replicaReady', { time: shortMoment(replica.trueAt, now) })
          }
        />
      )}
      <State
        light={printer.kind === 'none' ? 'quiet' : printer.state === 'ready' ? 'ok' : 'warning'}
        testId="state-printer"
        device
        text={printerWords(printer)}
      />
      {Math.abs(skewMinutes) >= 2 ? (
        <State light="warning" testId="state-clock" text={t('strip.skew', { minutes: skewMinutes })} />
      ) : null}
    </>
  );
}

function ShiftState({ shift }: { readonly shift: NonNullable<SessionState['shift']> }) {
  const { t } = useTranslation();
  return (
    <li className="state" data-testid="state-shift">
      <span className="state-text">
        {shift.state === 'counting'
          ? t('strip.shiftCounting', { no: shift.shiftNo })
          : t('strip.shift', { no: shift.shiftNo, payments: shift.paymentCount })}
      </span>
    </li>
  );
}
