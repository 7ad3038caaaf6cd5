import { decodeResponse, encodeCommand, type Command, type Response } from './apdu.ts';
import { failed, troubleOf, type Answered, type Connection } from './drivers/connection.ts';

/** One command and its whole answer, over what T=0 does to both (ISO/IEC 7816-3 §12.2). */

/** A card that says 61 or 6C for ever is not listened to for ever. */
const MOST_ROUNDS = 32;
const MOST_BYTES = 65_536;

type Deadline = { readonly deadlineMs: number };

/**
 * Tells a card a command. Under T=0 a command with data goes without its Le, 61xx is answered with GET RESPONSE and 6Cxx
 * with the same command and the right Le; under T=1 nothing of this. `deadlineMs` is for each exchange.
 *
 * A failure means that the card's state is unknown. 6Cxx makes a command be repeated only where it carries no data, since the
 * card has then done nothing.
 */
export async function exchange(
  connection: Connection,
  command: Command,
  deadline: Deadline,
): Promise<Answered<Response>> {
  if (connection.protocol() !== 'T=0') return once(connection, command, deadline);
  const { le: _, ...withoutLe } = command;
  return collect(connection, carriesData(command) ? withoutLe : command, deadline);
}

const carriesData = ({ data }: Command): boolean => data !== undefined && data.length > 0;

/** One command to the reader or the card exactly as it stands: for pseudo-APDUs. */
export async function once(
  connection: Connection,
  command: Command,
  deadline: Deadline,
): Promise<Answered<Response>> {
  const answer = await connection.transmit(encodeCommand(command), deadline);
  if (!answer.ok) return troubleOf(answer.error);
  const response = decodeResponse(answer.value);
  return response === null
    ? failed('answerLost', `${String(answer.value.length)} bytes without a status word`)
    : { ok: true, value: response };
}

async function collect(
  connection: Connection,
  first: Command,
  deadline: Deadline,
): Promise<Answered<Response>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let command = first;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const answer = await once(connection, command, deadline);
    if (!answer.ok) return answer;
    const { data, sw1, sw2 } = answer.value;
    if (sw1 === 0x6c && !carriesData(command) && command.le !== lengthOf(sw2)) {
      command = { ...command, le: lengthOf(sw2) };
      continue;
    }
    parts.push(data);
    size += data.length;
    if (size > MOST_BYTES) return failed('answerLost', 'an answer without end');
    if (sw1 !== 0x61) return { ok: true, value: { ...answer.value, data: joined(parts, size) } };
    command = getResponse(lengthOf(sw2));
  }
  return failed('answerLost', '61 or 6C without end');
}

/** 00 in SW2 is 256, as in Le. */
const lengthOf = (sw2: number): number => (sw2 === 0 ? 256 : sw2);

const getResponse = (le: number): Command => ({ cla: 0x00, ins: 0xc0, p1: 0, p2: 0, le });

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
