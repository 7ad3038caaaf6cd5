import { posReason } from '../../contracts/pos-reasons.ts';
import type { PosHealth } from '../../core/ports/pos.ts';
import type { DriverMachine, PosDriver } from './driver.ts';

/** As long as a terminal may be at what it did before, and then some. */
export const TRY_MS = 40_000;
/** A line just let go may still be taken at the terminal's end: once more by itself, as drivers do. */
const TRIES = 2;

/**
 * Whether a terminal is there and takes us: connects, registers, leaves again. A refusal is final, silence is tried twice.
 * Leaves nothing open behind; `signal` ends it early.
 */
export async function tryOut(
  driver: Pick<PosDriver, 'health' | 'open' | 'close' | 'watch'>,
  machine: Pick<DriverMachine, 'after'>,
  signal: AbortSignal,
): Promise<PosHealth> {
  let done = (_health: PosHealth): void => undefined;
  const settled = new Promise<PosHealth>((resolve) => {
    done = resolve;
  });
  let tries = 0;
  const unwatch = driver.watch((event) => {
    if (event.kind !== 'health') return;
    const { health } = event;
    if (health.state === 'ready' || health.state === 'refused') done(health);
    else if (health.state === 'away' && (tries += 1) >= TRIES) done(health);
  });
  const giveUp = (reason: PosHealth['reason']): void => done({ ...driver.health(), state: 'away', reason });
  const callOff = machine.after(TRY_MS, () => giveUp(driver.health().reason ?? posReason('silent')));
  const stop = (): void => giveUp(posReason('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    else driver.open();
    return await settled;
  } finally {
    callOff();
    signal.removeEventListener('abort', stop);
    unwatch();
    await driver.close();
  }
}
