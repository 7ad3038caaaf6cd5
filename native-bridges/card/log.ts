import { decodeCommand, decodeResponse, type Command } from './apdu.ts';
import { spaced } from './bytes.ts';
import type { Connection } from './drivers/connection.ts';
import type { CardFailure } from './transport/port.ts';

/**
 * What is said between till and card, for the log, with nothing in it that must not be kept. What is not known to be harmless
 * is hidden: codes (FF 20, 00 20), keys (FF 82), memory and its MACs, authorisations.
 */
export type ApduLine = {
  readonly command: string;
  /** As it came, or why none came. */
  readonly answer: string;
  readonly ms: number;
};

/** How many bytes of a command's data and of its answer may be read; 0 where it is not listed. */
type Shown = { readonly data: number; readonly answer: number };

const ALL = 256;
const NOTHING: Shown = { data: 0, answer: 0 };
const HARMLESS: Readonly<Record<string, Shown>> = {
  '00 A4': { data: ALL, answer: ALL },
  '80 50': { data: ALL, answer: 79 }, // the status; its MAC not
  '80 40': { data: ALL, answer: 33 }, // order and answer; S1 not
  '80 42': { data: 0, answer: 8 }, // S2 and S3 not
  'FF A4': { data: ALL, answer: ALL },
  'FF B1': { data: 0, answer: 4 },
};

const shownOf = ({ cla, ins }: Command): Shown => HARMLESS[`${spaced([cla])} ${spaced([ins])}`] ?? NOTHING;

/** A command as text: header, lengths, and data where they are harmless. */
export function maskCommand(apdu: Uint8Array): string {
  const command = decodeCommand(apdu);
  if (command === null) return `‹${String(apdu.length)} bytes›`;
  const { cla, ins, p1, p2, data, le } = command;
  const parts = [spaced([cla, ins, p1, p2])];
  if (data !== undefined) parts.push(`Lc ${String(data.length)}`, masked(data, shownOf(command).data));
  if (le !== undefined) parts.push(`Le ${String(le)}`);
  return parts.filter((part) => part !== '').join(' ');
}

/**
 * The answer to a command (under T=0: to the command that GET RESPONSE was sent for), as text.
 * @param seen how many bytes of it came in pieces before this one
 */
export function maskAnswer(command: Uint8Array, answer: Uint8Array, seen = 0): string {
  const response = decodeResponse(answer);
  if (response === null) return `‹${String(answer.length)} bytes, no status word›`;
  const asked = decodeCommand(command);
  const data = masked(response.data, Math.max(0, (asked === null ? 0 : shownOf(asked).answer) - seen));
  return [data, spaced([response.sw1, response.sw2])].filter((part) => part !== '').join(' ');
}

function masked(bytes: Uint8Array, shown: number): string {
  const hidden = bytes.length - Math.min(shown, bytes.length);
  return [spaced(bytes.subarray(0, shown)), hidden === 0 ? '' : `‹${String(hidden)} bytes›`]
    .filter((part) => part !== '')
    .join(' ');
}

const isGetResponse = (apdu: Uint8Array): boolean => apdu[1] === 0xc0;

/** The same connection, with every command and answer told to `tell`, masked; also those that T=0 adds. */
export function logged(
  connection: Connection,
  tell: (line: ApduLine) => void,
  monotonicMs: () => number,
): Connection {
  let asked = { apdu: new Uint8Array(), seen: 0 };
  const failureText = ({ code, detail }: CardFailure): string =>
    detail === '' ? code : `${code}: ${detail}`;
  return {
    reader: connection.reader,
    atr: connection.atr,
    protocol: connection.protocol,
    async transmit(apdu, deadline) {
      if (!isGetResponse(apdu)) asked = { apdu: Uint8Array.from(apdu), seen: 0 };
      const began = monotonicMs();
      const answer = await connection.transmit(apdu, deadline);
      const text = answer.ok ? maskAnswer(asked.apdu, answer.value, asked.seen) : failureText(answer.error);
      tell({ command: maskCommand(apdu), answer: text, ms: monotonicMs() - began });
      if (answer.ok) asked = { ...asked, seen: asked.seen + Math.max(0, answer.value.length - 2) };
      return answer;
    },
    async reset(how) {
      const began = monotonicMs();
      const answer = await connection.reset(how);
      const text = answer.ok ? `ATR ${spaced(answer.value.atr)}` : failureText(answer.error);
      tell({ command: `reset, ${how}`, answer: text, ms: monotonicMs() - began });
      return answer;
    },
  };
}
