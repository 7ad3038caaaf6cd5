import { failureOf, type PcscCall } from './codes.ts';
import type { CardAnswer, CardCommand, CardRequest } from './messages.ts';
import type { CardFailure, CardProtocol } from './port.ts';
import { DISPOSITION, PROTOCOL, SHARE, type Answered, type Handle, type WinScard } from './winscard.ts';

/** An open card, with a context of its own: one that is silent does not stop the others. */
type OpenCard = {
  readonly winscard: WinScard;
  readonly context: Handle;
  readonly reader: string;
  /** How many cards had been put in and taken out of the reader when this one was opened. */
  readonly events: number;
  readonly card: Handle;
  readonly share: number;
  readonly protocols: number;
  readonly protocol: number;
};

type Done = { readonly bytes: Uint8Array; readonly protocol: number };
type Outcome = Done | { readonly error: CardFailure };

const LEAST_ANSWER = 2;
const NOTHING = new Uint8Array();

/**
 * Does what is asked of open cards. One question at a time for each connection; the asker sees to that. `load` answers why
 * the library cannot be had when it cannot.
 */
export function openCards(
  load: () => WinScard | string,
  rawProtocol: number,
): { run(request: CardRequest): Promise<CardAnswer> } {
  const open = new Map<number, OpenCard>();

  async function connect(no: number, command: Extract<CardCommand, { kind: 'connect' }>): Promise<Outcome> {
    const winscard = load();
    if (typeof winscard === 'string') {
      return { error: { code: 'noService', cardStateUnknown: false, detail: winscard } };
    }
    const made = await winscard.establish();
    if (made.value === null) return failed('EstablishContext', made.code);
    const context = made.value;
    const share = command.exclusive ? SHARE.exclusive : SHARE.shared;
    const protocols = protocolsFor(command.protocol, rawProtocol);
    const connected = await winscard.connect(context, command.reader, share, protocols);
    if (connected.value === null) {
      await winscard.release(context);
      return failed('Connect', connected.code);
    }
    const { handle: card, protocol } = connected.value;
    const giveBack = async (call: PcscCall, code: number): Promise<Outcome> => {
      await winscard.disconnect(card, DISPOSITION.leave);
      await winscard.release(context);
      return failed(call, code);
    };
    const status = await winscard.status(card);
    if (status.value === null) return giveBack('Status', status.code);
    const events = await eventsOf(winscard, context, command.reader);
    if (events.value === null) return giveBack('GetStatusChange', events.code);
    const { reader } = command;
    open.set(no, { winscard, context, reader, events: events.value, card, share, protocols, protocol });
    return { bytes: status.value.atr, protocol };
  }

  async function reset(no: number, one: OpenCard, how: 'cold' | 'warm'): Promise<Outcome> {
    const { winscard } = one;
    const disposition = how === 'cold' ? DISPOSITION.unpower : DISPOSITION.reset;
    const before = await exchanged(one);
    if (before !== undefined) return { error: before };
    const again = await winscard.reconnect(one.card, one.share, one.protocols, disposition);
    if (again.value === null) return failed('Reconnect', again.code);
    const protocol = again.value;
    open.set(no, { ...one, protocol });
    const after = await exchanged(one);
    if (after !== undefined) return { error: after };
    const status = await winscard.status(one.card);
    return status.value === null ? failed('Status', status.code) : { bytes: status.value.atr, protocol };
  }

  async function close(no: number, one: OpenCard, how: 'leave' | 'reset' | 'unpower'): Promise<Outcome> {
    open.delete(no);
    // What they answer makes no difference: a card or a service that is gone holds nothing of ours.
    await one.winscard.disconnect(one.card, DISPOSITION[how]);
    await one.winscard.release(one.context);
    return { bytes: NOTHING, protocol: one.protocol };
  }

  async function transmit({ winscard, card, protocol }: OpenCard, bytes: Uint8Array): Promise<Outcome> {
    const answer = await winscard.transmit(card, protocol, bytes);
    if (answer.value === null) return failed('Transmit', answer.code);
    if (answer.value.length >= LEAST_ANSWER) return { bytes: answer.value, protocol };
    const detail = `SCardTransmit answered ${answer.value.length} bytes`;
    return { error: { code: 'unknownState', cardStateUnknown: true, detail } };
  }

  async function control(one: OpenCard, code: number, bytes: Uint8Array): Promise<Outcome> {
    const { winscard, card, protocol } = one;
    const answer = await winscard.control(card, code, bytes);
    return answer.value === null ? failed('Control', answer.code) : { bytes: answer.value, protocol };
  }

  async function outcomeOf({ connection, command }: CardRequest): Promise<Outcome> {
    if (command.kind === 'connect') return connect(connection, command);
    const one = open.get(connection);
    if (one === undefined) {
      return { error: { code: 'closed', cardStateUnknown: false, detail: 'no such connection' } };
    }
    switch (command.kind) {
      case 'transmit':
        return transmit(one, command.bytes);
      case 'begin':
        return plain(one, 'BeginTransaction', await one.winscard.begin(one.card));
      case 'end':
        return plain(one, 'EndTransaction', await one.winscard.end(one.card, DISPOSITION.leave));
      case 'reset':
        return reset(connection, one, command.how);
      case 'control':
        return control(one, command.code, command.bytes);
      case 'close':
        return close(connection, one, command.how);
    }
  }

  return {
    async run(request) {
      const outcome = await outcomeOf(request);
      if ('error' in outcome) return { no: request.no, ok: false, error: outcome.error };
      const protocol = protocolName(outcome.protocol);
      return { no: request.no, ok: true, bytes: outcome.bytes, protocol };
    },
  };
}

/** How many cards have been put in and taken out of a reader. */
async function eventsOf(winscard: WinScard, context: Handle, name: string): Promise<Answered<number>> {
  const states = await winscard.statusChange(context, 0, [{ name, current: 0 }]);
  if (states.value === null) return states;
  return { code: 0, value: (states.value[0]?.event ?? 0) >>> 16 };
}

/**
 * Whether the card that was opened has been taken out. PC/SC connects anew to whatever card is in the reader by then, and
 * a connection of ours is to one card.
 */
async function exchanged({ winscard, context, reader, events }: OpenCard): Promise<CardFailure | undefined> {
  const now = await eventsOf(winscard, context, reader);
  if (now.value === null) return failureOf('GetStatusChange', now.code);
  if (now.value === events) return undefined;
  return { code: 'removed', cardStateUnknown: false, detail: `${now.value - events} changes in the reader` };
}

const failed = (call: PcscCall, code: number): Outcome => ({ error: failureOf(call, code) });

const plain = ({ protocol }: OpenCard, call: PcscCall, code: number): Outcome =>
  code === 0 ? { bytes: NOTHING, protocol } : failed(call, code);

function protocolsFor(wanted: CardProtocol | null, rawProtocol: number): number {
  switch (wanted) {
    case 'T=0':
      return PROTOCOL.t0;
    case 'T=1':
      return PROTOCOL.t1;
    case 'raw':
      return rawProtocol;
    case null:
      return PROTOCOL.t0 | PROTOCOL.t1;
  }
}

/** A reader that names neither protocol passes bytes on as they are. */
function protocolName(active: number): CardProtocol {
  if (active === PROTOCOL.t0) return 'T=0';
  return active === PROTOCOL.t1 ? 'T=1' : 'raw';
}
