import { assert } from '../../contracts/assert.ts';

/** Weights of the first eight digits of a VÖEN. */
const VOEN_WEIGHTS = [4, 1, 8, 6, 2, 7, 5, 3] as const;

/** A taxpayer number of a firm from eight digits; the ninth is their check digit. Throws where the digits have none. */
export function voen(digits: string): string {
  assert(/^\d{8}$/.test(digits), 'a VÖEN is made of eight digits');
  const check = VOEN_WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11;
  assert(check < 10, `no VÖEN begins with ${digits}`);
  return `${digits}${check}1`;
}

/** Whether a text is a taxpayer number with the right check digit. */
export const voenValid = (text: string): boolean =>
  /^\d{9}[12]$/.test(text) &&
  VOEN_WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(text[i]), 0) % 11 === Number(text[8]);

/** An IBAN of Azerbaijan (ISO 13616: 28 characters) from a bank's four letters and an account of 20. */
export function iban(bank: string, account: string): string {
  assert(
    /^[A-Z]{4}$/.test(bank) && /^[A-Z0-9]{20}$/.test(account),
    'an IBAN is made of bank (4) and account (20)',
  );
  const check = 98 - remainder97(`${bank}${account}AZ00`);
  return `AZ${String(check).padStart(2, '0')}${bank}${account}`;
}

/** Whether a text is an IBAN of Azerbaijan with the right check digits. */
export const ibanValid = (text: string): boolean =>
  /^AZ\d{2}[A-Z]{4}[A-Z0-9]{20}$/.test(text) && remainder97(text.slice(4) + text.slice(0, 4)) === 1;

/** Letters count as 10 to 35; digit by digit, so that the number never grows. */
const remainder97 = (text: string): number =>
  [...text]
    .flatMap((char) => [...String(parseInt(char, 36))])
    .reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);
