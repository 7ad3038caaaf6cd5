import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShiftView } from '../../../../contracts/ipw.ts';
import { worth } from '../../../../contracts/rules/denominations.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { useKeptCounts } from '../../components/kept-counts.ts';
import { Money } from '../../components/money.tsx';
import { countsValid, PieceGrid, PieceSums, piecesOf } from '../../components/piece-grid.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, hush, say, showZ, tell } from '../../host/window-store.ts';
import { focusHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';

/** The blind count. When it differs from what is expected, it is made a second time, with a reason. */
export function CountShift({ shift }: { readonly shift: ShiftView }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const [again, setAgain] = useState(false);
  // The second count is made from nothing, not from the first.
  const [counts, setCounts] = useKeptCounts(`${again ? 'again' : 'count'} ${shift.shiftId}`);
  const [reason, setReason] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const side = useRef<HTMLElement>(null);
  const closing = useAction({ stay: true });
  const leaving = useAction();

  const close = (): void => {
    if (!countsValid(counts)) return say('warning', t('pieces.tooMany'));
    closing.run(
      () =>
        client['shift.close']({
          counted: [...piecesOf(counts)],
          reason: reason.trim() === '' ? null : reason.trim(),
        }),
      (z) => {
        showZ(z);
        goTo('shift');
      },
      (failure) => {
        if (failure.code !== 'countDiffers') return tell(failure);
        if (again && reason.trim() === '') {
          say('warning', t('shift.reasonNeeded'));
          return side.current?.querySelector('textarea')?.focus();
        }
        // Two counts that differ from each other: the next one is made from nothing, too.
        if (again) setCounts({});
        else hush();
        setAgain(true);
        focusHome();
      },
    );
  };
  const cancel = (): void => leaving.run(() => client['shift.count']({ cancel: true }));
  useKeys({ F2: close, Escape: cancel });
  useHint(t('keys.gridHint'));
  useScans(() => undefined);

  return (
    <main className="count-screen">
      <section className="panel count-panel">
        <header>
          <h1>{again ? t('shift.countAgain') : t('shift.countTitle')}</h1>
          <p
            className={again ? 'warning-text' : 'quiet'}
            role={again ? 'alert' : undefined}
            data-testid="count-lead"
          >
            {again ? t('shift.countAgainLead') : t('shift.countLead')}
          </p>
        </header>
        <PieceGrid
          key={String(again)}
          counts={counts}
          onChange={setCounts}
          onEnd={() => button.current?.focus()}
        />
      </section>
      <aside className="panel count-side" ref={side}>
        <div>
          <span className="quiet">{t('shift.title', { no: shift.shiftNo })}</span>
          <span className="quiet"> · {t('pieces.counted')}</span>
          <Money
            amount={countsValid(counts) ? worth(piecesOf(counts)) : worth([])}
            className="huge"
            testId="counted-total"
          />
          <PieceSums counts={counts} />
        </div>
        {again ? (
          <Field
            label={t('shift.reason')}
            value={reason}
            onChange={setReason}
            lines={3}
            maxLength={300}
            testId="count-reason"
          />
        ) : null}
        <NoticeArea />
        <div className="count-next">
          <Button onPress={cancel} keyCap="Esc" busy={leaving.busy} testId="cancel-count">
            {t('shift.backToWork')}
          </Button>
          <Button ref={button} primary keyCap="F2" onPress={close} busy={closing.busy} testId="close-shift">
            {closing.busy ? t('shift.closing') : t('shift.close')}
          </Button>
        </div>
      </aside>
    </main>
  );
}
