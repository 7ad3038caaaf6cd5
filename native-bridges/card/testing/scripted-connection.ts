import { bytesOf } from '../bytes.ts';
import type { Connection } from '../drivers/connection.ts';
import type { CardFailure, CardProtocol } from '../transport/port.ts';

/** A connection that answers from a script, in hex, and remembers what it was told. Throws when the script is over. */
export function scripted(
  protocol: CardProtocol,
  answers: readonly (string | CardFailure)[],
  { reader = 'Scripted 00 00', atr = '3B 00' }: { readonly reader?: string; readonly atr?: string } = {},
): Connection & { told(): readonly Uint8Array[] } {
  const told: Uint8Array[] = [];
  return {
    reader,
    atr: () => bytesOf(atr),
    protocol: () => protocol,
    transmit(apdu) {
      const answer = answers[told.length];
      told.push(Uint8Array.from(apdu));
      if (answer === undefined) throw new Error('the script is over');
      return Promise.resolve(
        typeof answer === 'string' ? { ok: true, value: bytesOf(answer) } : { ok: false, error: answer },
      );
    },
    reset: () => Promise.resolve({ ok: true, value: { atr: bytesOf(atr) } }),
    told: () => told,
  };
}
