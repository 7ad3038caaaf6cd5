import { useHostState } from '../../host/host-context.ts';
import { CardPanel } from './card-panel.tsx';
import { CardSide } from './card-side.tsx';
import { LoadView } from './load-view.tsx';

/** F5: the meter card in the reader; while a load is in front of the teller, that. */
export function MeterCardScreen() {
  const state = useHostState((host) => host.meterCard);
  if (state === null) return null;
  const { card, load } = state;
  return (
    <main className="meter-screen" data-testid="meter-card-screen">
      <CardSide card={card} load={load} />
      {load ? (
        <LoadView key={load.loadId} load={load} card={card} />
      ) : (
        <CardPanel key={card?.insertion ?? 'none'} state={state} />
      )}
    </main>
  );
}
