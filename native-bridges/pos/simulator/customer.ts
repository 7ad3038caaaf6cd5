import { z } from 'zod';
import { CARD_KEYS } from './cards.ts';

/** The customer in front of the terminal, as data: what he does at each thing the display asks of him, and after how long. */

export const customerActSchema = z.discriminatedUnion('act', [
  z.object({
    act: z.literal('present'),
    card: z.enum(CARD_KEYS),
    how: z.enum(['insert', 'tap']),
    /** What the host will say instead of what the card says: 0 approves. */
    hostCode: z.int().min(0).max(255).nullable(),
    /** How long the host takes; null: as set up. */
    hostMs: z.int().min(0).nullable(),
  }),
  z.object({ act: z.literal('pin'), right: z.boolean() }),
  /** The red key. */
  z.object({ act: z.literal('cancel') }),
  /** Takes the card out, whenever that is. */
  z.object({ act: z.literal('pull') }),
]);
export type CustomerAct = z.infer<typeof customerActSchema>;

/** What the terminal waits for. */
export type Prompt = 'card' | 'pin' | 'host' | 'takeCard';

const ms = z.int().min(0).max(3_600_000);
export const customerScriptSchema = z.object({
  card: z.enum(CARD_KEYS).default('visa'),
  how: z.enum(['insert', 'tap']).default('insert'),
  presentsAfterMs: ms.default(1000),
  /** One answer for each time he is asked; the last one is given again. */
  pins: z
    .array(z.enum(['right', 'wrong']))
    .min(1)
    .default(['right']),
  pinAfterMs: ms.default(1000),
  /** Where he breaks off, and how; null: he does not. A card is pulled at `pin` or `host` only. */
  breaksOff: z
    .object({ at: z.enum(['card', 'pin', 'host']), by: z.enum(['cancel', 'walkAway', 'pull']) })
    .nullable()
    .default(null),
  hostCode: z.int().min(0).max(255).nullable().default(null),
  hostMs: ms.nullable().default(null),
  /** Null: he leaves it in the slot. */
  takesCardAfterMs: ms.nullable().default(500),
});
export type CustomerScript = z.infer<typeof customerScriptSchema>;
/** A script with defaults for whatever it leaves out. */
export type CustomerWish = z.input<typeof customerScriptSchema>;

export const customerOf = (wish: CustomerWish = {}): CustomerScript => customerScriptSchema.parse(wish);

/** A good card after a second, the right PIN: who stands there when nobody plays the customer. */
export const GOOD_CUSTOMER: CustomerScript = customerOf();

export type PlannedAct = { readonly act: CustomerAct; readonly afterMs: number };

/**
 * What this customer does now.
 * @param asked how often he has been asked this in this payment before
 * @returns null when he does nothing (walked away, or nothing is to be done)
 */
export function reactionOf(script: CustomerScript, prompt: Prompt, asked: number): PlannedAct | null {
  if (script.breaksOff?.at === prompt) return breakOff(script);
  switch (prompt) {
    case 'card': {
      const { card, how, hostCode, hostMs } = script;
      return { act: { act: 'present', card, how, hostCode, hostMs }, afterMs: script.presentsAfterMs };
    }
    case 'pin': {
      const answer = script.pins[Math.min(asked, script.pins.length - 1)];
      return { act: { act: 'pin', right: answer === 'right' }, afterMs: script.pinAfterMs };
    }
    case 'host':
      return null;
    case 'takeCard':
      return script.takesCardAfterMs === null
        ? null
        : { act: { act: 'pull' }, afterMs: script.takesCardAfterMs };
  }
}

function breakOff({ breaksOff, presentsAfterMs, pinAfterMs }: CustomerScript): PlannedAct | null {
  const afterMs = breaksOff?.at === 'card' ? presentsAfterMs : Math.min(pinAfterMs, 500);
  switch (breaksOff?.by) {
    case 'cancel':
      return { act: { act: 'cancel' }, afterMs };
    case 'pull':
      return { act: { act: 'pull' }, afterMs };
    default:
      return null;
  }
}
