import { createHash, randomBytes, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { uuidv7 } from '../../contracts/ids.ts';
import { fail, ok, type Failure, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import { inTransaction, type Database, type Transaction } from '../db/database.ts';
import { createAccountFilter } from './account-filter.ts';
import {
  acknowledgementXml,
  NAMED_BAD_RECORDS,
  type ListCounts,
  type NamedBadRecord,
} from './acknowledgement.ts';
import type { AppliedList, ImportAnswer, ImportCode } from './import-answer.ts';
import {
  checkSignature,
  digestFits,
  sha256Of,
  signaturePathOf,
  signFile,
  SIGNATURE_BYTES_MAX,
  type SignedDigest,
  type Signer,
} from './file-signature.ts';
import { HEAD_BYTES } from './list-format.ts';
import { readHead, type ListHead } from './list-head.ts';
import {
  acknowledgedAs,
  findExchange,
  latestList,
  lockLists,
  mergeStage,
  markDuplicates,
  recordList,
  tidyChanges,
  type Exchange,
} from './list-records.ts';
import { openStage } from './list-stage.ts';
import { parseList } from './parse-list.ts';

export type ImportOptions = {
  readonly database: Database;
  readonly filePath: string;
  /** Whose list it must be: the company's code. */
  readonly companyCode: string;
  /** Signs the acknowledgement; without it the acknowledgement is not signed. */
  readonly signer?: Signer;
  readonly nowMs?: number;
  /** Threads that parse; two when left out. */
  readonly threads?: number;
};

export type ImportProgress =
  | {
      readonly phase: 'reading';
      readonly bytes: number;
      readonly totalBytes: number;
      readonly records: number;
    }
  | { readonly phase: 'merging'; readonly records: number };

/** How far ahead of our clock a company's may be. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

class Refused extends Error {
  readonly failure: Failure<ImportCode>;
  constructor(failure: Failure<ImportCode>) {
    super(failure.code);
    this.failure = failure;
  }
}
const refuse = (code: ImportCode, detail: Readonly<Record<string, string | number>>): never => {
  throw new Refused({ code, detail });
};
const orRefuse = <T>(result: Result<T, ImportCode>): T => {
  if (result.ok) return result.value;
  throw new Refused(result.error);
};

/**
 * Takes in one list of a company: all of it in one transaction, or nothing. Streams: memory does not depend on the
 * file's size. Lists of one company wait for each other. Every list that reaches a known company is recorded with its
 * acknowledgement, whatever became of it. Throws on bugs, on a file that cannot be opened and when the database fails.
 */
export async function importList(
  options: ImportOptions,
  onProgress: (event: ImportProgress) => void = () => undefined,
): Promise<ImportAnswer> {
  const exchange = await findExchange(options.database, options.companyCode);
  if (exchange === undefined) {
    return {
      outcome: fail('participantUnknown', { participant: options.companyCode }),
      acknowledgement: '',
      acknowledgementSignature: null,
    };
  }
  const file = await open(options.filePath);
  try {
    return await importOpened(options, exchange, file, onProgress);
  } finally {
    await file.close();
  }
}

/** What is found out about a list on the way, for its record and acknowledgement. */
type Findings = {
  readonly listId: string;
  readonly receivedAt: Instant;
  readonly fileName: string;
  readonly fileBytes: number;
  head: ListHead | null;
  signed: SignedDigest | null;
  hash: string | null;
  records: number;
  bad: number;
  readonly badRecords: NamedBadRecord[];
};

async function importOpened(
  options: ImportOptions,
  exchange: Exchange,
  file: FileHandle,
  onProgress: (event: ImportProgress) => void,
): Promise<ImportAnswer> {
  const nowMs = options.nowMs ?? Date.now();
  const fresh = async (): Promise<Findings> => ({
    listId: uuidv7(nowMs, randomBytes(10)),
    receivedAt: new Date(nowMs).toISOString(),
    fileName: basename(options.filePath),
    fileBytes: (await file.stat()).size,
    head: null,
    signed: null,
    hash: null,
    records: 0,
    bad: 0,
    badRecords: [],
  });
  let findings = await fresh();
  try {
    return await inTransaction(options.database, async (transaction) => {
      findings = await fresh();
      await lockLists(transaction.client, exchange.billerId);
      return apply(options, exchange, file, nowMs, findings, transaction, onProgress);
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const failure = {
      code: error.failure.code,
      detail: { file: findings.fileName, ...error.failure.detail },
    };
    const answer = acknowledge(options, exchange, findings, null, failure);
    await inTransaction(options.database, ({ client }) =>
      recordList(client, exchange.billerId, {
        ...recordOf(findings),
        counts: null,
        refusal: failure,
        ...answer,
      }),
    );
    return { outcome: { ok: false, error: failure }, ...answer };
  }
}

async function apply(
  options: ImportOptions,
  exchange: Exchange,
  file: FileHandle,
  nowMs: number,
  findings: Findings,
  { client }: Transaction,
  onProgress: (event: ImportProgress) => void,
): Promise<ImportAnswer> {
  const start = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await file.read(start, 0, HEAD_BYTES, 0);
  const head = orRefuse(readHead(start.subarray(0, bytesRead)));
  findings.head = head;
  if (head.company !== exchange.code)
    refuse('listWrongCompany', { found: head.company, expected: exchange.code });
  const hash = createHash('sha256').update(start.subarray(0, head.bodyOffset));

  const latest = await latestList(client, exchange.billerId);
  const expected = (latest?.seq ?? 0) + 1;
  if (head.seq !== expected) {
    const first =
      head.seq < expected
        ? await acknowledgedAs(
            client,
            exchange.billerId,
            head.seq,
            await hashRest(file, head.bodyOffset, hash),
          )
        : undefined;
    if (first) return first;
    refuse('listOutOfSequence', { found: head.seq, expected });
  }
  checkTimes(head, latest, nowMs);
  findings.signed = await checkSigned(options.filePath, exchange, nowMs);

  const stage = await openStage(client, findings.listId);
  const accounts = createAccountFilter();
  const places: { recordsBefore: number; linesBefore: number }[] = [];
  let unreadable = 0;
  let bytes = head.bodyOffset;
  try {
    const parsed = await parseList({
      file,
      head,
      mask: exchange.accountMask,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      seen(part) {
        hash.update(part);
        bytes += part.length;
      },
      async take(block) {
        places[block.block] = { recordsBefore: block.recordsBefore, linesBefore: block.linesBefore };
        for (const one of block.bad) {
          if (findings.badRecords.length === NAMED_BAD_RECORDS) break;
          findings.badRecords.push({
            ...one,
            record: block.recordsBefore + one.record + 1,
            line: block.linesBefore + one.line,
          });
        }
        findings.bad += block.bad.length + block.moreBad;
        findings.records = block.recordsBefore + block.records;
        unreadable += block.unreadable;
        accounts.add(block.rows, block.keys);
        await stage.write(block.rows);
        onProgress({ phase: 'reading', bytes, totalBytes: findings.fileBytes, records: findings.records });
      },
    });
    findings.hash = hash.digest('hex');
    findings.records = orRefuse(parsed).records;
    if (findings.signed && !digestFits(findings.signed, Buffer.from(findings.hash, 'hex')))
      refuse('listSignatureWrong', { reason: 'the file is not the one that was signed' });
    if (findings.records < head.records)
      refuse('listTruncated', { found: findings.records, expected: head.records });
    if (findings.records > head.records)
      refuse('listMalformed', {
        line: 1,
        reason: `${findings.records} records where records="${head.records}" was stated`,
      });
    await stage.finish();
  } catch (error) {
    await stage.abandon();
    throw error;
  }

  const doubles = await markDuplicates(client, stage.name, accounts);
  for (const { block, record, line, account } of doubles.named) {
    const place = places[block];
    if (place)
      findings.badRecords.push({
        record: place.recordsBefore + record + 1,
        line: place.linesBefore + line,
        account,
        fault: { code: 'accountTwice', field: 'no', value: account },
      });
  }
  findings.bad += doubles.count;
  findings.badRecords.sort((a, b) => a.record - b.record).splice(NAMED_BAD_RECORDS);
  const tolerance = Math.ceil((findings.records * exchange.badTolerance) / 10_000);
  if (findings.bad > tolerance) refuse('listTooManyBadRecords', { bad: findings.bad, tolerance });

  onProgress({ phase: 'merging', records: findings.records });
  const merged = await mergeStage(client, stage.name, exchange.billerId, findings.listId, head, {
    good: findings.records - findings.bad,
    bad: findings.bad > 0,
    unreadable: unreadable > 0,
  });
  const counts = { records: findings.records, bad: findings.bad, ...merged };
  const answer = acknowledge(options, exchange, findings, counts, null);
  await recordList(client, exchange.billerId, { ...recordOf(findings), counts, refusal: null, ...answer });
  await tidyChanges(client, exchange.billerId);
  const applied: AppliedList = {
    listId: findings.listId,
    company: exchange.code,
    seq: head.seq,
    kind: head.kind,
    asOf: head.asOf,
    counts,
    repeated: false,
    badRecords: findings.badRecords,
  };
  return { outcome: ok(applied), ...answer };
}

/** Figures of the future would hide payments, and figures older than those we have would bring paid debts back. */
function checkTimes(
  head: ListHead,
  latest: { readonly asOf: Instant; readonly paymentsThrough: Instant } | undefined,
  nowMs: number,
): void {
  const malformed = (reason: string): never => refuse('listMalformed', { line: 1, reason });
  if (Date.parse(head.asOf) > nowMs + CLOCK_TOLERANCE_MS) malformed(`asOf ${head.asOf} lies in the future`);
  if (Date.parse(head.paymentsThrough) > Date.parse(head.asOf))
    malformed('paymentsThrough is later than asOf');
  if (!latest) {
    if (head.kind !== 'full') malformed('the first list of a company must be full');
    return;
  }
  if (Date.parse(head.asOf) < Date.parse(latest.asOf))
    malformed(`asOf is earlier than that of the list before, ${latest.asOf}`);
  if (Date.parse(head.paymentsThrough) < Date.parse(latest.paymentsThrough))
    malformed(`paymentsThrough is earlier than that of the list before, ${latest.paymentsThrough}`);
}

/** The digest that a valid signature vouches for; null where the company may send lists unsigned and did. */
async function checkSigned(
  filePath: string,
  exchange: Exchange,
  nowMs: number,
): Promise<SignedDigest | null> {
  const document = await readSmall(signaturePathOf(filePath));
  if (document === undefined || (exchange.unsignedAllowed && exchange.certificates.length === 0)) {
    if (!exchange.unsignedAllowed) refuse('listUnsigned', {});
    return null;
  }
  return orRefuse(checkSignature(document, basename(filePath), exchange.certificates, nowMs));
}

async function readSmall(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(SIGNATURE_BYTES_MAX + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

async function hashRest(file: FileHandle, offset: number, hash: Hash): Promise<string> {
  const bytes = Buffer.alloc(1024 * 1024);
  for (let position = offset; ;) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(bytes.subarray(0, bytesRead));
    position += bytesRead;
  }
}

function acknowledge(
  options: ImportOptions,
  exchange: Exchange,
  findings: Findings,
  counts: ListCounts | null,
  refusal: Failure<ImportCode> | null,
): { readonly acknowledgement: string; readonly acknowledgementSignature: string | null } {
  const acknowledgement = acknowledgementXml({
    listId: findings.listId,
    company: exchange.code,
    fileName: findings.fileName,
    sha256: findings.hash,
    receivedAt: findings.receivedAt,
    head: findings.head,
    signed: findings.signed !== null,
    counts,
    refusal,
    badRecords: findings.badRecords,
  });
  const name = `${findings.fileName.replace(/\.xml$/i, '')}.ack.xml`;
  return {
    acknowledgement,
    acknowledgementSignature: options.signer
      ? signFile(name, sha256Of(acknowledgement), options.signer)
      : null,
  };
}

const recordOf = (findings: Findings) => ({
  listId: findings.listId,
  head: findings.head,
  records: findings.records,
  bad: findings.bad,
  fileName: findings.fileName,
  fileBytes: findings.fileBytes,
  hash: findings.hash,
  receivedAt: findings.receivedAt,
});
