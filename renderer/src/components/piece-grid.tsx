import { useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatAmount, qepik, type Qepik } from '../../../contracts/money.ts';
import { DENOMINATIONS, worth, type Pieces } from '../../../contracts/rules/denominations.ts';
import { pieceName } from '../format/pieces-text.ts';
import { useHome } from '../keyboard/focus-home.ts';

/** What has been typed for each denomination. */
export type Counts = Readonly<Partial<Record<number, string>>>;

const COUNT_MAX = 100_000;
const countOf = (typed: string | undefined): number =>
  Number(typed === undefined || typed === '' ? 0 : typed);

/** The pieces counted; denominations left empty are none. */
export const piecesOf = (counts: Counts): Pieces =>
  DENOMINATIONS.map((denomination) => ({ denomination, count: countOf(counts[denomination]) })).filter(
    ({ count }) => count > 0,
  );

/** Does every count lie within what the contract allows. */
export const countsValid = (counts: Counts): boolean =>
  DENOMINATIONS.every((one) => countOf(counts[one]) <= COUNT_MAX);

type PieceGridProps = {
  readonly counts: Counts;
  readonly onChange: (counts: Counts) => void;
  /** After the last cell: on to the button. */
  readonly onEnd: () => void;
};

const NOTES = DENOMINATIONS.filter((denomination) => denomination >= 100);
const COINS = DENOMINATIONS.filter((denomination) => denomination < 100);

/** Counting cash by denomination: a column of notes, a column of coins; Enter and arrows move, totals run along. */
export function PieceGrid({ counts, onChange, onEnd }: PieceGridProps) {
  const { t } = useTranslation();
  const grid = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useHome(first);

  const cells = (): HTMLInputElement[] => [...(grid.current?.querySelectorAll('input') ?? [])];
  const move = (from: HTMLInputElement, step: number): void => {
    const all = cells();
    const next = all[all.indexOf(from) + step];
    if (next) next.focus();
    else if (step > 0) onEnd();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const cell = event.currentTarget;
    const across: Readonly<Record<string, number>> = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };
    const step = across[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(cell, step);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      // Across to the other column, same height.
      const all = cells();
      const at = all.indexOf(cell);
      const inNotes = at < NOTES.length;
      if (inNotes !== (event.key === 'ArrowRight')) return;
      event.preventDefault();
      all[inNotes ? Math.min(at + NOTES.length, all.length - 1) : at - NOTES.length]?.focus();
    }
  };
  const column = (title: string, denominations: readonly number[]) => (
    <table className="pieces-column">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="number">
            {t('pieces.countHead')}
          </th>
          <th scope="col" className="number">
            {t('pieces.worthHead')}
          </th>
        </tr>
      </thead>
      <tbody>
        {denominations.map((denomination) => {
          const typed = counts[denomination] ?? '';
          const subtotal: Qepik = qepik(Math.min(countOf(typed), COUNT_MAX) * denomination);
          return (
            <tr key={denomination} className={typed === '' ? '' : 'pieces-counted'}>
              <th scope="row">
                <span className={denomination >= 100 ? 'piece-note' : 'piece-coin'}>
                  {pieceName(denomination, t('pieces.coin'))}
                </span>
              </th>
              <td>
                <input
                  ref={denomination === NOTES[0] ? first : undefined}
                  className="pieces-input"
                  data-scan="amount"
                  data-testid={`piece-${denomination}`}
                  inputMode="numeric"
                  autoComplete="off"
                  aria-label={t('pieces.count', { piece: pieceName(denomination, t('pieces.coin')) })}
                  value={typed}
                  maxLength={6}
                  onFocus={(event) => event.currentTarget.select()}
                  onChange={(event) =>
                    onChange({ ...counts, [denomination]: event.target.value.replace(/\D/g, '') })
                  }
                  onKeyDown={onKeyDown}
                />
              </td>
              <td className="number">{typed === '' ? '' : formatAmount(subtotal)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
  return (
    <div className="pieces" ref={grid}>
      {column(t('pieces.notes'), NOTES)}
      {column(t('pieces.coins'), COINS)}
    </div>
  );
}

/** Notes and coins apart, below the total. */
export function PieceSums({ counts }: { readonly counts: Counts }) {
  const { t } = useTranslation();
  const pieces = countsValid(counts) ? piecesOf(counts) : [];
  const part = (notes: boolean): string =>
    formatAmount(worth(pieces.filter((piece) => piece.denomination >= 100 === notes)));
  return (
    <dl className="facts">
      <div>
        <dt>{t('pieces.notes')}</dt>
        <dd className="tabular">{part(true)}</dd>
      </div>
      <div>
        <dt>{t('pieces.coins')}</dt>
        <dd className="tabular">{part(false)}</dd>
      </div>
    </dl>
  );
}
