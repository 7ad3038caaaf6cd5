import type { PosPrepared } from '../../contracts/journal.ts';
import type { PosSnapshot } from '../../contracts/pos.ts';
import { fail, ok, type Failure, type Result } from '../../contracts/result.ts';
import { terminalFree } from './card-state.ts';
import { again, type CounterContext, type JournalCode } from './context.ts';

/** Why a card operation does not begin, or that nobody knows how it ended. */
export type CardStartCode =
  'terminalNotSet' | 'terminalAway' | 'terminalBusy' | 'cardAttemptOpen' | 'cardOutcomeUnknown';

/**
 * The beginning every card operation has: the terminal is free, says what it held before, and the attempt is in the journal.
 * `make` looks at the world again after the terminal was asked. On failure nothing was sent and nothing written.
 */
export async function beginCard<C extends Failure['code']>(
  context: CounterContext,
  make: (snapshot: PosSnapshot) => Result<PosPrepared, C>,
): Promise<Result<PosPrepared, C | CardStartCode | JournalCode>> {
  const free = terminalFree(context);
  if (!free.ok) return free;
  const taken = await context.ports.pos.snapshot();
  if (taken.kind === 'failed') return fail('terminalAway', { reason: taken.reason.code });
  const still = terminalFree(context);
  if (!still.ok) return still;
  const prepared = make(taken.snapshot);
  if (!prepared.ok) return prepared;
  const written = context.cards.prepare(prepared.value);
  return written.ok ? ok(prepared.value) : again(written.error);
}
