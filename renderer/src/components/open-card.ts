import type { PosAttemptView } from '../../../contracts/ipw.ts';
import { showAttempt, showCard } from '../host/window-store.ts';

/** What is being done about a card that is not settled: its outcome is asked for, or it is known and something follows. */
export const doingOf = ({
  stage,
  decided,
}: Pick<PosAttemptView, 'stage' | 'decided'>): 'asking' | 'recording' | 'reversing' =>
  stage !== 'concluded' ? 'asking' : decided ? 'reversing' : 'recording';

/** Opens one: to ask and decide while nobody knows, else its story. */
export function openCard(attempt: PosAttemptView): void {
  if (doingOf(attempt) === 'asking') showAttempt(attempt.attemptId);
  else showCard(attempt.attemptId);
}
