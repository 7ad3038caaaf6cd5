import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosReason } from '../../../contracts/pos.ts';
import type { PosAttempt, Resolution } from '../../../core/ports/pos.ts';
import type { DriverMachine } from '../driver.ts';
import { statusResponseSchema, type Parts } from './messages.ts';
import { readOutcome } from './outcome.ts';
import { reasonOf } from './reasons.ts';
import { categoryOf, statusBody, type Parties } from './requests.ts';
import { freshServiceId, serviceIdOf } from './service-id.ts';
import type { Session } from './session.ts';
import type { NexoTimings } from './timings.ts';

/** What one answer to TransactionStatus proves of an attempt. */
export type Finding =
  | { readonly kind: 'found'; readonly resolution: Resolution }
  | { readonly kind: 'notFound' | 'askAgain'; readonly reason: PosReason };

/** Reads one answer to TransactionStatus; a repeated answer must be that of this attempt and of no other. */
export function readStatus(attempt: PosAttempt, terminalId: string | null, parts: Parts): Finding {
  const read = statusResponseSchema.safeParse(parts.TransactionStatusResponse);
  if (!read.success) return { kind: 'askAgain', reason: posReason('answerUnclear') };
  const { Response: response, RepeatedMessageResponse: repeated } = read.data;
  if (response.Result !== 'Success') {
    const kind = response.ErrorCondition === 'NotFound' ? 'notFound' : 'askAgain';
    return { kind, reason: reasonOf(response) };
  }
  const header = repeated?.MessageHeader;
  if (!repeated?.RepeatedResponseMessageBody) {
    return { kind: 'askAgain', reason: posReason('answerUnclear', 'RepeatedMessageResponse') };
  }
  const serviceId = header?.ServiceID ?? serviceIdOf(attempt.attemptId);
  const category = header?.MessageCategory ?? categoryOf(attempt.kind);
  if (serviceId !== serviceIdOf(attempt.attemptId) || category !== categoryOf(attempt.kind)) {
    return { kind: 'askAgain', reason: posReason('answerUnclear', `${category} ${serviceId}`) };
  }
  const outcome = readOutcome(attempt, terminalId, repeated.RepeatedResponseMessageBody);
  switch (outcome.kind) {
    case 'made':
      return { kind: 'found', resolution: { ...outcome, kind: 'charged' } };
    case 'refused':
      return { kind: 'found', resolution: { kind: 'notCharged', reason: outcome.reason } };
    case 'unclear':
      return { kind: 'askAgain', reason: outcome.reason };
  }
}

/** When an attempt was made, by its id (UUIDv7, RFC 9562 §5.7). */
const madeAtMs = (attempt: PosAttempt): number =>
  parseInt(attempt.attemptId.replaceAll('-', '').slice(0, 12), 16);

/**
 * Asks until the terminal's word proves the outcome, or the time is up. "Not found" is believed when the terminal that was
 * asked is the one that got the request, says so twice with a pause between, and cannot have forgotten.
 */
export async function resolveAttempt(
  attempt: PosAttempt,
  parties: Parties,
  session: Session,
  machine: DriverMachine,
  timings: NexoTimings,
): Promise<Resolution> {
  const endsAt = machine.monotonicMs() + timings.resolveMs;
  const left = (): number => endsAt - machine.monotonicMs();
  let notFoundBefore = false;
  let why: PosReason = posReason('silent');
  while (left() > 0) {
    if (!(await session.ready(left()))) {
      return { kind: 'stillUnknown', reason: session.health().reason ?? posReason('unreachable') };
    }
    const terminalId = session.identity()?.terminalId ?? null;
    const answer = await session.ask(
      { category: 'TransactionStatus', serviceId: freshServiceId(), body: statusBody(parties, attempt) },
      { ms: Math.max(1, Math.min(timings.shortMs, left())) },
    );
    if (answer.kind === 'answer') {
      const finding = readStatus(attempt, terminalId, answer.parts);
      if (finding.kind === 'found') return finding.resolution;
      why = finding.reason;
      if (finding.kind === 'notFound') {
        const doubt = doubtOf(attempt, terminalId, machine.nowMs(), timings);
        if (doubt !== null) return { kind: 'stillUnknown', reason: doubt };
        if (notFoundBefore) return { kind: 'notCharged', reason: finding.reason };
      }
      notFoundBefore = finding.kind === 'notFound';
    } else {
      why = answer.reason;
      notFoundBefore = false;
    }
    const wait = notFoundBefore ? timings.settleMs : timings.askPauseMs;
    if (wait > left()) break;
    await pause(machine, wait);
  }
  return { kind: 'stillUnknown', reason: why };
}

/** Why a "not found" of this terminal proves nothing; null when it does. */
function doubtOf(
  attempt: PosAttempt,
  terminalId: string | null,
  nowMs: number,
  timings: NexoTimings,
): PosReason | null {
  const { terminalId: asked } = attempt.snapshot;
  if (asked !== null && asked !== terminalId) return posReason('otherTerminal', terminalId ?? '');
  return nowMs - madeAtMs(attempt) > timings.memoryMs ? posReason('answerUnclear', 'NotFound') : null;
}

const pause = (machine: DriverMachine, ms: number): Promise<void> =>
  new Promise((resolve) => machine.after(ms, resolve));
