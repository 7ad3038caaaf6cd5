import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShiftClosed } from '../../../../contracts/journal.ts';
import { ZERO } from '../../../../contracts/money.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { dayText } from '../../format/moments.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { showZ } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';

/** The Z: expected, counted, difference, side by side for the first time. */
export function ShiftClosedView({ z }: { readonly z: ShiftClosed }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const leaving = useAction();
  const again = (): void => showZ(null);
  const leave = (): void =>
    leaving.run(
      () => client['session.logout']({}),
      () => showZ(null),
    );
  useKeys({ F2: leave });
  const tone = z.difference === ZERO ? 'ok' : z.difference < 0 ? 'bad' : 'warning';
  return (
    <main className="page page-short">
      <section className="panel page-panel" aria-labelledby="z-title">
        <header className="page-head">
          <div>
            <h1 id="z-title" data-testid="z-title">
              {t('shift.zTitle', { no: z.zNo })}
            </h1>
            <p className="quiet">{t('shift.zLead', { no: z.shiftNo, date: dayText(z.businessDate) })}</p>
          </div>
        </header>
        <dl className="figures figures-z">
          <div>
            <dt>{t('shift.expected')}</dt>
            <dd>
              <Money amount={z.expectedTotal} testId="z-expected" />
            </dd>
          </div>
          <div>
            <dt>{t('shift.counted')}</dt>
            <dd>
              <Money amount={z.countedTotal} testId="z-counted" />
            </dd>
          </div>
          <div className={`figure-${tone}`}>
            <dt>{t('shift.difference')}</dt>
            <dd>
              <Money amount={z.difference} testId="z-difference" />
              <small>
                {z.difference === 0 ? t('shift.even') : z.difference < 0 ? t('shift.short') : t('shift.over')}
              </small>
            </dd>
          </div>
        </dl>
        <dl className="figures">
          <div>
            <dt>{t('shift.payments')}</dt>
            <dd>{z.payments.count}</dd>
          </div>
          <div>
            <dt>{t('shift.paymentTotal')}</dt>
            <dd>
              <Money amount={z.payments.total} />
            </dd>
          </div>
          <div>
            <dt>{t('shift.fees')}</dt>
            <dd>
              <Money amount={z.payments.fees} />
            </dd>
          </div>
          <div>
            <dt>
              {t('shift.stornos')} · {z.stornos.count}
            </dt>
            <dd>
              <Money amount={z.stornos.total} />
            </dd>
          </div>
        </dl>
        {z.reason === null ? null : <p className="quiet">{t('shift.zReason', { reason: z.reason })}</p>}
        <NoticeArea />
        <footer className="page-foot">
          <Button onPress={again} testId="z-again">
            {t('shift.zNext')}
          </Button>
          <Button ref={button} primary keyCap="F2" onPress={leave} busy={leaving.busy} testId="z-logout">
            {t('strip.logout')}
          </Button>
        </footer>
      </section>
    </main>
  );
}
