import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_RECEIPTS, type PosKind, type PosResult } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import { qepik } from '../../contracts/money.ts';
import {
  attemptStep,
  pauseBefore,
  preparedAttempt,
  type AttemptEffect,
  type AttemptEvent,
  type AttemptState,
} from './pos-attempt.ts';

const AMOUNT = qepik(6925);
const result = (amount: number): PosResult => ({
  amount: qepik(amount),
  currency: 'AZN',
  terminalId: '52001234',
  receiptNo: '0042',
  trace: '000042',
  reference: null,
  authCode: '123456',
  cardName: 'Visa',
  maskedPan: '416973******1234',
  terminalTime: null,
});
const reason = posReason('lineLost');

const amount = fc.constantFrom(AMOUNT, AMOUNT, AMOUNT, 6926);
/** Whatever a driver, a journal, a supervisor and a power cut can say, in any order, as often as they like. */
const event: fc.Arbitrary<AttemptEvent> = fc.oneof(
  fc.constant<AttemptEvent>({ kind: 'sent' }),
  fc.constant<AttemptEvent>({ kind: 'authorised' }),
  amount.map((sum): AttemptEvent => ({
    kind: 'answered',
    answer: { kind: 'confirmed', result: result(sum), receipts: NO_RECEIPTS },
  })),
  fc.constantFrom<AttemptEvent>(
    { kind: 'answered', answer: { kind: 'declined', reason, receipts: NO_RECEIPTS } },
    { kind: 'answered', answer: { kind: 'notSent', reason } },
    { kind: 'answered', answer: { kind: 'unknown', reason } },
    { kind: 'resumed' },
    { kind: 'resolved', resolution: { kind: 'notCharged', reason } },
    { kind: 'resolved', resolution: { kind: 'stillUnknown', reason } },
    { kind: 'decided', decision: 'otherTender' },
    { kind: 'decided', decision: 'manual' },
    { kind: 'recorded' },
    { kind: 'recorded' },
    { kind: 'notRecorded' },
  ),
  amount.map((sum): AttemptEvent => ({
    kind: 'resolved',
    resolution: { kind: 'charged', result: result(sum), receipts: NO_RECEIPTS },
  })),
);

type Walk = {
  readonly state: AttemptState;
  readonly event: AttemptEvent;
  readonly effects: readonly AttemptEffect[];
};

function walk(kind: PosKind, events: readonly AttemptEvent[]): { end: AttemptState; steps: Walk[] } {
  let state = preparedAttempt(kind, AMOUNT);
  const steps: Walk[] = [];
  for (const one of events) {
    const next = attemptStep(state, one);
    steps.push({ state, event: one, effects: next.effects });
    state = next.state;
  }
  return { end: state, steps };
}

const kinds = fc.constantFrom<PosKind>('sale', 'sale', 'reversal', 'refund');
const reached = new Set<string>();

test('whatever happens in whatever order: one last word, on evidence, and the money follows it exactly', () => {
  fc.assert(
    fc.property(kinds, fc.array(event, { minLength: 3, maxLength: 40 }), (kind, events) => {
      const { end, steps } = walk(kind, events);
      const effects = steps.flatMap((one) => one.effects);
      const concludedAt = steps.findIndex(
        (one) => one.state.stage === 'concluding' && one.event.kind === 'recorded',
      );
      reached.add(`${end.stage} ${end.conclusion?.outcome ?? ''}`);

      // After the last word nothing changes any more.
      if (concludedAt >= 0) {
        expect(end.stage).toBe('concluded');
        expect(steps.slice(concludedAt + 1).flatMap((one) => one.effects)).toEqual([]);
      }
      // Nothing is ever sent again: no effect sends.
      expect(effects.every((one) => ['append', 'askAfter', 'record', 'reverse'].includes(one.kind))).toBe(
        true,
      );
      // The money is written down once, after a `done` that is in the journal, for the right amount, undecided.
      const follows = effects.filter((one) => one.kind === 'record' || one.kind === 'reverse');
      const done = end.stage === 'concluded' && end.conclusion?.outcome === 'done';
      if (!done) expect(follows).toEqual([]);
      else {
        expect(end.conclusion.result?.amount).toBe(AMOUNT);
        const what = end.decision === null || kind !== 'sale' ? 'record' : 'reverse';
        expect(follows.map((one) => one.kind)).toEqual([what]);
        expect(end.conclusion.records).toBe(what === 'record');
      }
      for (const { state, event: cause, effects: made } of steps) {
        for (const effect of made) {
          if (effect.kind !== 'append') continue;
          const { outcome } = effect.conclusion;
          // `done` only by the terminal's word; `declined` never after our yes; `notDone` after it only when asked.
          if (outcome === 'done')
            expect(
              (cause.kind === 'answered' && cause.answer.kind === 'confirmed') ||
                (cause.kind === 'resolved' && cause.resolution.kind === 'charged'),
            ).toBe(true);
          if (outcome === 'declined') expect(state.authorised).toBe(false);
          if (outcome === 'notDone' && state.authorised) expect(cause.kind).toBe('resolved');
          if (outcome === 'manual')
            expect(
              state.decision === 'manual' || (cause.kind === 'decided' && cause.decision === 'manual'),
            ).toBe(true);
        }
        // Whoever does not know goes on asking.
        const after = attemptStep(state, cause).state;
        if (after.stage === 'unknown' && state.stage !== 'unknown')
          expect(made.some((effect) => effect.kind === 'askAfter')).toBe(true);
      }
    }),
    { numRuns: 5000 },
  );
  // A walk that never gets there would prove nothing.
  for (const end of [
    'concluded done',
    'concluded declined',
    'concluded notDone',
    'concluded manual',
    'unknown ',
  ])
    expect(reached).toContain(end);
});

test('another amount than was asked for is never booked, however often the terminal says so', () => {
  let state = attemptStep(preparedAttempt('sale', AMOUNT), { kind: 'sent' }).state;
  const answer = { kind: 'confirmed', result: result(AMOUNT + 1), receipts: NO_RECEIPTS } as const;
  state = attemptStep(state, { kind: 'answered', answer }).state;
  expect(state.stage).toBe('unknown');
  const resolution = { kind: 'charged', result: result(AMOUNT + 1), receipts: NO_RECEIPTS } as const;
  for (let i = 0; i < 5; i += 1) state = attemptStep(state, { kind: 'resolved', resolution }).state;
  expect([state.stage, state.asks]).toEqual(['unknown', 5]);
  expect(attemptStep(state, { kind: 'decided', decision: 'manual' }).state.conclusion?.outcome).toBe(
    'manual',
  );
});

test('pauses between questions grow to a minute and stay there', () => {
  const pauses = Array.from({ length: 12 }, (_, asks) => pauseBefore(asks));
  expect(pauses[0]).toBe(0);
  expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
  expect(pauses.at(-1)).toBe(60_000);
});
