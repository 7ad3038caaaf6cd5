/** `20 ₼` or `50 q`; `coin` is the word for qəpik in the language of the screens. */
export const pieceName = (denomination: number, coin: string): string =>
  denomination >= 100 ? `${denomination / 100}\u00a0₼` : `${denomination}\u00a0${coin}`;
