import type { Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { ListCounts, NamedBadRecord } from './acknowledgement.ts';

export type AppliedList = {
  readonly listId: string;
  readonly company: string;
  readonly seq: number;
  readonly kind: 'full' | 'delta';
  readonly asOf: Instant;
  readonly counts: ListCounts;
  /** This very file had been applied before: nothing was done, this is the first answer. */
  readonly repeated: boolean;
  readonly badRecords: readonly NamedBadRecord[];
};

export type ImportCode =
  | 'participantUnknown'
  | 'listMalformed'
  | 'listHostile'
  | 'listTruncated'
  | 'listWrongCompany'
  | 'listOutOfSequence'
  | 'listUnsigned'
  | 'listSignatureWrong'
  | 'listTooManyBadRecords';

export type ImportAnswer = {
  readonly outcome: Result<AppliedList, ImportCode>;
  /** Empty only when the company is not known: there is nobody to answer. */
  readonly acknowledgement: string;
  readonly acknowledgementSignature: string | null;
};
