import { z } from 'zod';
import { idSchema } from './ids.ts';
import { loadReasonCodes } from './load-reasons.ts';
import { cardClassSchema, cardUnitSchema, meterCardIdSchema } from './meter-card.ts';

/** What the journal holds of loads of meter cards (docs/protocols/card.md). No key, code or order of the centre is in it. */

const person = z.object({ userId: idSchema, name: z.string().max(200) });
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);

/** Written before the order goes to the card: from here until `load.concluded` the card may have it. */
export const loadIntendedSchema = z.object({
  loadId: idSchema,
  cardId: meterCardIdSchema,
  cardClass: cardClassSchema,
  /** The card's counter that this order would raise. */
  counter: z.int().min(0).max(0xffffffff),
  units: z.int().min(1).max(0xffffffff),
  unit: cardUnitSchema,
  meter: z.string().max(8),
  /** The account it is for, and the payment where this till took it; a load may be finished at any till. */
  billerId: idSchema,
  account: z.string().max(40),
  paymentId: idSchema.nullable(),
  by: person,
  workstation: z.string(),
});
export type LoadIntended = z.infer<typeof loadIntendedSchema>;

/** The proof that the centre checks. */
export const loadEvidenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('s3'), answer: base64url.max(32), s3: base64url.max(32) }),
  z.object({ kind: z.literal('status'), nonce: base64url.max(32), bytes: base64url.max(400) }),
  z.object({ kind: z.literal('image'), bytes: base64url.max(400) }),
]);

/** The end of a try. After `notWritten` the load is still owed; `written` and `cancelled` end it. */
export const loadConcludedSchema = z.object({
  loadId: idSchema,
  cardId: meterCardIdSchema,
  outcome: z.enum(['written', 'notWritten', 'cancelled']),
  by: z.enum(['answer', 'status', 'centre', 'supervisor']),
  reason: z.enum(loadReasonCodes).nullable(),
  evidence: loadEvidenceSchema.nullable(),
  /** A cancellation: who consented, and why. */
  approvedBy: person.nullable(),
  note: z.string().max(300),
});
export type LoadConcluded = z.infer<typeof loadConcludedSchema>;

/** The centre has the proof that the load is on the card. */
export const loadConfirmedSchema = z.object({ loadId: idSchema });
