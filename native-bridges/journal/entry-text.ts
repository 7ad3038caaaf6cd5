import { idSchema } from '../../contracts/ids.ts';
import {
  ENTRY_PAYLOADS,
  signedEntrySchema,
  type EntryBody,
  type EntryPayload,
  type EntryType,
} from '../../contracts/journal.ts';

type Envelope = Pick<EntryBody, 'entryId' | 'wallTime' | 'bootId' | 'monotonicMs'>;

/**
 * The body of a new entry and the text of it that is hashed, signed and kept. Throws (zod) on what could not be read
 * back: written once, every later start would stumble over it.
 */
export function entryText<T extends EntryType>(
  type: T,
  payload: EntryPayload<T>,
  envelope: Envelope,
): { readonly body: EntryBody<T>; readonly text: string } {
  const body = {
    entryId: idSchema.parse(envelope.entryId),
    type,
    payload: ENTRY_PAYLOADS[type].parse(payload),
    wallTime: envelope.wallTime,
    bootId: envelope.bootId,
    monotonicMs: envelope.monotonicMs,
    // The schema of this very type made the payload; the compiler does not follow that through a generic index.
  } as EntryBody<T>;
  const text = signedEntrySchema.shape.body.parse(JSON.stringify(body));
  return { body, text };
}

/** Whether two payloads say the same, field order included: both come from the same schema. */
export const sayTheSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
