import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../contracts/ipw.ts';
import { ENTRY_TYPES } from '../../../contracts/journal.ts';
import { formatAmount } from '../../../contracts/money.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { NoticeArea, useLanguage } from '../components/message.tsx';
import { SyncChip } from '../components/sync-chip.tsx';
import { useNow } from '../components/use-now.ts';
import { useSpan } from '../components/use-span.ts';
import { entryNote } from '../format/entry-note.ts';
import { shortMoment } from '../format/moments.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { goTo, tell } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';

const PAGE = 100;
type Filter = 'all' | 'waiting';

/** F10: what happened here, where each entry stands, and why. */
export function JournalScreen() {
  const { t } = useTranslation();
  const { client } = useHost();
  const [filter, setFilter] = useState<Filter>('all');
  const { rows, more, older } = useJournal(filter);
  const sending = useAction();
  const list = useRef<HTMLDivElement>(null);
  useHome(list);
  const send = (): void => sending.run(() => client['sync.now']({}));
  useKeys({ F2: send, Escape: () => goTo('counter') });
  return (
    <main className="page">
      <section className="panel page-panel journal" aria-labelledby="journal-title">
        <header className="page-head">
          <h1 id="journal-title">{t('journal.title')}</h1>
          <Choice
            compact
            label={t('journal.filter')}
            options={[
              { id: 'all', text: t('journal.all') },
              { id: 'waiting', text: t('journal.waitingOnly') },
            ]}
            value={filter}
            onChange={setFilter}
            testId="journal-filter"
          />
          <Button primary keyCap="F2" busy={sending.busy} onPress={send} testId="send-now">
            {sending.busy ? t('journal.sending') : t('journal.sendNow')}
          </Button>
        </header>
        <LineState />
        <NoticeArea />
        <div className="list-scroll" ref={list} tabIndex={0} role="region" aria-label={t('journal.list')}>
          {rows === null ? (
            <p className="quiet list-none">{t('app.loading')}</p>
          ) : rows.length === 0 ? (
            <p className="quiet list-none">
              {t(filter === 'waiting' ? 'journal.noneWaiting' : 'journal.none')}
            </p>
          ) : (
            <>
              <JournalTable rows={rows} />
              {more ? (
                <div className="list-more">
                  <Button small onPress={older}>
                    {t('journal.older')}
                  </Button>
                </div>
              ) : null}
            </>
          )}
        </div>
      </section>
    </main>
  );
}

/** The journal's newest entries and how to get older ones; asked again when the journal grows or is sent. */
function useJournal(filter: Filter) {
  const { client } = useHost();
  const entries = useHostState((state) => state.status?.journal.entries);
  const waiting = useHostState((state) => state.status?.centre.waiting);
  const [rows, setRows] = useState<readonly JournalRow[] | null>(null);
  const [more, setMore] = useState(false);
  const ask = useCallback(
    async (before: number | null): Promise<readonly JournalRow[] | null> => {
      const answer = await client['journal.list']({ before, limit: PAGE, waitingOnly: filter === 'waiting' });
      if (answer.ok) return answer.value.rows;
      tell(answer.error);
      return null;
    },
    [client, filter],
  );
  useEffect(() => {
    let current = true;
    void ask(null).then((first) => {
      if (!current || first === null) return;
      setRows(first);
      setMore(first.length === PAGE);
    });
    return () => {
      current = false;
    };
  }, [ask, entries, waiting]);
  const older = (): void => {
    const last = rows?.at(-1);
    if (!last) return;
    void ask(last.seq).then((next) => {
      if (next === null) return;
      setRows([...(rows ?? []), ...next]);
      setMore(next.length === PAGE);
    });
  };
  return { rows, more, older };
}

function LineState() {
  const { t } = useTranslation();
  const span = useSpan();
  const now = useNow();
  const status = useHostState((state) => state.status);
  if (status === null) return null;
  const { centre, journal } = status;
  const since = span(centre.since, now);
  return (
    <dl className="figures figures-line">
      <div>
        <dt>{t('journal.line')}</dt>
        <dd className="figure-words">
          {centre.link === 'online'
            ? t('journal.lineOnline', { since })
            : t('journal.lineOffline', { since })}
        </dd>
      </div>
      <div>
        <dt>{t('journal.waiting')}</dt>
        <dd data-testid="journal-waiting">{centre.waiting}</dd>
      </div>
      <div>
        <dt>{t('journal.oldest')}</dt>
        <dd className="figure-words">
          {centre.oldestWaiting === null ? '—' : shortMoment(centre.oldestWaiting, now)}
        </dd>
      </div>
      <div>
        <dt>{t('journal.entries')}</dt>
        <dd>{journal.entries}</dd>
      </div>
      <div>
        <dt>{t('journal.skew')}</dt>
        <dd className="figure-words">
          {centre.clockSkewMs === null
            ? '—'
            : t('journal.skewValue', { seconds: Math.round(centre.clockSkewMs / 1000) })}
        </dd>
      </div>
    </dl>
  );
}

function JournalTable({ rows }: { readonly rows: readonly JournalRow[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const language = useLanguage();
  const online = useHostState((state) => state.status?.centre.link === 'online');
  const typeText = (type: string): string => {
    const known = ENTRY_TYPES.find((one) => one === type);
    return known === undefined ? type : t(`journal.types.${known}`);
  };
  const why = (row: JournalRow): string => {
    const words = entryNote(row, online, language);
    if (words === null) return '';
    return words.kind === 'text' ? words.text : t(`journal.notes.${words.note}`);
  };
  return (
    <table className="list" aria-label={t('journal.list')}>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t('journal.no')}
          </th>
          <th scope="col">{t('journal.time')}</th>
          <th scope="col">{t('journal.type')}</th>
          <th scope="col">{t('journal.subject')}</th>
          <th scope="col" className="number">
            {t('journal.amount')}
          </th>
          <th scope="col">{t('journal.state')}</th>
          <th scope="col">{t('journal.why')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.seq} className="list-row" data-testid="journal-row">
            <td className="number quiet">{row.seq}</td>
            <td className="nowrap">{shortMoment(row.wallTime, now)}</td>
            <td>{typeText(row.type)}</td>
            <td className="tabular">{row.subject}</td>
            <td className="number">{row.amount === null ? '' : formatAmount(row.amount)}</td>
            <td>
              <SyncChip sync={row.sync} outcome={row.outcome} />
            </td>
            <td className="quiet">{why(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
