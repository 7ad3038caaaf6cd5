import type { CardFailure, CardFailureCode } from './port.ts';

/** Answers of PC/SC that are acted upon, as unsigned 32 bits. */
export const PCSC = {
  success: 0,
  cancelled: 0x8010_0002,
  unknownReader: 0x8010_0009,
  timeout: 0x8010_000a,
  noService: 0x8010_001d,
  serviceStopped: 0x8010_001e,
  noReadersAvailable: 0x8010_002e,
} as const;

/** The functions we call, by the part of their names after `SCard`. */
export type PcscCall =
  | 'EstablishContext'
  | 'ReleaseContext'
  | 'ListReaders'
  | 'GetStatusChange'
  | 'Connect'
  | 'Reconnect'
  | 'Status'
  | 'Disconnect'
  | 'BeginTransaction'
  | 'EndTransaction'
  | 'Transmit'
  | 'Control';

const MEANINGS: Readonly<Record<number, CardFailureCode>> = {
  0x0000_0006: 'noService', // Windows: the handle of a service that has been started again
  0x0000_006d: 'noService', // Windows: the pipe to the service is broken
  0x0000_06ba: 'noService', // Windows: the RPC server is unavailable
  0x8010_0003: 'noService', // the handle is not known: the service has been started again
  0x8010_0009: 'noReader',
  0x8010_000b: 'sharing',
  0x8010_000c: 'noCard',
  0x8010_000f: 'unsupported', // the protocol asked for
  0x8010_0012: 'noService', // stopped by the system, at the end of a session
  0x8010_0017: 'noReader',
  0x8010_001a: 'unsupported',
  0x8010_001c: 'unsupported',
  0x8010_001d: 'noService',
  0x8010_001e: 'noService',
  0x8010_0022: 'unsupported',
  0x8010_002e: 'noReader',
  0x8010_0065: 'unsupported',
  0x8010_0066: 'mute',
  0x8010_0067: 'mute', // not powered
  0x8010_0068: 'wasReset',
  0x8010_0069: 'removed',
};

/** How drivers say that they do not know a control code. The third means something else after any other call. */
const NO_SUCH_CONTROL: readonly number[] = [0x0000_0001, 0x0000_0032, 0x8010_001f];

/** Calls that carry bytes to the card: whatever they fail with, the card may have acted on them. */
const REACHES_CARD: readonly PcscCall[] = ['Transmit', 'Control'];

/** A failed call as the port says it. What is not known is a communication failure. */
export function failureOf(call: PcscCall, code: number): CardFailure {
  const unsupported = call === 'Control' && NO_SUCH_CONTROL.includes(code);
  return {
    code: unsupported ? 'unsupported' : (MEANINGS[code] ?? 'comm'),
    cardStateUnknown: REACHES_CARD.includes(call) && !unsupported,
    detail: `SCard${call} 0x${code.toString(16).padStart(8, '0').toUpperCase()}`,
  };
}

/** After these nothing can be asked of a connection any more. */
const FATAL: readonly CardFailureCode[] = [
  'removed',
  'noReader',
  'noService',
  'timeout',
  'processEnded',
  'closed',
];

export const isFatal = (code: CardFailureCode): boolean => FATAL.includes(code);
