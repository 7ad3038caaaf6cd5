import { readMeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import {
  INIT_ANSWER_BYTES,
  LOAD_ANSWER_BYTES,
  MAC_BYTES,
  STATUS_BYTES,
  UNITS,
  readOrder,
  s1MacInput,
  s2MacInput,
  s3MacInput,
  statusMacInput,
  writeInitAnswer,
  writeLoadAnswer,
  writeStatus,
  type InitAnswer,
  type LoadOrder,
} from '../../../contracts/rules/meter-card/purse.ts';
import { decodeCommand, encodeResponse, type Command } from '../apdu.ts';
import { bytesOf, hexOf, sameBytes } from '../bytes.ts';
import { AID, LAYOUT_VERSION } from '../drivers/purse/fci.ts';
import type { CardKeys } from '../secure/card-keys.ts';
import { isMac, macOf } from '../secure/mac.ts';
import { SW } from '../status-words.ts';
import { writeTlv } from '../tlv.ts';
import type { PurseState } from './card-state.ts';

/** The reference purse card's own side (docs/protocols/card.md, class A): one command in, answer and next state out. Pure. */

export type PurseVolatile = {
  readonly selected: boolean;
  /** Alive between INIT LOAD and the very next command. */
  readonly challenge: { readonly order: LoadOrder; readonly init: InitAnswer } | null;
  /** T=0: what GET RESPONSE fetches. */
  readonly pending: Uint8Array | null;
};
export const PURSE_POWERED: PurseVolatile = { selected: false, challenge: null, pending: null };

export type PurseStep = {
  /** To be committed before the answer leaves; null: nothing changes. */
  readonly next: PurseState | null;
  readonly volatile: PurseVolatile;
  readonly answer: Uint8Array;
};

type Means = {
  readonly keys: CardKeys;
  readonly random: (bytes: number) => Uint8Array;
  readonly worn: boolean;
};

/** What the application does, before T=0 takes its answer apart. */
type Done = {
  readonly sw: number;
  readonly data?: Uint8Array;
  readonly next?: PurseState;
  readonly selected?: boolean;
  readonly challenge?: PurseVolatile['challenge'];
};

const NONCE_BYTES = 16;
const CHALLENGE_BYTES = 8;
const U32_MOST = 0xffffffff;

export function purseStep(
  state: PurseState,
  volatile: PurseVolatile,
  apdu: Uint8Array,
  means: Means,
): PurseStep {
  const command = decodeCommand(apdu);
  if (command === null) return plain(volatile, { sw: SW.wrongLength });
  if (state.protocol === 't0' && isGetResponse(command) && volatile.pending !== null)
    return fetched(volatile, volatile.pending, command);
  const done = perform(state, volatile, command, means);
  const after: PurseVolatile = {
    selected: done.selected ?? volatile.selected,
    challenge: done.challenge ?? null,
    pending: null,
  };
  const data = done.data ?? new Uint8Array();
  const next = done.next ?? null;
  if (state.protocol === 't0' && data.length > 0 && command.data !== undefined)
    return {
      next,
      volatile: { ...after, pending: data },
      answer: encodeResponse(0x6100 | (data.length & 0xff)),
    };
  return { next, volatile: after, answer: encodeResponse(done.sw, data) };
}

const plain = (volatile: PurseVolatile, { sw }: Done): PurseStep => ({
  next: null,
  volatile: { ...volatile, challenge: null, pending: null },
  answer: encodeResponse(sw),
});

const isGetResponse = ({ cla, ins }: Command): boolean => (cla & 0xf0) === 0x00 && ins === 0xc0;

/** GET RESPONSE is a part of the command before it: it leaves the challenge alive. */
function fetched(volatile: PurseVolatile, pending: Uint8Array, { le }: Command): PurseStep {
  const wanted = le ?? 256;
  if (wanted !== 256 && wanted > pending.length)
    return { next: null, volatile, answer: encodeResponse(0x6c00 | (pending.length & 0xff)) };
  const rest = pending.slice(wanted);
  return {
    next: null,
    volatile: { ...volatile, pending: rest.length === 0 ? null : rest },
    answer: encodeResponse(
      rest.length === 0 ? SW.done : 0x6100 | (rest.length & 0xff),
      pending.slice(0, wanted),
    ),
  };
}

function perform(state: PurseState, volatile: PurseVolatile, command: Command, means: Means): Done {
  const { cla, ins } = command;
  if (cla === 0x00 && ins === 0xa4) return select(state, command);
  if (cla !== 0x80) return { sw: SW.noClass };
  if (!volatile.selected) return { sw: SW.noChallenge };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW.wrongParameters };
  switch (ins) {
    case 0x50:
      return getStatus(state, command, means);
    case 0x40:
      return initLoad(state, command, means);
    case 0x42:
      return load(state, volatile, command, means);
    default:
      return { sw: SW.noInstruction };
  }
}

