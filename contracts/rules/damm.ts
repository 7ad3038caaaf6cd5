/** H. M. Damm's totally anti-symmetric quasigroup of order 10 (thesis, 2004): finds every single error and adjacent swap. */
const TABLE = [
  [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
  [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
  [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
  [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
  [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
  [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
  [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
  [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
  [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
  [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
] as const;

const interim = (digits: string): number => {
  let state = 0;
  for (const digit of digits) state = TABLE[state]?.[Number(digit)] ?? NaN;
  return state;
};

/** The Damm check digit of a string of decimal digits. */
export const dammDigit = (digits: string): string => String(interim(digits));

/** True when the last digit is the Damm check digit of those before it. */
export const dammValid = (digits: string): boolean => /^\d+$/.test(digits) && interim(digits) === 0;

/** A subscriber's registration code: nine digits and their Damm digit, ten in all. */
export const registrationCode = (serial: number): string => {
  const digits = String(serial).padStart(9, '0');
  return digits + dammDigit(digits);
};

/** True for ten digits that pass the check. */
export const registrationCodeValid = (code: string): boolean => /^\d{10}$/.test(code) && dammValid(code);

/** `4071882365` → `4071 8823 65`, as printed and shown. */
export const formatRegistrationCode = (code: string): string =>
  code.replace(/^(\d{4})(\d{4})(\d{2})$/, '$1 $2 $3');
