import type { PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import {
  startConversation,
  type Conversation,
  type ConversationEvents,
  type ConversationMachine,
} from './conversation.ts';
import { serialLink, type LinkEvents, type ZvtLink } from './link.ts';
import { rawLink } from './raw-link.ts';
import type { OpenTransport, Transport } from './transport/transport.ts';

/** One open line to a terminal, from its opening to its end. */
export type Session = Pick<Conversation, 'run' | 'abort' | 'setCharset'> & {
  readonly open: boolean;
  /** Gives the line up: what runs ends as lost, the port is free when this is done. `ended` is told. */
  close(reason: PosReason): Promise<void>;
};

export type SessionEvents = Omit<ConversationEvents, 'sent'> & {
  readonly frame: (direction: 'toTerminal' | 'fromTerminal', apdu: Uint8Array) => void;
  readonly beside: LinkEvents['beside'];
  /** Once; nothing comes over this session any more. */
  readonly ended: (reason: PosReason) => void;
};

export type SessionOpening =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'failed'; readonly reason: PosReason };

/** @param framed over a serial line; over TCP APDUs come bare */
export async function openSession(
  open: OpenTransport,
  framed: boolean,
  machine: ConversationMachine,
  events: SessionEvents,
): Promise<SessionOpening> {
  let line: { readonly link: ZvtLink; readonly conversation: Conversation } | null = null;
  let over: PosReason | null = null;

  function end(reason: PosReason): void {
    if (over !== null) return;
    over = reason;
    line?.link.end(reason);
    line?.conversation.down(reason);
    events.ended(reason);
  }

  const opening = await open({ data: (bytes) => line?.link.receive(bytes), closed: end });
  if (opening.kind === 'failed') return opening;
  const { transport } = opening;
  // It broke while it was being opened.
  if (over !== null) return { kind: 'failed', reason: over };

  const link = linkOver(transport, framed, machine, {
    apdu: (apdu) => {
      events.frame('fromTerminal', apdu);
      line?.conversation.heard(apdu);
    },
    beside: events.beside,
  });
  const conversation = startConversation(link, machine, {
    ...events,
    sent: (apdu) => events.frame('toTerminal', apdu),
  });
  line = { link, conversation };
  return {
    kind: 'open',
    session: {
      get open() {
        return over === null && transport.open;
      },
      run: (command, money) => conversation.run(command, money),
      abort: () => conversation.abort(),
      setCharset: (charset) => conversation.setCharset(charset),
      async close(reason) {
        end(reason);
        await transport.close();
      },
    },
  };
}

const linkOver = (
  transport: Transport,
  framed: boolean,
  machine: ConversationMachine,
  events: LinkEvents,
): ZvtLink => (framed ? serialLink(transport, machine, events) : rawLink(transport, events));

export const STOPPED = posReason('stopped');
