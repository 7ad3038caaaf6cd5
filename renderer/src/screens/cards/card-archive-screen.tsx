import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { posKindSchema, posOutcomeSchema } from '../../../../contracts/pos.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHostState } from '../../host/host-context.ts';
import { goTo, showCard, showReceipt, useWindow } from '../../host/window-store.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { CardDetail } from './card-detail.tsx';
import { CardTable, type CardTableHandle } from './card-table.tsx';
import { LastSlip } from './last-slip.tsx';
import { ALL_CARDS, useCardRows, type CardsWanted } from './use-card-rows.ts';

const KINDS = ['all', ...posKindSchema.options] as const;
const OUTCOMES = ['all', ...posOutcomeSchema.options, 'open'] as const;

/** F7, F3: the card operations of this workstation with the terminal's own papers, for years. */
export function CardArchiveScreen() {
  const [wanted, setWanted] = useState(ALL_CARDS);
  const [chosen, setChosen] = useState<string | null>(null);
  const [last, setLast] = useState(false);
  const card = useWindow((state) => state.card);
  if (last) return <LastSlip onBack={() => setLast(false)} />;
  if (card !== null) {
    const { attemptId, from } = card;
    const back = (): void => {
      setChosen(attemptId);
      if (from === null) goTo('cards');
      else showReceipt(from);
    };
    return <CardDetail key={attemptId} attemptId={attemptId} onBack={back} />;
  }
  const want = (change: Partial<CardsWanted>): void => {
    setChosen(null);
    setWanted({ ...wanted, ...change });
  };
  return <CardList wanted={wanted} onWant={want} chosen={chosen} onLast={() => setLast(true)} />;
}

type CardListProps = {
  readonly wanted: CardsWanted;
  readonly onWant: (change: Partial<CardsWanted>) => void;
  readonly chosen: string | null;
  readonly onLast: () => void;
};

function CardList({ wanted, onWant, chosen, onLast }: CardListProps) {
  const { t } = useTranslation();
  const table = useRef<CardTableHandle>(null);
  const rows = useCardRows(wanted);
  /** Only a terminal that can say its papers again has a key for it. */
  const reprints = useHostState((state) => state.terminal?.capabilities?.reprints ?? false);
  const payments = (): void => goTo('receipts');
  useKeys({ F3: payments, ...(reprints ? { F4: onLast } : {}), Escape: payments });
  useHint(t('archive.hint'));
  const { text, kind, outcome } = wanted;
  const asked = text.trim() !== '' || kind !== null || outcome !== null;
  return (
    <main className="list-screen list-screen-wide">
      <section className="panel list-panel" aria-label={t('archive.title')} data-testid="card-archive">
        <header className="list-head">
          <h1>{t('archive.title')}</h1>
          <SearchField
            label={t('archive.search')}
            hint={t('archive.searchHint')}
            value={text}
            onChange={(typed) => onWant({ text: typed })}
            onDown={() => table.current?.focusFirst()}
            onEnter={() => table.current?.focusFirst()}
            testId="card-search"
          />
          {reprints ? (
            <Button small keyCap="F4" onPress={onLast} testId="last-slip">
              {t('archive.lastSlip')}
            </Button>
          ) : null}
          <Button small keyCap="F3" onPress={payments} testId="to-receipts">
            {t('archive.payments')}
          </Button>
        </header>
        <div className="list-filters">
          <Choice
            compact
            label={t('archive.filterKind')}
            options={KINDS.map((id) => ({
              id,
              text: id === 'all' ? t('archive.all') : t(`cards.kinds.${id}`),
            }))}
            value={kind ?? 'all'}
            onChange={(id) => onWant({ kind: id === 'all' ? null : id })}
            testId="card-kind"
          />
          <Choice
            compact
            label={t('archive.filterOutcome')}
            options={OUTCOMES.map((id) => ({
              id,
              text: id === 'all' ? t('archive.all') : t(`cards.outcomes.${id}`),
            }))}
            value={outcome ?? 'all'}
            onChange={(id) => onWant({ outcome: id === 'all' ? null : id })}
            testId="card-outcome"
          />
        </div>
        <NoticeArea />
        {rows === null ? (
          <p className="quiet list-none">{t('app.loading')}</p>
        ) : rows.length === 0 ? (
          <p className="quiet list-none" role="status" data-testid="no-cards">
            {asked ? `${t('archive.nothing')} ${t('archive.nothingNext')}` : t('archive.none')}
          </p>
        ) : (
          <CardTable
            ref={table}
            rows={rows}
            chosen={chosen}
            onOpen={({ attemptId }) => showCard(attemptId)}
          />
        )}
      </section>
    </main>
  );
}
