import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { worth } from '../../../../contracts/rules/denominations.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { useKeptCounts } from '../../components/kept-counts.ts';
import { Money } from '../../components/money.tsx';
import { countsValid, PieceGrid, PieceSums, piecesOf } from '../../components/piece-grid.tsx';
import { newId } from '../../format/new-id.ts';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, say } from '../../host/window-store.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';

/** Opens a shift with the float counted by denomination. */
export function OpenShift() {
  const { t } = useTranslation();
  const { client } = useHost();
  const user = useHostState((state) => state.session?.user);
  const [counts, setCounts] = useKeptCounts(`open ${user?.userId}`);
  // Minted before the first try: the same press again opens the same shift, never a second one.
  const [shiftId] = useState(newId);
  const button = useRef<HTMLButtonElement>(null);
  const { busy, run } = useAction();

  const open = (): void => {
    if (!countsValid(counts)) return say('warning', t('pieces.tooMany'));
    run(
      () => client['shift.open']({ shiftId, float: [...piecesOf(counts)] }),
      () => {
        setCounts({});
        goTo('counter');
      },
    );
  };
  useKeys({ F2: open });
  useHint(t('keys.gridHint'));
  useScans(() => undefined);

  return (
    <main className="count-screen">
      <section className="panel count-panel">
        <header>
          <h1>{t('shift.openTitle')}</h1>
          <p className="quiet">{t('shift.openLead')}</p>
        </header>
        <PieceGrid counts={counts} onChange={setCounts} onEnd={() => button.current?.focus()} />
      </section>
      <aside className="panel count-side">
        <div>
          <span className="quiet">
            {t('shift.floatTotal')} {user ? t('shift.openFor', { name: user.name }) : ''}
          </span>
          <Money
            amount={countsValid(counts) ? worth(piecesOf(counts)) : worth([])}
            className="huge"
            testId="counted-total"
          />
          <PieceSums counts={counts} />
        </div>
        <NoticeArea />
        <div className="count-next">
          <Button ref={button} primary keyCap="F2" onPress={open} busy={busy} testId="open-shift">
            {t('shift.open')}
          </Button>
        </div>
      </aside>
    </main>
  );
}
