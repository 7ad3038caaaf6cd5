import { z } from 'zod';
import { idSchema } from './ids.ts';

/** What every side calls things of a meter card (docs/protocols/card.md). */

/** 8 bytes in upper-case hex. */
export const meterCardIdSchema = z.string().regex(/^[0-9A-F]{16}$/);
/** A: checks the centre's word itself. B: plain memory, with lower limits. */
export const cardClassSchema = z.enum(['A', 'B']);
export type CardClass = z.infer<typeof cardClassSchema>;
/** What the card counts: qəpik, 0.001 m³, 0.001 kWh. */
export const cardUnitSchema = z.enum(['money', 'litres', 'wattHours']);

/** A payment line that pays for a load says which. */
export const lineLoadSchema = z.object({
  loadId: idSchema,
  cardId: meterCardIdSchema,
  cardClass: cardClassSchema,
  meter: z.string().max(8),
  /** What goes onto the card, in its unit. */
  units: z.int().min(1).max(0xffffffff),
  unit: cardUnitSchema,
});
export type LineLoad = z.infer<typeof lineLoadSchema>;
