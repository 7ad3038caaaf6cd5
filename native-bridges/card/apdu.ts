/** APDUs as bytes (ISO/IEC 7816-3 §12, 7816-4 §5): what any card is told and answers. Pure. */

export type Command = {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** None, or empty: no data field. */
  readonly data?: Uint8Array;
  /** How many bytes are wanted: 1–256, extended 1–65 536. None: no answer but the status word. */
  readonly le?: number;
};

export type Response = {
  readonly data: Uint8Array;
  readonly sw1: number;
  readonly sw2: number;
  /** Both status bytes as one number, `0x9000`. */
  readonly sw: number;
};

/** A command that has no encoding: a fault of the program, never of a card. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const SHORT = { data: 255, le: 256 } as const;
const EXTENDED = { data: 65_535, le: 65_536 } as const;

/**
 * The bytes of a command, cases 1 to 4, short or (where asked) extended.
 * @throws {CommandError} a header byte, data or le out of range, or the class FF where it means nothing
 */
export function encodeCommand(command: Command, form: 'short' | 'extended' = 'short'): Uint8Array {
  const { cla, ins, p1, p2, le } = command;
  const data = command.data ?? new Uint8Array();
  const most = form === 'short' ? SHORT : EXTENDED;
  for (const [name, byte] of Object.entries({ cla, ins, p1, p2 }))
    if (!Number.isInteger(byte) || byte < 0 || byte > 255) throw new CommandError(`${name} is no byte`);
  // 6X and 9X as instructions would be read as procedure bytes under T=0 (7816-3 §10.3.2).
  if (cla !== 0xff && ((ins & 0xf0) === 0x60 || (ins & 0xf0) === 0x90))
    throw new CommandError('ins 6X and 9X are not allowed');
  if (data.length > most.data)
    throw new CommandError(`${String(data.length)} bytes do not fit a ${form} command`);
  if (le !== undefined && (!Number.isInteger(le) || le < 1 || le > most.le))
    throw new CommandError(`le ${String(le)} does not fit a ${form} command`);
  const head = [cla, ins, p1, p2];
  const lc = data.length === 0 ? [] : form === 'short' ? [data.length] : [0, ...two(data.length)];
  const end = le === undefined ? [] : form === 'short' ? [le & 0xff] : two(le & 0xffff);
  // An extended le without data says by a zero before it that it is extended.
  const mark = form === 'extended' && le !== undefined && data.length === 0 ? [0] : [];
  return Uint8Array.from([...head, ...lc, ...data, ...mark, ...end]);
}

const two = (value: number): readonly number[] => [value >> 8, value & 0xff];

/** Reads a command: the card's side, and the log's. Null: bytes that are no command. */
export function decodeCommand(bytes: Uint8Array): Command | null {
  const [cla, ins, p1, p2, first] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return null;
  const head = { cla, ins, p1, p2 };
  if (first === undefined) return head;
  if (bytes.length === 5) return { ...head, le: first === 0 ? SHORT.le : first };
  const isExtended = first === 0;
  const at = isExtended ? 7 : 5;
  if (bytes.length < at) return null;
  const length = isExtended ? at16(bytes, 5) : first;
  if (isExtended && bytes.length === at) return { ...head, le: length === 0 ? EXTENDED.le : length };
  const rest = bytes.length - at - length;
  if (length === 0 || rest < 0) return null;
  const data = bytes.slice(at, at + length);
  if (rest === 0) return { ...head, data };
  if (rest !== (isExtended ? 2 : 1)) return null;
  const le = isExtended ? at16(bytes, at + length) : (bytes[at + length] ?? 0);
  return { ...head, data, le: le === 0 ? (isExtended ? EXTENDED.le : SHORT.le) : le };
}

const at16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** A status word begins with 6 or 9; 60 is a procedure byte (7816-3 §10.3.3). */
const isStatus = (sw1: number): boolean => (sw1 >= 0x61 && sw1 <= 0x6f) || (sw1 >= 0x90 && sw1 <= 0x9f);

/**
 * Reads an answer. Null: shorter than a status word, or no status word at its end. **The state of the card is then unknown**:
 * it may or may not have done what it was told.
 */
export function decodeResponse(bytes: Uint8Array): Response | null {
  const sw1 = bytes.at(-2);
  const sw2 = bytes.at(-1);
  if (sw1 === undefined || sw2 === undefined || !isStatus(sw1)) return null;
  return { data: bytes.slice(0, -2), sw1, sw2, sw: (sw1 << 8) | sw2 };
}

/** The bytes of an answer: the card's side. */
export const encodeResponse = (sw: number, data: Uint8Array = new Uint8Array()): Uint8Array =>
  Uint8Array.from([...data, sw >> 8, sw & 0xff]);
