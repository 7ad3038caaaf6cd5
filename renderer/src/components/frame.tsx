import { useTranslation } from 'react-i18next';
import { useHostState } from '../host/host-context.ts';
import { goTo, showBoard, useWindow } from '../host/window-store.ts';
import { HEALTH_KEY, SCREENS, SCREEN_KEYS } from '../keyboard/key-map.ts';
import { useKeys, type KeyLayer } from '../keyboard/key-layers.ts';
import { useScans } from '../keyboard/scans.ts';
import { CardArchiveScreen } from '../screens/cards/card-archive-screen.tsx';
import { OpenCardsScreen } from '../screens/cards/open-cards-screen.tsx';
import { CounterScreen } from '../screens/counter/counter-screen.tsx';
import { useScanAtCounter } from '../screens/counter/use-scan-at-counter.ts';
import { JournalScreen } from '../screens/journal-screen.tsx';
import { LoginScreen } from '../screens/login-screen.tsx';
import { ReceiptsScreen } from '../screens/receipts-screen.tsx';
import { SettingsScreen } from '../screens/settings-screen.tsx';
import { SetupScreen } from '../screens/setup-screen.tsx';
import { ShiftScreen } from '../screens/shift/shift-screen.tsx';
import { StornoScreen } from '../screens/storno-screen.tsx';
import { SubscriberScreen } from '../screens/subscriber/subscriber-screen.tsx';
import { MeterCardScreen } from '../screens/meter-card/meter-card-screen.tsx';
import { OpenLoadsScreen } from '../screens/meter-card/open-loads-screen.tsx';
import { Banners } from './banners.tsx';
import { HealthBoard } from './health-board.tsx';
import { KeyBar } from './key-bar.tsx';
import { StatusStrip } from './status-strip.tsx';
import { useCardPutIn } from './use-card-put-in.ts';

/** The whole window: which screen follows from what the core host says, and from the function key pressed last. */
export function Frame() {
  const { t } = useTranslation();
  const session = useHostState((state) => state.session);
  const enrolling = useWindow((state) => state.enrolling);
  if (session === null) {
    return (
      <main className="alone">
        <p role="status">{t('app.connecting')}</p>
      </main>
    );
  }
  const working = session.enrolled && session.user !== null;
  return (
    <div className="window">
      <StatusStrip />
      <Banners />
      {!session.enrolled || enrolling ? (
        <SetupScreen />
      ) : session.user === null ? (
        <LoginScreen />
      ) : (
        <WorkScreen />
      )}
      {working ? <WorkKeys /> : null}
      <HealthBoard />
    </div>
  );
}

function WorkScreen() {
  const screen = useWindow((state) => state.screen);
  switch (screen) {
    case 'counter':
      return <CounterScreen />;
    case 'meterCard':
      return <MeterCardScreen />;
    case 'openLoads':
      return <OpenLoadsScreen />;
    case 'subscriber':
      return <SubscriberScreen />;
    case 'receipts':
      return <ReceiptsScreen />;
    case 'cards':
      return <CardArchiveScreen />;
    case 'openCards':
      return <OpenCardsScreen />;
    case 'storno':
      return <StornoScreen />;
    case 'shift':
      return <ShiftScreen />;
    case 'journal':
      return <JournalScreen />;
    case 'settings':
      return <SettingsScreen />;
  }
}

const screenKeys: KeyLayer = {
  ...Object.fromEntries(SCREENS.map((screen) => [SCREEN_KEYS[screen], () => goTo(screen)])),
  // Esc on a screen that has nothing to step back from leads to the counter.
  Escape: () => goTo('counter'),
  [HEALTH_KEY]: () => showBoard(true),
};

function WorkKeys() {
  const { t } = useTranslation();
  const hint = useWindow((state) => state.hint);
  useCardPutIn();
  useKeys(screenKeys, 'frame');
  useScans(useScanAtCounter(), 'frame');
  return <KeyBar hint={hint ?? t('keys.hint')} />;
}
