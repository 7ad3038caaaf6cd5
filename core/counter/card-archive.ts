import { parseAmount } from '../../contracts/money.ts';
import type { CardRow, PosKind, PosOutcome } from '../../contracts/pos.ts';
import { fail, ok } from '../../contracts/result.ts';
import type { AttemptFacts, Facts } from '../facts.ts';
import type { Area } from './area.ts';
import { cardStory } from './card-story.ts';
import { again, factsOf, loggedIn, personOf, type CounterContext } from './context.ts';
import { cardRow } from './terminal-view.ts';

/** The archive: card operations of this workstation and the terminal's own papers of them, for years. */
export function cardArchiveHandlers(context: CounterContext): Area<'card.list' | 'card.get' | 'card.print'> {
  return {
    'card.list': async ({ text, kind, outcome, limit }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const facts = factsOf(context);
      const matches = matcher(facts, text);
      const rows: CardRow[] = [];
      for (const attempt of [...facts.attempts.values()].reverse()) {
        if (rows.length >= limit) break;
        if (isOf(attempt, kind, outcome) && matches(attempt)) rows.push(cardRow(context, attempt.attemptId));
      }
      return ok({ rows });
    },

    'card.get': async ({ attemptId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const attempt = factsOf(context).attempts.get(attemptId);
      return attempt ? ok(cardStory(context, attempt)) : fail('cardAttemptUnknown');
    },

    'card.print': async ({ attemptId, slip }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      if (!factsOf(context).attempts.has(attemptId)) return fail('cardAttemptUnknown');
      const copied = await context.paper.slip(attemptId, slip, personOf(user.value));
      return copied.ok ? ok({ copy: copied.value.copy }) : again(copied.error);
    },
  };
}

const isOf = (attempt: AttemptFacts, kind: PosKind | null, outcome: PosOutcome | 'open' | null): boolean =>
  (kind === null || attempt.kind === kind) &&
  (outcome === null || (attempt.concluded?.outcome ?? 'open') === outcome);

/**
 * Amount, our receipt or storno slip, or whatever the terminal calls it by: its receipt and trace numbers, reference,
 * authorisation code, card. An empty text matches all.
 */
function matcher(facts: Readonly<Facts>, text: string): (attempt: AttemptFacts) => boolean {
  const typed = text.trim().toUpperCase();
  if (typed === '') return () => true;
  const amount = parseAmount(typed);
  return (attempt) => {
    if (attempt.amount === amount || attempt.words.includes(` ${typed}`)) return true;
    const payment = facts.payments.get(attempt.paymentId);
    const storno = facts.stornos.get(attempt.concluded?.recordedAs ?? '');
    return [payment, storno].some((record) => record?.receiptNo.includes(typed) === true);
  };
}
