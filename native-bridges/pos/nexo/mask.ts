/** No card number goes past the driver: six digits before and four behind stay, the rest is stars. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_OR_DIGITS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![\d*])\d(?:[ -]?\d){11,}/gi;

/** The check digit of card numbers (ISO/IEC 7812-1, annex B). */
function passesLuhn(digits: string): boolean {
  let total = 0;
  for (const [place, digit] of [...digits].toReversed().entries()) {
    const doubled = Number(digit) * (place % 2 === 0 ? 1 : 2);
    total += doubled > 9 ? doubled - 9 : doubled;
  }
  return total % 10 === 0;
}

/** Twelve digits are usually a retrieval reference; only with a card's check digit are they taken for a card. */
function maskRun(run: string): string {
  if (UUID.test(run)) return run;
  const digits = run.replace(/\D/g, '');
  if (digits.length === 12 && !passesLuhn(digits)) return run;
  return `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`;
}

/** A text without card numbers, spaced or dashed ones included. Ids of ours (UUIDs) stay. */
export const maskText = (text: string): string => text.replace(UUID_OR_DIGITS, maskRun);

const BASE64 = /"((?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)"/g;

/** A whole message for the recording, hex. Base64 fields that hide a card number are starred out. */
export function maskedFrame(message: string): string {
  const shown = message.replace(BASE64, (field: string, inside: string) => {
    const clear = Buffer.from(inside, 'base64').toString('latin1');
    return maskText(clear) === clear ? field : `"${'*'.repeat(8)}"`;
  });
  return Buffer.from(maskText(shown)).toString('hex');
}

/** The masked card number of a message in the form of the contract, `416973******1234`; null when there is none. */
export function maskedPanOf(stated: string): string | null {
  const spread = stated.replace(/[\s-]/g, '').replace(/\D/g, '*');
  const head = /^\d*/.exec(spread)?.[0] ?? '';
  const tail = spread.length === head.length ? spread.slice(-4) : (/\d*$/.exec(spread)?.[0] ?? '');
  const first = head.slice(0, 6);
  const last = tail.slice(-4);
  if (spread.length < 8 || first.length + last.length === 0) return null;
  return `${first}${'*'.repeat(Math.max(1, Math.min(30, spread.length) - first.length - last.length))}${last}`;
}
