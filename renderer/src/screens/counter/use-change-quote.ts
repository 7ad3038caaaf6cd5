import { useEffect, useState } from 'react';
import type { Qepik } from '../../../../contracts/money.ts';
import type { Pieces } from '../../../../contracts/rules/denominations.ts';
import { useHost } from '../../host/host-context.ts';

/**
 * The pieces of the change for `received`, as the core host reckons them from the drawer: undefined while unknown or
 * when there is no change, null when the drawer cannot make it. `received` undefined: nothing to ask.
 */
export function useChangeQuote(
  total: Qepik,
  received: Qepik | undefined,
  given: Pieces,
): Pieces | null | undefined {
  const { client } = useHost();
  const [quote, setQuote] = useState<{ readonly asked: string; readonly pieces: Pieces | null }>();
  const wanted = received !== undefined && received > total;
  const asked = `${received}/${given.map((piece) => `${piece.count}x${piece.denomination}`).join('+')}`;
  useEffect(() => {
    if (!wanted || received === undefined) return;
    let current = true;
    void client['basket.quoteChange']({
      received,
      receivedPieces: given.length > 0 ? [...given] : null,
    }).then((answer) => {
      if (current && answer.ok) setQuote({ asked, pieces: answer.value.pieces });
    });
    return () => {
      current = false;
    };
  }, [client, wanted, received, given, asked]);
  return wanted && quote?.asked === asked ? quote.pieces : undefined;
}
