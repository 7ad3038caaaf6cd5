import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type { ipwContract } from '../../../contracts/ipw.ts';
import { useHost } from '../host/host-context.ts';
import { tell } from '../host/window-store.ts';

export type ReceiptView = z.output<(typeof ipwContract)['receipts.get']['output']>;

/** The receipt of a payment, asked for when the payment or `version` (a copy more, a storno) changes. */
export function useReceipt(paymentId: string | null, version: string | number = 0): ReceiptView | null {
  const { client } = useHost();
  const [receipt, setReceipt] = useState<ReceiptView | null>(null);
  useEffect(() => {
    if (paymentId === null) return;
    let current = true;
    void client['receipts.get']({ paymentId }).then((answer) => {
      if (!current) return;
      if (answer.ok) setReceipt(answer.value);
      else tell(answer.error);
    });
    return () => {
      current = false;
    };
  }, [client, paymentId, version]);
  return receipt?.payment.paymentId === paymentId ? receipt : null;
}
