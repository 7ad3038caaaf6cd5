import {
  INIT_ANSWER_BYTES,
  LOAD_ANSWER_BYTES,
  MAC_BYTES,
  STATUS_BYTES,
  readInitAnswer,
  readLoadAnswer,
  readStatus,
  writeOrder,
} from '../../../../contracts/rules/meter-card/purse.ts';
import type { Command, Response } from '../../apdu.ts';
import { sameBytes, spaced } from '../../bytes.ts';
import { exchange } from '../../exchange.ts';
import { leftUnchanged, meaningOf, statusText, SW } from '../../status-words.ts';
import { atrMask, fits } from '../atr-mask.ts';
import { failed, type Answered, type Connection, type Failed } from '../connection.ts';
import {
  EXCHANGE_MS,
  type CardDriver,
  type CardIdentity,
  type CardReading,
  type PurseCard,
} from '../driver.ts';
import { AID, readFci } from './fci.ts';

/** The reference purse card (docs/protocols/card.md, class A). The driver carries orders and proofs; it can check neither. */

/** Historical bytes `KOMIS P1`; T=0, and T=1 with its check byte. */
export const PURSE_ATR = {
  t0: '3B 08 4B 4F 4D 49 53 20 50 31',
  t1: '3B 88 01 4B 4F 4D 49 53 20 50 31 ..',
} as const;
const MASKS = [atrMask(PURSE_ATR.t0), atrMask(PURSE_ATR.t1)];

const DEADLINE = { deadlineMs: EXCHANGE_MS };

const COMMANDS = {
  select: (): Command => ({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: AID, le: 256 }),
  status: (nonce: Uint8Array): Command => own(0x50, nonce, STATUS_BYTES + MAC_BYTES),
  initLoad: (order: Uint8Array): Command => own(0x40, order, INIT_ANSWER_BYTES + MAC_BYTES),
  load: (s2: Uint8Array): Command => own(0x42, s2, LOAD_ANSWER_BYTES + MAC_BYTES),
};
const own = (ins: number, data: Uint8Array, le: number): Command => ({
  cla: 0x80,
  ins,
  p1: 0,
  p2: 0,
  data,
  le,
});

export const purseDriver: CardDriver = {
  name: 'purse',
  matches: (atr) => MASKS.some((mask) => fits(mask, atr)),
  async probe(connection) {
    const answer = await exchange(connection, COMMANDS.select(), DEADLINE);
    if (!answer.ok) return answer;
    const identity = answer.value.sw === SW.done ? readFci(answer.value.data) : null;
    return { ok: true, value: identity === null ? null : purseCard(connection, identity) };
  },
};

function purseCard(connection: Connection, identity: CardIdentity): PurseCard {
  return {
    driver: purseDriver.name,
    cardClass: 'A',
    identity,
    async readStatus(nonce) {
      const answer = await exchange(connection, COMMANDS.status(nonce), DEADLINE);
      return answer.ok ? readingOf(answer.value, identity) : answer;
    },
    async initLoad(order) {
      const answer = await exchange(connection, COMMANDS.initLoad(writeOrder(order)), DEADLINE);
      if (!answer.ok) return answer;
      const { sw, data } = answer.value;
      if (sw !== SW.done) return refusal(sw);
      const parts = split(data, INIT_ANSWER_BYTES);
      const said = parts === null ? null : readInitAnswer(parts.body);
      if (parts === null || said === null) return unreadable('INIT LOAD', data);
      if (!sameBytes(said.cardId, identity.cardId)) return failed('otherCard', spaced(said.cardId));
      return { ok: true, value: { answer: parts.body, s1: parts.mac } };
    },
    async load(s2) {
      const answer = await exchange(connection, COMMANDS.load(s2), DEADLINE);
      if (!answer.ok) return { outcome: 'unknown', error: answer.error };
      const { sw, data } = answer.value;
      if (sw !== SW.done)
        return { outcome: leftUnchanged(sw) ? 'refused' : 'unknown', error: refusal(sw).error };
      const parts = split(data, LOAD_ANSWER_BYTES);
      const said = parts === null ? null : readLoadAnswer(parts.body);
      return parts === null || said === null
        ? { outcome: 'unknown', error: unreadable('LOAD', data).error }
        : { outcome: 'loaded', value: { answer: parts.body, s3: parts.mac, said } };
    },
  };
}

/** Reads the answer to GET STATUS. */
export function readingOf({ sw, data }: Response, identity: CardIdentity): Answered<CardReading> {
  if (sw !== SW.done) return refusal(sw);
  const parts = split(data, STATUS_BYTES);
  const status = parts === null ? null : readStatus(parts.body);
  if (status === null) return unreadable('GET STATUS', data);
  if (!sameBytes(status.cardId, identity.cardId)) return failed('otherCard', spaced(status.cardId));
  const { counter, balance, maximum, last, meter } = status;
  return { ok: true, value: { evidence: data, view: { counter, balance, maximum, last, meter } } };
}

/** An answer and the MAC behind it. */
const split = (
  bytes: Uint8Array,
  length: number,
): { readonly body: Uint8Array; readonly mac: Uint8Array } | null =>
  bytes.length === length + MAC_BYTES ? { body: bytes.slice(0, length), mac: bytes.slice(length) } : null;

const refusal = (sw: number): Failed => failed(meaningOf(sw).reason, statusText(sw));

const unreadable = (command: string, data: Uint8Array): Failed =>
  failed('unreadable', `${command} answered ${String(data.length)} bytes that mean nothing`);
