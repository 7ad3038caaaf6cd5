import type { Tender } from '../../../contracts/journal.ts';
import { sum, type Qepik } from '../../../contracts/money.ts';

/** The part of a payment's (or storno's) money that lies in the drawer. */
export const cashIn = (tenders: readonly Tender[]): Qepik => partOf(tenders, 'cash');

/** The part that the card's bank moves. */
export const cardIn = (tenders: readonly Tender[]): Qepik => partOf(tenders, 'card');

const partOf = (tenders: readonly Tender[], kind: Tender['kind']): Qepik =>
  sum(tenders.filter((tender) => tender.kind === kind).map(({ amount }) => amount));
