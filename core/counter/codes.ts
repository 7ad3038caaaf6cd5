import { registrationCode } from '../../contracts/rules/damm.ts';
import { factsOf, type CounterContext } from './context.ts';

/**
 * Registration codes out of the leased blocks. Which are used is known from the journal alone, so that a code is never
 * given twice, whatever became of the replica.
 */

/** The next free code, lowest first; undefined when the blocks are used up. */
export function nextCode(context: CounterContext): string | undefined {
  const { usedSerials } = factsOf(context);
  for (const { firstSerial, lastSerial } of context.ports.replica.codeBlocks()) {
    for (let serial = firstSerial; serial <= lastSerial; serial += 1) {
      if (!usedSerials.has(serial)) return registrationCode(serial);
    }
  }
  return undefined;
}

/** How many codes are left to give. */
export function freeCodes(context: CounterContext): number {
  const { usedSerials } = factsOf(context);
  const blocks = context.ports.replica.codeBlocks();
  const leased = blocks.reduce(
    (total, { firstSerial, lastSerial }) => total + lastSerial - firstSerial + 1,
    0,
  );
  let used = 0;
  for (const serial of usedSerials) {
    if (blocks.some(({ firstSerial, lastSerial }) => firstSerial <= serial && serial <= lastSerial))
      used += 1;
  }
  return leased - used;
}
