import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBaku } from '../../../../contracts/time.ts';
import type { ShiftView } from '../../../../contracts/ipw.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { dayText } from '../../format/moments.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { useWindow } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { CountShift } from './count-shift.tsx';
import { OpenShift } from './open-shift.tsx';
import { ShiftClosedView } from './shift-closed-view.tsx';

/** F9: open, look at, count and close the shift. */
export function ShiftScreen() {
  const shift = useHostState((state) => state.session?.shift ?? null);
  const lastZ = useWindow((state) => state.lastZ);
  if (lastZ !== null && shift === null) return <ShiftClosedView z={lastZ} />;
  if (shift === null) return <OpenShift />;
  return shift.state === 'counting' ? <CountShift shift={shift} /> : <ShiftFigures shift={shift} />;
}

/** The figures of the running shift. What the drawer should hold is not among them: the count is blind. */
function ShiftFigures({ shift }: { readonly shift: ShiftView }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const waiting = useHostState((state) => state.status?.centre.waiting ?? 0);
  const user = useHostState((state) => state.session?.user);
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const { busy, run } = useAction();
  const count = (): void => run(() => client['shift.count']({ cancel: false }));
  useKeys({ F2: count });
  return (
    <main className="page page-short">
      <section className="panel page-panel" aria-labelledby="shift-title">
        <header className="page-head">
          <div>
            <h1 id="shift-title">{t('shift.title', { no: shift.shiftNo })}</h1>
            <p className="quiet">
              {user?.name} · {t('shift.businessDate')} {dayText(shift.businessDate)} · {t('shift.openedAt')}{' '}
              {formatBaku(shift.openedAt)}
            </p>
          </div>
        </header>
        <dl className="figures">
          <div>
            <dt>{t('shift.payments')}</dt>
            <dd data-testid="shift-payments">{shift.paymentCount}</dd>
          </div>
          <div>
            <dt>{t('shift.paymentTotal')}</dt>
            <dd>
              <Money amount={shift.paymentTotal} testId="shift-total" />
            </dd>
          </div>
          <div>
            <dt>{t('shift.stornos')}</dt>
            <dd data-testid="shift-stornos">{shift.stornoCount}</dd>
          </div>
          <div>
            <dt>{t('shift.float')}</dt>
            <dd>
              <Money amount={shift.floatTotal} />
            </dd>
          </div>
          <div>
            <dt>{t('shift.waiting')}</dt>
            <dd>
              {waiting === 0 ? <span className="figure-words">{t('shift.nothingWaiting')}</span> : waiting}
            </dd>
          </div>
        </dl>
        <NoticeArea />
        <footer className="page-foot">
          <p className="quiet">{t('shift.blind')}</p>
          <Button ref={button} primary keyCap="F2" onPress={count} busy={busy} testId="count-shift">
            {t('shift.count')}
          </Button>
        </footer>
      </section>
    </main>
  );
}
