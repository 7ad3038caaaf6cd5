import { expect, test } from 'vitest';
import type { EntryBody } from '../../../contracts/journal.ts';
import { cardFigures, cardWords } from './card-figures.ts';

/** Only what is counted. */
const entry = (type: EntryBody['type'], payload: object): EntryBody =>
  ({ type, payload }) as unknown as EntryBody;
const paid = (...kinds: string[]): EntryBody =>
  entry('payment.accepted', { tenders: kinds.map((kind) => ({ kind })) });
const ended = (kind: string, outcome: string, by = 'terminal'): EntryBody =>
  entry('pos.concluded', { kind, outcome, by });

test('what a journal tells of its cards', () => {
  const journal = [
    paid('cash'),
    ended('sale', 'done'),
    paid('card'),
    ended('sale', 'done', 'resolve'),
    paid('cash', 'card'),
    ended('sale', 'declined'),
    ended('sale', 'notDone', 'resolve'),
    ended('sale', 'notDone', 'resolve'),
    ended('reversal', 'declined'),
    ended('reversal', 'done', 'resolve'),
  ];
  const figures = cardFigures(journal);
  expect(figures).toEqual({
    paid: 2,
    mixed: 1,
    declined: 1,
    lost: { charged: 2, notCharged: 2 },
    reversed: 1,
  });
  expect(cardWords(figures)).toBe(
    '2 paid by card (1 with a part in cash), 1 card declined, 4 answers of the terminal lost (2 of them done), 1 charge reversed',
  );
});
