import type { PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { ApduSplitter } from './apdu.ts';
import type { LinkEvents, SendOutcome, ZvtLink } from './link.ts';
import type { Transport } from './transport/transport.ts';

/** The TCP link of PA00P016: bare APDUs, told apart by their length fields; TCP acknowledges and repeats. */
export function rawLink(transport: Transport, events: Pick<LinkEvents, 'apdu'>): ZvtLink {
  const splitter = new ApduSplitter();
  let ended: PosReason | null = null;
  let sending: Promise<unknown> = Promise.resolve();

  async function put(apdu: Uint8Array): Promise<SendOutcome> {
    if (ended !== null || !transport.open)
      return { kind: 'notSent', reason: ended ?? posReason('lineLost', 'closed') };
    try {
      await transport.write(apdu);
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'lost', reason: posReason('lineLost', String(error)) };
    }
  }

  return {
    send(apdu) {
      const outcome = sending.then(() => put(apdu));
      sending = outcome;
      return outcome;
    },
    receive(bytes) {
      if (ended !== null) return;
      for (const apdu of splitter.push(bytes)) {
        if (ended !== null) return;
        events.apdu(apdu);
      }
    },
    end(reason) {
      ended ??= reason;
    },
  };
}
