import type { Message } from '../zvt/message.ts';

/** What an APDU is by its first two bytes: for faults and the transcript, which must name what nobody can decode any more. */
const NAMES: Readonly<Record<number, Message['name']>> = {
  0x0600: 'registration',
  0x0601: 'authorisation',
  0x0602: 'logOff',
  0x0620: 'repeatReceipt',
  0x0630: 'reversal',
  0x0631: 'refund',
  0x0610: 'turnoverTotals',
  0x0650: 'endOfDay',
  0x0670: 'diagnosis',
  0x0693: 'initialisation',
  0x0691: 'setClock',
  0x06b0: 'abort',
  0x0501: 'statusEnquiry',
  0x04ff: 'intermediateStatus',
  0x040f: 'statusInformation',
  0x060f: 'completion',
  0x061e: 'aborted',
  0x06d1: 'printLine',
  0x06d3: 'printBlock',
  0x0401: 'setClockOfEcr',
};

export function nameOfApdu([first = 0, second = 0]: Uint8Array): Message['name'] | 'unknown' {
  if ((first === 0x80 || first === 0x84) && second === 0) return 'positive';
  if (first === 0x84) return 'negative';
  return NAMES[(first << 8) | second] ?? 'unknown';
}
