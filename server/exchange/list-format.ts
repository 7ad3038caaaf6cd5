import { MAX_QEPIK } from '../../contracts/money.ts';

/** The words and limits of the list format (docs/formats/list.md, komis-list.xsd). One copy for every reader and writer. */
export const LIST_NAMESPACE = 'urn:komis:list:1';
export const LIST_VERSION = '1.0';

/** What a record may be at most. Texts are counted in UTF-16 units, as everywhere in contracts/. */
export const LIMITS = {
  account: 20,
  holder: 200,
  address: 300,
  district: 60,
  phone: 40,
  billNo: 40,
  billsPerAccount: 120,
  amount: MAX_QEPIK,
  /** Attributes of one element, known or not. */
  attributes: 32,
  /** list → account → bill. */
  depth: 3,
} as const;

/** The root element's start tag, with whatever stands before it, lies within this many bytes. */
export const HEAD_BYTES = 64 * 1024;
/** Blocks the file is cut into; no record and no single piece of markup or text is longer than this. */
export const BLOCK_BYTES = 512 * 1024;

export const ACCOUNT_PATTERN = /^[A-Za-z0-9/-]{1,20}$/;
export const BILL_NO_PATTERN = /^[A-Za-z0-9._/-]{1,40}$/;
export const PHONE_PATTERN = /^[0-9+() -]{3,40}$/;
