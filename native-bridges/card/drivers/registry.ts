import { spaced } from '../bytes.ts';
import { profileOf } from '../readers/profiles.ts';
import { failed, type Answered, type Connection } from './connection.ts';
import type { CardDriver, MeterCard } from './driver.ts';
import { memoryDriver } from './memory/memory.ts';
import { purseDriver } from './purse/purse.ts';

/** Every kind of meter card that is known here. A maker's own card is one more driver in this row. */
export const DRIVERS: readonly CardDriver[] = [purseDriver, memoryDriver];

/**
 * Which card this is: the ATR chooses the drivers, the card itself decides. To be called again after every reset. Nothing is
 * written; a card that no driver knows is only asked for, and said with its ATR.
 */
export async function recognise(
  connection: Connection,
  drivers: readonly CardDriver[] = DRIVERS,
): Promise<Answered<MeterCard>> {
  const atr = connection.atr();
  const profile = profileOf(connection.reader);
  for (const driver of drivers) {
    if (!driver.matches(atr)) continue;
    const found = await driver.probe(connection, profile);
    if (!found.ok) return found;
    if (found.value !== null) return { ok: true, value: found.value };
  }
  return failed('foreign', `ATR ${spaced(atr)}`);
}
