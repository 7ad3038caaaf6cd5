import type { PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { DialogueEnd } from './dialogue.ts';
import type { EcrCommand, Tlv } from './message.ts';
import { reasonOfError, reasonOfStatus } from './reasons.ts';
import { AZN } from './result.ts';
import type { Session } from './session.ts';
import { encodeTlv } from './tlv.ts';

/**
 * BE: the till prints all receipts (02, 04), which come as print lines (80), wants intermediate statuses (08), and nothing is
 * started on the terminal's own keypad (10, 20): an outcome is found out by its last transaction, so nobody else makes one.
 */
export const CONFIG = 0xbe;

/** Letters in a line of our receipts. */
const PRINTER_WIDTH = 0x40;

/** Receipts as whole blocks (26: 06 D3 permitted), how wide they may be (12), texts in UTF-8 (14 in 27). */
const WISHES: readonly Tlv[] = [
  { tag: 0x26, value: encodeTlv([{ tag: 0x0a, value: Uint8Array.of(0x06, 0xd3) }]) },
  { tag: 0x12, value: Uint8Array.of(PRINTER_WIDTH) },
  { tag: 0x27, value: encodeTlv([{ tag: 0x14, value: Uint8Array.of(0xfe) }]) },
];

/** What is asked for, from the most to the least; older terminals refuse tags they do not know, or TLV altogether. */
const WAYS: readonly (readonly Tlv[] | null)[] = [WISHES, [], null];

/** Error ids that may mean what was asked for rather than who asked: worth a try with less. */
const MAY_MEAN_TLV: ReadonlySet<number> = new Set([0x83, 0x9a, 0x6f, 0xff]);

export type Registration =
  | {
      readonly kind: 'registered';
      readonly terminalId: string | null;
      readonly tlv: boolean;
      /** As the terminal gave it back; null where it did not. */
      readonly currency: number | null;
      readonly softwareVersion: string | null;
      /** What the terminal wants before it takes payments; null when nothing. */
      readonly wants: PosReason | null;
      /** Its own status, 05 01; null where it does not say. */
      readonly status: number | null;
    }
  | { readonly kind: 'refused'; readonly reason: PosReason }
  | { readonly kind: 'lost'; readonly reason: PosReason };

type Runs = Pick<Session, 'run' | 'setCharset'>;

const lostReason = (end: DialogueEnd): PosReason => end.reason ?? posReason('lineLost');
const isGone = (end: DialogueEnd): boolean => end.how === 'lost' || end.how === 'notSent';

/** Registers the till (06 00), lets the terminal do what it asks for (06 93, 06 70), and asks how it is (05 01). */
export async function register(session: Runs, password: string): Promise<Registration> {
  let end: DialogueEnd | null = null;
  let tlv = false;
  for (const way of WAYS) {
    session.setCharset(way === WISHES ? 'utf8' : 'cp437');
    end = await session.run(registrationOf(password, way));
    if (isGone(end)) return { kind: 'lost', reason: lostReason(end) };
    tlv = way !== null;
    if (end.how === 'completed' || end.error === null || !MAY_MEAN_TLV.has(end.error)) break;
  }
  if (end === null || end.how !== 'completed')
    return { kind: 'refused', reason: refusal(end?.error ?? null) };

  const needs = end.fields.statusByte ?? 0;
  if ((needs & 0x01) !== 0) await session.run({ name: 'initialisation', password });
  if ((needs & 0x02) !== 0) await session.run({ name: 'diagnosis' });
  const state = await askState(session, password);
  if (state.kind === 'lost') return state;
  return {
    kind: 'registered',
    terminalId: end.fields.terminalId ?? null,
    tlv,
    currency: end.fields.currency ?? null,
    softwareVersion: state.softwareVersion,
    wants: state.status === null ? null : reasonOfStatus(state.status),
    status: state.status,
  };
}

function registrationOf(password: string, tlv: readonly Tlv[] | null): EcrCommand {
  const plain = { name: 'registration', password, config: CONFIG, currency: AZN } as const;
  return tlv === null ? plain : { ...plain, tlv };
}

/** Terminals have no error id for a wrong password: "not possible" or "key missing". */
const FOR_THE_PASSWORD: ReadonlySet<number> = new Set([0x83, 0x85]);

/** A registration is refused for who asks (password), unless the terminal names something else. */
function refusal(error: number | null): PosReason {
  const reason = reasonOfError(error);
  return error === null || !FOR_THE_PASSWORD.has(error) ? reason : posReason('passwordWrong', reason.detail);
}

export type StateAnswer =
  | { readonly kind: 'state'; readonly status: number | null; readonly softwareVersion: string | null }
  | { readonly kind: 'lost'; readonly reason: PosReason };

/** 05 01, once. A terminal that does not know it, or is busy, says so; that is a state, too. */
export async function enquire(session: Pick<Session, 'run'>, password: string): Promise<StateAnswer> {
  const end = await session.run({ name: 'statusEnquiry', password });
  if (isGone(end)) return { kind: 'lost', reason: lostReason(end) };
  if (end.how !== 'completed' && end.error === NOT_REGISTERED)
    return { kind: 'lost', reason: reasonOfError(end.error) };
  if (end.how !== 'completed')
    return { kind: 'state', status: end.error === BUSY ? BUSY : null, softwareVersion: null };
  return {
    kind: 'state',
    status: end.fields.terminalStatus ?? null,
    softwareVersion: end.fields.softwareVersion ?? null,
  };
}

const BUSY = 0x9c;
const NOT_REGISTERED = 0x6b;

/** What helps a terminal that is not ready (PA00P015, recovery of its states): initialisation, or a talk with its host. */
const REMEDIES: Readonly<Record<number, (password: string) => EcrCommand>> = {
  0x51: (password) => ({ name: 'initialisation', password }),
  0x62: () => ({ name: 'diagnosis' }),
  0xc2: () => ({ name: 'diagnosis' }),
};

async function askState(session: Pick<Session, 'run'>, password: string): Promise<StateAnswer> {
  const first = await enquire(session, password);
  const remedy = first.kind === 'state' && first.status !== null ? REMEDIES[first.status] : undefined;
  if (remedy === undefined) return first;
  const done = await session.run(remedy(password));
  if (isGone(done)) return { kind: 'lost', reason: lostReason(done) };
  return enquire(session, password);
}
