import { z } from 'zod';
import { languageSchema } from './domain.ts';

/**
 * One document for every form of paper: thermal printer, PDF, screen. A column of blocks; texts are already in the
 * payer's language. The forms decide width and fonts, never content.
 */
export const documentBlockSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('title'), text: z.string() }),
  z.object({
    kind: z.literal('text'),
    text: z.string(),
    align: z.enum(['left', 'centre']),
    strong: z.boolean(),
  }),
  /** Label left, value right, wrapped on the label's side when long. */
  z.object({ kind: z.literal('pair'), label: z.string(), value: z.string(), strong: z.boolean() }),
  z.object({ kind: z.literal('total'), label: z.string(), value: z.string() }),
  z.object({ kind: z.literal('rule') }),
  /** A mark that must be seen: `SURƏT № 2`, `STORNO`. */
  z.object({ kind: z.literal('stamp'), text: z.string() }),
  z.object({ kind: z.literal('qr'), data: z.string(), caption: z.string() }),
  z.object({ kind: z.literal('barcode'), data: z.string(), caption: z.string() }),
]);
export type DocumentBlock = z.infer<typeof documentBlockSchema>;

export const receiptDocumentSchema = z.object({
  receiptNo: z.string(),
  language: languageSchema,
  /** 0 is the original. */
  copy: z.int().min(0),
  /** What it is cut from; absent: a roll. On a card the blocks before the first rule are its face, the rest a leaflet. */
  paper: z.enum(['roll', 'card']).optional(),
  blocks: z.array(documentBlockSchema),
});
export type ReceiptDocument = z.infer<typeof receiptDocumentSchema>;
