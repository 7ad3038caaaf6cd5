/**
 * Folds a name or an address for search, the same at the centre and at the counter. Azerbaijani rules: İ→i, I→ı
 * (so that `İLQAR` and `ilqar` meet), then letters people type without their marks are levelled: ı→i, ə→e, ğ→g,
 * ö→o, ü→u, ş→s, ç→c, other Latin marks dropped, Cyrillic kept in lower case. Punctuation becomes one space.
 */
export function foldText(text: string): string {
  return text
    .replace(/[Iİ]/g, 'i')
    .toLowerCase()
    .replace(/[ıəğöüşç]/g, (letter) => LEVELLED[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const LEVELLED: Readonly<Record<string, string>> = { ı: 'i', ə: 'e', ğ: 'g', ö: 'o', ü: 'u', ş: 's', ç: 'c' };

/** Digits only, without the country's prefix: `+994 (12) 565-41-08` and `012 565 41 08` both give `125654108`. */
export const foldPhone = (text: string): string => text.replace(/\D/g, '').replace(/^(?:00)?994/, '').replace(/^0/, '');
