import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stornoStep, type StornoState } from './storno.ts';
import { syncEntryStep, type SyncEntry, type SyncEntryEvent } from './sync-entry.ts';
import { samplePayment, sampleStorno } from '../receipts/testing/samples.ts';

const acknowledged = {
  kind: 'acknowledged',
  outcome: 'posted',
  postedAt: '2026-11-23T10:00:00.000Z',
} as const;
const event = fc.constantFrom<SyncEntryEvent>(
  { kind: 'sent' },
  acknowledged,
  { ...acknowledged, outcome: 'case', postedAt: null },
  { kind: 'resumed', held: true },
  { kind: 'resumed', held: false },
);

test('an entry comes to rest only by the centre’s word, and the first answer stays the answer', () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state: SyncEntry = { stage: 'recorded' };
      for (const one of events) {
        const before: SyncEntry = state;
        const after: SyncEntry = syncEntryStep(before, one).state;
        state = after;
        const heard = before.stage === 'acknowledged' && before.outcome !== null;
        if (heard && !(one.kind === 'resumed' && !one.held)) expect(state).toBe(before);
        if (state.stage === 'acknowledged' && before.stage !== 'acknowledged') {
          expect(one.kind === 'acknowledged' || (one.kind === 'resumed' && one.held)).toBe(true);
        }
      }
    }),
  );
});

test('sent stays sent while answers are lost, and waits again when the centre was restored without it', () => {
  const sent = syncEntryStep({ stage: 'recorded' }, { kind: 'sent' }).state;
  expect(syncEntryStep(sent, { kind: 'sent' }).state).toBe(sent);
  const done = syncEntryStep(sent, acknowledged).state;
  expect(done).toEqual({ stage: 'acknowledged', outcome: 'posted', postedAt: acknowledged.postedAt });
  expect(syncEntryStep(done, { kind: 'resumed', held: false }).state).toEqual({ stage: 'recorded' });
});

test('a storno is written once, after its approval, and printed only when it is written', () => {
  const record = sampleStorno(samplePayment('az'));
  const asked: StornoState = { stage: 'asked' };
  expect(stornoStep(asked, { kind: 'recorded' }).state).toBe(asked);
  expect(stornoStep(asked, { kind: 'printed' }).effects).toEqual([]);
  const recording = stornoStep(asked, { kind: 'approved', record });
  expect(recording.effects).toEqual([{ kind: 'append', record }]);
  expect(stornoStep(recording.state, { kind: 'approved', record }).effects).toEqual([]);
  expect(stornoStep(recording.state, { kind: 'notRecorded' }).state).toEqual(asked);
  const recorded = stornoStep(recording.state, { kind: 'recorded' });
  expect(recorded.effects).toEqual([{ kind: 'print', stornoId: record.stornoId }]);
  const receipted = stornoStep(recorded.state, { kind: 'printed' }).state;
  for (const again of ['recorded', 'notRecorded', 'printed'] as const) {
    expect(stornoStep(receipted, { kind: again }).state).toBe(receipted);
  }
});
