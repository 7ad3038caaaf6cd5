import type { EcrCommand } from '../zvt/message.ts';
import type { Charset } from '../zvt/text.ts';
import { decodeTlv, findTlv } from '../zvt/tlv.ts';
import type { Session } from './terminal-state.ts';

/** Tag 14 inside 27: which letters the till can read (2.4 of the specification). */
const CHARSETS: Readonly<Record<number, Charset>> = {
  0x00: 'ascii',
  0x01: 'latin1',
  0x09: 'latin5',
  0xfe: 'utf8',
  0xff: 'cp437',
};

const PRINT_BLOCK = [0x06, 0xd3] as const;

/** What a registration asks for. Tag 26 lists commands the till takes: 06 D3 among them means papers as blocks. */
export function sessionOf({
  config,
  currency,
  tlv,
}: Pick<Extract<EcrCommand, { name: 'registration' }>, 'config' | 'currency' | 'tlv'>): Session {
  const commands = findTlv(
    decodeTlv(findTlv(tlv ?? [], 0x26)?.value ?? new Uint8Array()).objects,
    0x0a,
  )?.value;
  const letters = findTlv(
    decodeTlv(findTlv(tlv ?? [], 0x27)?.value ?? new Uint8Array()).objects,
    0x14,
  )?.value;
  return {
    registered: true,
    config,
    currency: currency ?? null,
    tlv: tlv !== undefined,
    textBlocks: lists(commands ?? new Uint8Array(), PRINT_BLOCK),
    width: widthOf(findTlv(tlv ?? [], 0x12)?.value[0]),
    charset: CHARSETS[letters?.[0] ?? 0xff] ?? 'cp437',
  };
}

const lists = (codes: Uint8Array, [first, second]: readonly [number, number]): boolean =>
  codes.some((byte, at) => at % 2 === 0 && byte === first && codes[at + 1] === second);

/** Tag 12 is BCD: 40h are forty letters. What is narrower than a receipt or no number at all is not believed. */
function widthOf(byte: number | undefined): number | null {
  const width = Number((byte ?? 0).toString(16));
  return width >= 24 && width <= 64 ? width : null;
}
