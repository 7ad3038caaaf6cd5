import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  loadStep,
  owedLoad,
  type LoadEffect,
  type LoadEvent,
  type LoadEvidence,
  type LoadState,
} from './load.ts';

const s3: LoadEvidence = { kind: 's3', answer: 'AA', s3: 'BB' };
const status: LoadEvidence = { kind: 'status', nonce: 'NN', bytes: 'CC' };

function run(events: readonly LoadEvent[], from: LoadState = owedLoad) {
  let state = from;
  const effects: LoadEffect[] = [];
  for (const event of events) {
    const step = loadStep(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects: effects.map((effect) => effect.kind) };
}

const upToWriting: readonly LoadEvent[] = [
  { kind: 'begun' },
  { kind: 'authorised', counter: 7 },
  { kind: 'intended' },
];

test('a load: authorised, intended in the journal, written, recorded, confirmed', () => {
  const { state, effects } = run([
    ...upToWriting,
    { kind: 'answered', answer: { kind: 'written', evidence: s3 } },
    { kind: 'recorded' },
    { kind: 'confirmed' },
  ]);
  expect(state.stage).toBe('confirmed');
  expect(effects).toEqual(['authorise', 'appendIntent', 'write', 'append', 'confirm']);
});

test('a lost answer is unknown until the card is read; not applied: owed again', () => {
  const lost = run([...upToWriting, { kind: 'answered', answer: { kind: 'unknown', reason: 'removed' } }]);
  expect(lost.state).toMatchObject({ stage: 'unknown', reason: 'removed' });
  expect(lost.effects.at(-1)).toBe('read');
  expect(run([{ kind: 'begun' }, { kind: 'cancelled', evidence: null }], lost.state).state).toEqual(
    lost.state,
  );
  const again = run(
    [{ kind: 'found', found: 'notApplied', evidence: status }, { kind: 'recorded' }],
    lost.state,
  );
  expect(again.state).toMatchObject({ stage: 'owed', reason: 'removed' });
  const applied = run(
    [{ kind: 'found', found: 'applied', evidence: status }, { kind: 'recorded' }],
    lost.state,
  );
  expect(applied.state.stage).toBe('written');
});

test('what another till wrote is written; what the journal could not take is read again', () => {
  const elsewhere = run([{ kind: 'found', found: 'applied', evidence: null }]);
  expect(elsewhere.state.conclusion).toMatchObject({ outcome: 'written', by: 'centre' });
  expect(run([{ kind: 'notRecorded' }], elsewhere.state).state.stage).toBe('owed');
  const written = run([...upToWriting, { kind: 'answered', answer: { kind: 'written', evidence: s3 } }]);
  expect(run([{ kind: 'notRecorded' }], written.state).state.stage).toBe('unknown');
});

test('a status read while an order is at the card says nothing', () => {
  const writing = run(upToWriting).state;
  for (const found of ['applied', 'notApplied'] as const)
    expect(run([{ kind: 'found', found, evidence: status }], writing).state).toEqual(writing);
});

/**
 * A card of its own behind the machine: it applies an order at most once, and dies in between as it likes. Whatever comes in
 * whatever order, nothing is written twice for one payment, and nothing that is cancelled is on the card.
 */
test('any order of events: never two loads, never a cancelled one on the card', () => {
  const act = fc.constantFrom(
    'begun',
    'refused',
    'authorised',
    'intended',
    'notIntended',
    'answer',
    'lostBefore',
    'lostAfter',
    'resumed',
    'read',
    'cancelled',
    'recorded',
    'notRecorded',
    'confirmed',
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      let state = owedLoad;
      let onCard = 0;
      let intents = 0;
      let writes = 0;
      /** The order that the card was given and has not been proven to have missed. */
      let order = false;
      const tell = (event: LoadEvent): void => {
        const step = loadStep(state, event);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind === 'appendIntent') intents += 1;
          if (effect.kind !== 'write') continue;
          writes += 1;
          expect(writes).toBeLessThanOrEqual(intents);
          expect(onCard, 'an order is given only where the card is known not to have it').toBe(0);
          order = true;
        }
      };
      for (const one of acts) {
        const applies = (): void => {
          if (order) onCard += 1;
          order = false;
        };
        if (one === 'begun' || one === 'intended' || one === 'notIntended' || one === 'resumed')
          tell({ kind: one });
        else if (one === 'recorded' || one === 'notRecorded' || one === 'confirmed') tell({ kind: one });
        else if (one === 'refused') tell({ kind: 'refused', reason: 'centreAway' });
        else if (one === 'authorised') tell({ kind: 'authorised', counter: 1 });
        else if (one === 'answer') {
          if (state.stage !== 'writing') continue;
          applies();
          tell({ kind: 'answered', answer: { kind: 'written', evidence: s3 } });
        } else if (one === 'lostBefore' || one === 'lostAfter') {
          if (state.stage !== 'writing') continue;
          if (one === 'lostAfter') applies();
          order = false;
          tell({ kind: 'answered', answer: { kind: 'unknown', reason: 'removed' } });
        } else if (one === 'read') {
          // The reset before the reading kills an order that was not taken.
          if (state.stage !== 'writing') order = false;
          tell({ kind: 'found', found: onCard > 0 ? 'applied' : 'notApplied', evidence: status });
        } else tell({ kind: 'cancelled', evidence: null });
        expect(onCard).toBeLessThanOrEqual(1);
        if (state.stage === 'cancelled') expect(onCard).toBe(0);
        if (state.stage === 'written' || state.stage === 'confirmed') expect(onCard).toBe(1);
      }
    }),
    { numRuns: 5000 },
  );
});
