import { z } from 'zod';
import { decodeCommand } from '../apdu.ts';

/** Tears, as data: the card is pulled out at a command. Pure. */

export const APDU_NAMES = [
  'select',
  'status',
  'initLoad',
  'load',
  'getResponse',
  'selectType',
  'read',
  'counter',
  'present',
  'write',
  'other',
] as const;
export type ApduName = (typeof APDU_NAMES)[number];

export const tearSchema = z.object({
  /** Which command; left out: any. */
  apdu: z.enum(APDU_NAMES).optional(),
  /** The first, second … of them from now on. */
  nth: z.int().min(1).max(10_000).default(1),
  /** `before` the card has done anything, `during` (memory cards: some bytes are written), `after` it has done all of it. */
  moment: z.enum(['before', 'during', 'after']),
  /** With `during`: how many bytes. */
  bytes: z.int().min(0).max(255).default(0),
});
export type Tear = z.output<typeof tearSchema>;

const NAMES: Readonly<Record<string, ApduName>> = {
  '00A4': 'select',
  '8050': 'status',
  '8040': 'initLoad',
  '8042': 'load',
  '00C0': 'getResponse',
  FFA4: 'selectType',
  FFB0: 'read',
  FFB1: 'counter',
  FF20: 'present',
  FFD0: 'write',
};

export function nameOf(apdu: Uint8Array): ApduName {
  const command = decodeCommand(apdu);
  if (command === null) return 'other';
  const key = [command.cla, command.ins].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return NAMES[key.toUpperCase()] ?? 'other';
}

/** Counts a command down on every tear that waits for it. `strikes` is the one whose turn has come. */
export function countDown(
  tears: readonly Tear[],
  name: ApduName,
): { readonly tears: readonly Tear[]; readonly strikes: Tear | null } {
  const counted = tears.map((tear) =>
    tear.apdu === undefined || tear.apdu === name ? { ...tear, nth: tear.nth - 1 } : tear,
  );
  const strikes = counted.find(({ nth }) => nth === 0) ?? null;
  return { tears: counted.filter(({ nth }) => nth > 0), strikes };
}
