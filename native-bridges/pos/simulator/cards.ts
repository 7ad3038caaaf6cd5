/**
 * The cards of the simulator. The numbers are invented, pass the Luhn check and belong to nobody; what the acquirer says
 * to a card is written on it here.
 */
export type TestCard = {
  readonly pan: string;
  /** BMP 8B. */
  readonly label: string;
  /** BMP 8A, the card type of ZVT's table. */
  readonly cardType: number;
  /** EMV application. */
  readonly aid: string;
  /** What the terminal itself finds wrong before it goes online: an error id of ZVT (64 unreadable, 78 expired, 7A unknown). */
  readonly terminalError: number | null;
  /** What the host answers: 0 approves, else an ISO 8583 code (51 no money, 5 do not honour, 43 stolen). */
  readonly hostCode: number;
  /** A tap below this is not asked for a PIN, minor units. */
  readonly noPinBelow: number;
};

const VISA = { label: 'VISA', cardType: 10, aid: 'A0000000031010', noPinBelow: 10_000 } as const;
const MASTERCARD = { label: 'MASTERCARD', cardType: 6, aid: 'A0000000041010', noPinBelow: 10_000 } as const;

const good = { terminalError: null, hostCode: 0 } as const;

export const TEST_CARDS = {
  visa: { ...VISA, ...good, pan: '4169730000010018' },
  mastercard: { ...MASTERCARD, ...good, pan: '5522090000010016' },
  maestro: {
    ...MASTERCARD,
    ...good,
    label: 'MAESTRO',
    cardType: 46,
    aid: 'A0000000043060',
    pan: '6762000000010016003',
  },
  poor: { ...VISA, ...good, hostCode: 51, pan: '4169730000020017' },
  refused: { ...MASTERCARD, ...good, hostCode: 5, pan: '5522090000020015' },
  stolen: { ...VISA, ...good, hostCode: 43, pan: '4169730000030016' },
  expired: { ...VISA, ...good, terminalError: 0x78, pan: '4169730000040015' },
  unreadable: { ...VISA, ...good, terminalError: 0x64, pan: '4169730000050014' },
  foreign: { ...MASTERCARD, ...good, label: 'KLUB', terminalError: 0x7a, pan: '9900000000010019' },
} as const satisfies Record<string, TestCard>;

export type CardKey = keyof typeof TEST_CARDS;
export const CARD_KEYS = Object.keys(TEST_CARDS) as readonly CardKey[]; // the keys of the object above

export const cardOf = (key: CardKey): TestCard => TEST_CARDS[key];

/** First six and last four digits, stars between. */
export const maskPan = (pan: string): string => pan.slice(0, 6) + '*'.repeat(pan.length - 10) + pan.slice(-4);

/** Whether the last digit is the check digit of the others (ISO/IEC 7812). */
export function isLuhnValid(pan: string): boolean {
  const sum = [...pan]
    .reverse()
    .map((digit, place) => Number(digit) * (place % 2 === 0 ? 1 : 2))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return sum % 10 === 0;
}
