/**
 * ZVT messages as data (ZVT PA00P015, chapters 2 and 3). `apdu.ts` turns them into bytes and back; the driver (till, "ECR") and
 * the simulator (terminal, "PT") both speak in these. Amounts are integers of minor units, texts are Unicode.
 */

/** A tag-length-value object; unknown tags are kept as they came. `tag` is the whole tag, e.g. 0x1f2b. */
export type Tlv = { readonly tag: number; readonly value: Uint8Array };

/** Fields of a message by their meaning; absent when the bitmap was. */
export type Fields = {
  /** 04, minor units. */
  readonly amount?: number;
  /** 49, ISO 4217 numeric: 944 is AZN. */
  readonly currency?: number;
  /** 19: the status byte of a registration's completion, or the payment type of a command. */
  readonly statusByte?: number;
  /** 01, seconds: for how long an 84 9C may be repeated. */
  readonly timeout?: number;
  /** 02: how many status informations the terminal sends at the most. */
  readonly maxStatusInfos?: number;
  /** 03 */
  readonly serviceByte?: number;
  /** 27: 0 is a success. */
  readonly result?: number;
  /** 29, eight digits. */
  readonly terminalId?: string;
  /** 2A, merchant number. */
  readonly merchantId?: string;
  /** 0B, six digits; where it is 000000 and tag 1F2B is there, the long one. */
  readonly trace?: string;
  /** 37 */
  readonly originalTrace?: string;
  /** 87, four digits. */
  readonly receiptNo?: string;
  /** 88 */
  readonly turnoverNo?: string;
  /** 0C, HHMMSS */
  readonly time?: string;
  /** 0D, MMDD */
  readonly date?: string;
  /** AA, YYMMDD */
  readonly longDate?: string;
  /** 22, masked at the edge: first six and last four digits at the most, `*` between. */
  readonly maskedPan?: string;
  /** 8A */
  readonly cardType?: number;
  /** 8B */
  readonly cardName?: string;
  /** 3B */
  readonly authCode?: string;
  /** A0 */
  readonly hostResult?: number;
  /** 3C, already decoded text. */
  readonly text?: string;
  /** 60: totals as raw bytes; `totals.ts` reads them. */
  readonly totals?: Uint8Array;
  /** 06: objects of the TLV container, in order. */
  readonly tlv?: readonly Tlv[];
  /** 1F1F out of the TLV container, hex: the terminal's unique name of the transaction. */
  readonly reference?: string;
};

/** Commands of the till. */
export type EcrCommand =
  | {
      readonly name: 'registration';
      readonly password: string;
      readonly config: number;
      readonly currency?: number;
      readonly serviceByte?: number;
      readonly tlv?: readonly Tlv[];
    }
  | ({ readonly name: 'authorisation' } & Fields & { readonly amount: number })
  | { readonly name: 'logOff' }
  | {
      readonly name: 'repeatReceipt';
      readonly password: string;
      readonly serviceByte?: number;
      readonly tlv?: readonly Tlv[];
    }
  | {
      readonly name: 'reversal';
      readonly password: string;
      readonly receiptNo: string;
      readonly amount?: number;
      readonly currency?: number;
      readonly tlv?: readonly Tlv[];
    }
  | {
      readonly name: 'refund';
      readonly password: string;
      readonly amount: number;
      readonly currency?: number;
      readonly tlv?: readonly Tlv[];
    }
  | { readonly name: 'turnoverTotals'; readonly password: string }
  | { readonly name: 'endOfDay'; readonly password: string; readonly tlv?: readonly Tlv[] }
  | { readonly name: 'diagnosis'; readonly password?: string }
  | { readonly name: 'initialisation'; readonly password: string }
  | { readonly name: 'setClock'; readonly date: string; readonly time: string }
  | { readonly name: 'abort' }
  | { readonly name: 'statusEnquiry'; readonly password?: string; readonly serviceByte?: number };
export type EcrCommandName = EcrCommand['name'];

/** Messages of the terminal while it is master. */
export type PtMessage =
  | {
      readonly name: 'intermediateStatus';
      readonly status: number;
      readonly timeoutMinutes?: number;
      readonly text?: string;
      readonly tlv?: readonly Tlv[];
    }
  | ({ readonly name: 'statusInformation' } & Fields)
  /** `softwareVersion` and `terminalStatus` after a status enquiry only, where the message is positional. */
  | ({
      readonly name: 'completion';
      readonly softwareVersion?: string;
      readonly terminalStatus?: number;
    } & Fields)
  /** `result` absent: the terminal gave none, which proves nothing. */
  | ({ readonly name: 'aborted' } & Fields)
  | { readonly name: 'printLine'; readonly attribute: number; readonly text: string }
  | {
      readonly name: 'printBlock';
      readonly receiptType: 'merchant' | 'customer' | 'admin' | 'unknown';
      readonly lines: readonly { readonly attribute: number; readonly text: string }[];
    }
  | { readonly name: 'setClockOfEcr'; readonly date: string; readonly time: string };

/** The answer to any command: 80 00 (or 84 00), or 84 xx with whatever came with it. */
export type Reply =
  ({ readonly name: 'positive' } & Fields) | ({ readonly name: 'negative'; readonly error: number } & Fields);

export type Message = EcrCommand | PtMessage | Reply;

/**
 * A message read. `doubts`: what could not be read of it (an unknown bitmap ends the reading of fields, what was read before
 * stands). `unknown`: a command this program does not know, to be answered 84 83.
 */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message; readonly doubts: readonly string[] }
  | { readonly kind: 'unknown'; readonly class: number; readonly instruction: number }
  | { readonly kind: 'malformed'; readonly why: string };
