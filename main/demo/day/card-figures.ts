import type { EntryBody } from '../../../contracts/journal.ts';

/** What a day's journal tells of its cards, in numbers for a person. */
export type CardFigures = {
  readonly paid: number;
  /** Of those paid: with a part in cash. */
  readonly mixed: number;
  readonly declined: number;
  /** The answer was lost and the terminal asked: it had charged the card (or given the money back), or it had not. */
  readonly lost: { readonly charged: number; readonly notCharged: number };
  readonly reversed: number;
};

export function cardFigures(journal: readonly EntryBody[]): CardFigures {
  const last = journal.flatMap((body) => (body.type === 'pos.concluded' ? [body.payload] : []));
  const payments = journal.flatMap((body) =>
    body.type === 'payment.accepted' && body.payload.tenders.some(({ kind }) => kind === 'card')
      ? [body.payload]
      : [],
  );
  const asked = last.filter(({ by }) => by === 'resolve');
  const charged = asked.filter(({ outcome }) => outcome === 'done').length;
  return {
    paid: payments.length,
    mixed: payments.filter(({ tenders }) => tenders.some(({ kind }) => kind === 'cash')).length,
    declined: last.filter(({ outcome, kind }) => outcome === 'declined' && kind === 'sale').length,
    lost: { charged, notCharged: asked.length - charged },
    reversed: last.filter(({ outcome, kind }) => outcome === 'done' && kind !== 'sale').length,
  };
}

export const cardWords = ({ paid, mixed, declined, lost, reversed }: CardFigures): string =>
  [
    `${paid} paid by card (${mixed} with a part in cash)`,
    many(declined, 'card declined', 'cards declined'),
    `${many(lost.charged + lost.notCharged, 'answer', 'answers')} of the terminal lost (${lost.charged} of them done)`,
    many(reversed, 'charge reversed', 'charges reversed'),
  ].join(', ');

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;
