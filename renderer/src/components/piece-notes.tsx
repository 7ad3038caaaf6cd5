import { useTranslation } from 'react-i18next';
import type { Pieces } from '../../../contracts/rules/denominations.ts';
import { pieceName } from '../format/pieces-text.ts';

/** Pieces to hand over, each drawn as a note or a coin with its count. */
export function PieceNotes({ pieces }: { readonly pieces: Pieces }) {
  const { t } = useTranslation();
  return (
    <ul className="piece-notes" data-testid="change-pieces">
      {pieces
        .filter((piece) => piece.count > 0)
        .map(({ denomination, count }) => (
          <li key={denomination} className={denomination >= 100 ? 'piece-note' : 'piece-coin'}>
            {pieceName(denomination, t('pieces.coin'))}
            {count > 1 ? <span className="piece-times"> ×{count}</span> : null}
          </li>
        ))}
    </ul>
  );
}
