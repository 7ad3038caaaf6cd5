import type { PaymentRequest } from '../../contracts/centre.ts';
import type { EntryOutcome } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Database } from '../db/database.ts';
import { clearingOf } from '../ledger/accounts.ts';
import { sha256 } from '../registry/identity.ts';
import type { Device } from '../registry/workstations.ts';
import { groupCommit } from './group-commit.ts';
import {
  EMPTY_BATCH,
  deadlocked,
  isTaken,
  postAlone,
  postBatch,
  refusedData,
  type Posted,
  type PostingBatch,
} from './post-batch.ts';

type Question = { readonly device: Device; readonly request: PaymentRequest; readonly hash: string };

export type AcceptAnswer = {
  readonly paymentId: string;
  readonly outcome: EntryOutcome;
  readonly postedAt: Instant;
};
export type AcceptCode = 'idempotencyConflict' | 'notAllowed' | 'inputInvalid' | 'tooManyRequests';

export type AcceptPayment = {
  /** Posts one payment of a channel; the same id and content again gets the first answer. */
  accept(device: Device, request: PaymentRequest): Promise<Result<AcceptAnswer, AcceptCode>>;
  /** Waits until everything accepted so far has its answer. */
  idle(): Promise<void>;
};

/** How many payments share a statement, how many may wait for theirs, how many statements run at once. */
export type AcceptLimits = { readonly maxBatch: number; readonly maxWaiting: number; readonly lanes: number };
export const ACCEPT_LIMITS: AcceptLimits = { maxBatch: 256, maxWaiting: 4096, lanes: 2 };

/** The one way in for every channel that has no journal of its own. Payments that arrive together are posted together. */
export function acceptPayments(database: Database, limits: AcceptLimits = ACCEPT_LIMITS): AcceptPayment {
  const group = groupCommit<Question, Posted>({ ...limits, run: (batch) => postTogether(database, batch) });
  return {
    idle: () => group.idle(),
    async accept(device, request) {
      const refusal = judge(device, request);
      if (refusal) return refusal;
      if (device.participantStatus !== 'live' && !(await isKnown(database, request.paymentId)))
        return fail('notAllowed');
      const answer = group.submit({ device, request, hash: sha256(JSON.stringify(request)) });
      if (answer === 'full') return fail('tooManyRequests', { seconds: 1 });
      try {
        const { conflict, outcome, postedAt } = await answer;
        return conflict
          ? fail('idempotencyConflict')
          : ok({ paymentId: request.paymentId, outcome, postedAt });
      } catch (error) {
        // A line's id that another payment has already used: an id that means something else.
        if (isTaken(error)) return fail('idempotencyConflict');
        if (refusedData(error)) return fail('inputInvalid', { reason: 'a value cannot be stored' });
        throw error;
      }
    },
  };
}

/** Is a payment there already: its first answer is owed to whoever took it, whatever has become of them since. */
async function isKnown({ db }: Database, paymentId: string): Promise<boolean> {
  const found = await db
    .selectFrom('payment')
    .select('payment_id')
    .where('payment_id', '=', paymentId)
    .executeTakeFirst();
  return found !== undefined;
}

function judge(
  device: Device,
  { channel, lines, total }: PaymentRequest,
): Result<never, AcceptCode> | undefined {
  // Counter money comes through the journal, where it is on record before the receipt is.
  if (channel === 'counter' || !device.channels.includes(channel)) return fail('notAllowed');
  const sum = lines.reduce((all, line) => all + line.amount + line.fee, 0);
  if (sum !== total) return fail('inputInvalid', { reason: 'total: not the sum of the lines and fees' });
  if (new Set(lines.map((line) => line.lineId)).size !== lines.length) {
    return fail('inputInvalid', { reason: 'lines: a lineId twice' });
  }
  return undefined;
}

/**
 * All in one statement. If the database refuses the data of one, each half by itself, down to the one: its neighbours are
 * served, and a few that are spoiled do not cost a statement for every one that is not.
 */
async function postTogether(
  database: Database,
  batch: readonly Question[],
): Promise<readonly PromiseSettledResult<Posted>[]> {
  const [first] = batch;
  if (first && batch.length === 1) {
    const [answer] = await Promise.allSettled([postAlone(() => postBatch(database.pool, toBatch([first])))]);
    return [answer.status === 'fulfilled' ? settled(answer.value[0]) : answer];
  }
  try {
    const posted = new Map((await postBatch(database.pool, toBatch(batch))).map((one) => [one.i, one]));
    return batch.map((_, i) => settled(posted.get(i)));
  } catch (error) {
    if (!refusedData(error) && !deadlocked(error)) throw error;
  }
  const middle = Math.ceil(batch.length / 2);
  const answers: PromiseSettledResult<Posted>[] = [];
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    try {
      answers.push(...(await postTogether(database, half)));
    } catch (reason) {
      // The other half may have been posted: each answers for itself.
      answers.push(...half.map(() => ({ status: 'rejected', reason }) as const));
    }
  }
  return answers;
}

const settled = (posted: Posted | undefined): PromiseSettledResult<Posted> =>
  posted
    ? { status: 'fulfilled', value: posted }
    : { status: 'rejected', reason: new Error('a payment was left without an answer') };

function toBatch(batch: readonly Question[]): PostingBatch {
  return {
    ...EMPTY_BATCH,
    payments: batch.map(({ device, request, hash }, i) => ({
      i,
      id: request.paymentId,
      hash,
      channel: request.channel,
      device: device.deviceId,
      participant: device.participantId,
      shift: null,
      date: request.businessDate,
      receipt: request.reference,
      code: request.subscriberCode,
      total: request.total,
      fees: request.lines.reduce((sum, line) => sum + line.fee, 0),
      currency: request.currency,
      taken: request.takenAt,
      debit: clearingOf(request.channel, device.participantId),
    })),
    lines: batch.flatMap(({ device, request }, i) =>
      request.lines.map((line, index) => ({
        i,
        p: request.paymentId,
        n: index + 1,
        id: line.lineId,
        b: line.billerId,
        a: line.account,
        m: line.amount,
        f: line.fee,
        bill: line.billNo,
        d: device.district,
      })),
    ),
  };
}
