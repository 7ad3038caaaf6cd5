import type { Pieces } from '../../../contracts/rules/denominations.ts';

/** `20 ₼` or `50 q`. */
export const pieceName = (denomination: number): string =>
  denomination >= 100 ? `${denomination / 100}\u00a0₼` : `${denomination}\u00a0q`;

/** `20 + 10 + 2 × 50 q`: manat notes without a sign, as people say it. */
export const piecesText = (pieces: Pieces): string =>
  pieces
    .filter((piece) => piece.count > 0)
    .map(({ denomination, count }) => {
      const name = denomination >= 100 ? String(denomination / 100) : `${denomination}\u00a0q`;
      return count === 1 ? name : `${count}\u00a0×\u00a0${name}`;
    })
    .join(' + ');
