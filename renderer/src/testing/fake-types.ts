import type { Tender } from '../../../contracts/journal.ts';
import type { Pieces } from '../../../contracts/rules/denominations.ts';

export type CashTender = Extract<Tender, { kind: 'cash' }>;
export type FakePieces = Pieces;
