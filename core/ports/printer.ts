import type { ReceiptDocument } from '../../contracts/receipt.ts';

export type PrinterSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Paper. A failed print never changes money; the reason is for people. */
export type PrinterPort = {
  settings(): PrinterSettings;
  set(settings: PrinterSettings): void;
  /** Prints on the thermal printer. With `kind: 'none'` it answers not printed with a reason. `openDrawer` for cash only. */
  print(
    document: ReceiptDocument,
    openDrawer: boolean,
  ): Promise<{ readonly printed: boolean; readonly reason: string | null }>;
  /** The same document as a PDF. */
  pdf(document: ReceiptDocument): Promise<Uint8Array>;
  /** Is the device there? Asked now and then for the status strip. */
  probe(): Promise<{ readonly ready: boolean; readonly reason: string | null }>;
};
