import { useTranslation } from 'react-i18next';
import { Button } from '../../components/button.tsx';
import { useHostState } from '../../host/host-context.ts';
import { goTo, showAttempt, useWindow } from '../../host/window-store.ts';
import { OpenShift } from '../shift/open-shift.tsx';
import { AcceptedView } from './accepted-view.tsx';
import { ChargingView } from './charging-view.tsx';
import { DraftView } from './draft-view.tsx';
import { TenderView } from './tender-view.tsx';
import { UnknownView } from './unknown-view.tsx';

/** F1: what the counter shows follows from the shift and from the stage of the payment in hand, nothing else. */
export function CounterScreen() {
  const { t } = useTranslation();
  const shift = useHostState((state) => state.session?.shift ?? null);
  const counter = useHostState((state) => state.counter);
  const looking = useWindow((state) => state.attempt);
  const open = useHostState((state) => state.terminal?.open);
  const looked = open?.find((one) => one.attemptId === looking);
  const several = (open?.length ?? 0) > 1;
  const leave = (): void => (several ? goTo('openCards') : showAttempt(null));
  if (looked) return <UnknownView attempt={looked} onBack={leave} />;
  if (shift === null) return <OpenShift />;
  if (shift.state === 'counting') {
    return (
      <main className="alone">
        <section className="panel alone-panel">
          <h1>{t('shift.countingTitle')}</h1>
          <p>{t('shift.countingLead')}</p>
          <Button primary keyCap="F9" onPress={() => goTo('shift')}>
            {t('shift.goCount')}
          </Button>
        </section>
      </main>
    );
  }
  if (counter === null) return null;
  switch (counter.stage) {
    case 'draft':
      return <DraftView counter={counter} />;
    case 'tendering':
      return <TenderView counter={counter} />;
    case 'charging':
      return <ChargingView counter={counter} />;
    case 'accepted':
      return counter.accepted === null ? null : (
        <AcceptedView paymentId={counter.paymentId} accepted={counter.accepted} />
      );
  }
}
