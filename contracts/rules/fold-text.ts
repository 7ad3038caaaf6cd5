/**
 * Folds a name or an address for search, the same at the centre and at the counter. Marks are dropped before the case
 * is lowered, so that İ, I, ı and i meet whatever the rules of the language (`İLQAR`, `ILQAR`, `ilqar`), and so do
 * ğ-g, ö-o, ü-u, ş-s, ç-c; ə becomes e. Cyrillic is kept in lower case. Punctuation becomes one space.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ıə]/g, (letter) => (letter === 'ı' ? 'i' : 'e'))
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Digits only, without the country's prefix: `+994 (12) 565-41-08` and `012 565 41 08` both give `125654108`. */
export const foldPhone = (text: string): string =>
  text
    .replace(/\D/g, '')
    .replace(/^(?:00)?994/, '')
    .replace(/^0/, '');