/** Under T=1 a wrong Le is answered with the right one; under T=0 none comes with data. */
const wrongLe = ({ protocol }: PurseState, { le }: Command, length: number): Done | null => {
  if (protocol === 't0') return null;
  if (le === undefined) return { sw: SW.wrongLength };
  return le === length || le === 256 ? null : { sw: 0x6c00 | length };
};

function select(state: PurseState, { p1, data }: Command): Done {
  if (p1 !== 0x04) return { sw: SW.wrongParameters };
  if (data === undefined || !sameBytes(data, AID)) return { sw: SW.notFound, selected: false };
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
  const own = writeTlv(
    0xa5,
    writeTlv(0xc0, bytesOf(state.cardId)),
    writeTlv(0xc1, ascii(state.company)),
    writeTlv(0xc2, ascii(state.meter)),
    writeTlv(0xc3, Uint8Array.of(UNITS[state.unit])),
    writeTlv(0xc4, Uint8Array.of(state.keyRevision)),
    writeTlv(0xc5, Uint8Array.of(LAYOUT_VERSION)),
  );
  return { sw: SW.done, data: writeTlv(0x6f, writeTlv(0x84, AID), own), selected: true };
}

function getStatus(state: PurseState, command: Command, { keys }: Means): Done {
  const wrong = wrongLe(state, command, STATUS_BYTES + MAC_BYTES);
  if (wrong !== null) return wrong;
  if (command.data?.length !== NONCE_BYTES) return { sw: SW.wrongLength };
  const status = statusOf(state);
  return { sw: SW.done, data: withMac(status, keys.k3, statusMacInput(command.data, status)) };
}

/** The 79 bytes. */
export const statusOf = (state: PurseState): Uint8Array => {
  const area = bytesOf(state.area);
  const { last, counter, balance, maximum, unit, keyRevision } = state;
  return writeStatus(
    {
      cardId: bytesOf(state.cardId),
      keyRevision,
      unit,
      counter,
      balance,
      maximum,
      last: last === null ? null : { ...last, loadId: bytesOf(last.loadId) },
      meter: readMeterArea(area, 0),
    },
    area,
  );
};

function initLoad(state: PurseState, command: Command, { keys, random }: Means): Done {
  const wrong = wrongLe(state, command, INIT_ANSWER_BYTES + MAC_BYTES);
  if (wrong !== null) return wrong;
  const { data } = command;
  if (data?.length !== 45) return { sw: SW.wrongLength };
  const order = readOrder(data);
  if (order === null || order.unit !== state.unit || order.amount === 0) return { sw: SW.wrongData };
  if (state.balance + order.amount > state.maximum || state.counter === U32_MOST) return { sw: SW.full };
  const init: InitAnswer = {
    cardId: bytesOf(state.cardId),
    keyRevision: state.keyRevision,
    counter: state.counter,
    balance: state.balance,
    maximum: state.maximum,
    takenThrough: readMeterArea(bytesOf(state.area), 0).takenThrough,
    challenge: random(CHALLENGE_BYTES),
  };
  const answer = writeInitAnswer(init);
  return {
    sw: SW.done,
    data: withMac(answer, keys.k1, s1MacInput(data, answer)),
    challenge: { order, init },
  };
}

/** Checks the order, and commits all of it or nothing. */
function load(
  state: PurseState,
  { challenge }: PurseVolatile,
  command: Command,
  { keys, worn }: Means,
): Done {
  const wrong = wrongLe(state, command, LOAD_ANSWER_BYTES + MAC_BYTES);
  if (wrong !== null) return wrong;
  const { data } = command;
  if (data?.length !== MAC_BYTES) return { sw: SW.wrongLength };
  if (challenge === null) return { sw: SW.noChallenge };
  const { order, init } = challenge;
  if (!isMac(keys.k2, s2MacInput(init, order), data)) return { sw: SW.wrongMac };
  if (worn) return { sw: SW.memoryFailed };
  const next: PurseState = {
    ...state,
    counter: state.counter + 1,
    balance: state.balance + order.amount,
    last: { loadId: hexOf(order.loadId), amount: order.amount, counter: state.counter },
  };
  const answer = writeLoadAnswer(next);
  return { sw: SW.done, data: withMac(answer, keys.k3, s3MacInput(init.cardId, next, order)), next };
}

const withMac = (message: Uint8Array, key: Uint8Array, macInput: Uint8Array): Uint8Array =>
  Uint8Array.from([...message, ...macOf(key, macInput)]);
